import type { Policy } from '../control/policy.ts'
import type { CommandMeasure, StepReceipt } from '../receipt.ts'
import { blocked, defineGate, passed } from './gate.ts'

/** Where the checkout lies in the sandbox: what stands there belongs to the change, not to the machine. */
const CHECKOUT = '/work/'

const NAMED = 5

type Program = CommandMeasure['binary']
type Change = { readonly step: string; readonly before: Program; readonly after: Program }

/**
 * A machine's tools are renewed between approval and execution, and a policy says whether that may be. A program of the
 * checkout is part of what was approved, whether a commit or `prepare` brought it.
 */
export const toolchainGate = defineGate<{
  readonly tried: readonly StepReceipt[]
  readonly executed: readonly StepReceipt[]
  readonly change: Policy['toolchainChange']
}>({
  name: 'toolchain',
  redLine: null,
  title: 'The programs that are executed are those of the dry run that was approved',
  judge({ tried, executed, change }) {
    if (tried.length === 0) return passed('no dry run on record here ran any program')
    const changes = executed.flatMap((receipt) => changeOf(receipt, tried))
    const own = changes.find(({ before, after }) => [before, after].some(({ path }) => path.startsWith(CHECKOUT)))
    if (own !== undefined) return blocked(`a program of the checkout is another one than in the dry run: ${said(own)}`)
    const [first] = changes
    if (first === undefined) return passed('every program has the path and the bytes that it had in the dry run')
    if (change !== 'record')
      return blocked(
        `the machine has another program than the dry run had: ${said(first)}; plan again, or let the policy say \`toolchainChange: record\``,
      )
    const more = changes.length > NAMED ? ` and ${changes.length - NAMED} more` : ''
    return passed(
      `the machine has other programs than the dry run had: ${changes.slice(0, NAMED).map(said).join(', ')}${more}`,
    )
  },
})

function changeOf({ step, command }: StepReceipt, tried: readonly StepReceipt[]): readonly Change[] {
  const before = tried.find((one) => one.step === step)?.command?.binary
  if (command === null || before === undefined) return []
  const after = command.binary
  return before.path === after.path && before.sha256 === after.sha256 ? [] : [{ step, before, after }]
}

function said({ step, before, after }: Change): string {
  const path = before.path === after.path ? after.path : `${before.path} → ${after.path}`
  return `${step} ${path} (sha256 ${before.sha256.slice(0, 10)} → ${after.sha256.slice(0, 10)})`
}
