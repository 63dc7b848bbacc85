import { blocked, defineGate, passed } from './gate.ts'

export const lightOnceGate = defineGate<{
  readonly waited: boolean
  /** Grants to execute this very plan, and whether anything was delivered from them. */
  readonly executions: number
  readonly delivered: boolean
}>({
  name: 'light-once',
  redLine: null,
  title: 'A dry run stands for one execution, right after the approval, and only where none was begun',
  judge({ waited, executions, delivered }) {
    if (delivered) return blocked('the plan was executed before')
    if (executions > 0) return blocked('a job to execute the plan was begun')
    return waited ? blocked('the run had to wait for a lock') : passed('nothing came between approval and execution')
  },
})
