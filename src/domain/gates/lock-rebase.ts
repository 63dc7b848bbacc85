import { blocked, defineGate, passed } from './gate.ts'

export const lockRebaseGate = defineGate<{
  readonly waited: boolean
  readonly planBase: string
  readonly currentBase: string
  readonly changed: readonly string[]
}>({
  name: 'lock-rebase',
  redLine: 8,
  title: 'A run that had to wait never executes on its old base',
  judge({ waited, planBase, currentBase, changed }) {
    if (!waited) return passed('the run did not wait for a lock')
    if (planBase === currentBase) return passed('the run waited and the base did not move')
    if (changed.length === 0) return passed('the run waited; the base moved, none of its paths did')
    return blocked(`the run waited for a lock and its base changed: ${changed.slice(0, 5).join(', ')}`)
  },
})
