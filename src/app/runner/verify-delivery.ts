import { matchesAny } from '../../domain/control/glob.ts'
import type { Envelope } from '../../domain/dsse.ts'
import type { Grant } from '../../domain/grant.ts'
import { hashOf, type ObjectId, type Sha256 } from '../../domain/hash.ts'
import { capabilityUsed, pathsGranted } from '../../domain/job-capabilities.ts'
import type { RunStep, Step } from '../../domain/packs/plan.ts'
import { type CommandMeasure, DELIVERY_TYPE, Delivery, STEP_RECEIPT_TYPE, StepReceipt } from '../../domain/receipt.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import type { OpenEnvelope } from '../ports.ts'
import { openStatement } from './statements.ts'

/** The job that a Grant was claimed by: the key it gave then, and the steps of the draft or plan that the Grant names. */
export type ClaimedJob = { readonly grant: Grant; readonly steps: readonly Step[]; readonly runnerKey: string }

export type DeliveryRefusal = { readonly rule: 'receipt' | 'delivery'; readonly because: string }

/** A receipt that was verified, with the hash that the next one names as `previous`. */
export type VerifiedReceipt = { readonly receipt: StepReceipt; readonly sha256: Sha256 }

type Verified = { readonly delivery: Delivery; readonly receipts: readonly StepReceipt[] }

/** Whether this is the receipt that comes next in the job's chain. */
export function verifyReceipt(
  open: OpenEnvelope,
  job: ClaimedJob,
  envelope: Envelope,
  before: VerifiedReceipt | null,
): Result<VerifiedReceipt, DeliveryRefusal> {
  const receipt = openStatement(open, { envelope, publicKey: job.runnerKey }, STEP_RECEIPT_TYPE, StepReceipt)
  if (receipt === undefined)
    return refuse({ rule: 'receipt', because: 'a receipt is not signed by the key of this job' })
  const fault = belongingFault(receipt, job) ?? placeFault(receipt, job, before)
  if (fault !== undefined) return refuse({ rule: 'receipt', because: `the receipt of ${receipt.step}: ${fault}` })
  return ok({ receipt, sha256: hashOf(envelope) })
}

function belongingFault(receipt: StepReceipt, { grant }: ClaimedJob): string | undefined {
  if (receipt.grant !== grant.id) return `it is of Grant ${receipt.grant}`
  if (receipt.run !== grant.run) return `it is of run ${receipt.run}`
  return receipt.purpose === grant.purpose ? undefined : `it is of a ${receipt.purpose} job`
}

function placeFault(receipt: StepReceipt, job: ClaimedJob, before: VerifiedReceipt | null): string | undefined {
  const link = before === null ? { index: 0, sha256: null, tree: job.grant.base.tree } : linkOf(before)
  if (typeof link === 'string') return link
  const step = job.steps[link.index]
  if (step === undefined || !isOf(receipt, step, link.index)) return `step ${link.index} is ${step?.id ?? 'none'}`
  return permissionFault(receipt, step, job.grant) ?? linkFault(receipt, link) ?? commandFault(receipt, step)
}

/** What a step was allowed and given. */
function permissionFault(receipt: StepReceipt, step: Step, grant: Grant): string | undefined {
  if (receipt.capability !== capabilityUsed(step, grant.capabilities)) return 'it names another capability'
  return budgetFault(receipt, step, grant)
}

function linkFault({ previous, treeBefore }: StepReceipt, { sha256, tree }: Link): string | undefined {
  if (previous !== sha256) return 'it does not follow the receipt before it'
  return treeBefore === tree ? undefined : 'it begins with another tree'
}

function isOf(receipt: StepReceipt, step: Step, index: number): boolean {
  return receipt.index === index && receipt.step === step.id && receipt.kind === step.is
}

/** What a step drew on, it was given by the Grant; and what it says it used is what was measured. */
function budgetFault({ budgets = [], command, outcome }: StepReceipt, step: Step, grant: Grant): string | undefined {
  const { stepWallMs, outputBytes } = grant.limits
  const given = new Map([
    ['paths', pathsGranted(grant)],
    ['wall-ms', stepWallMs],
    ['output-bytes', outputBytes],
  ])
  const used = usedBy(step, command)
  for (const { of, reserved, settled } of budgets) {
    const most = given.get(of)
    if (most === undefined) return `a step has no budget of ${of}`
    if (reserved > most) return `it reserved ${reserved} of ${of}; the Grant gives ${most}`
    const measured = used.get(of) ?? settled
    if (outcome.is === 'done' && settled !== measured) return `it settled ${settled} of ${of}; used were ${measured}`
  }
  return undefined
}

/** What the rest of a receipt tells of the use of a budget: all but the time. */
function usedBy(step: Step, command: CommandMeasure | null): ReadonlyMap<string, number> {
  if (step.is === 'edit') return new Map([['paths', step.edits.length]])
  return new Map(command === null ? [] : [['output-bytes', command.stdout.bytes + command.stderr.bytes]])
}

type Link = { readonly index: number; readonly sha256: Sha256 | null; readonly tree: ObjectId }

function linkOf({ receipt, sha256 }: VerifiedReceipt): Link | string {
  if (receipt.outcome.is !== 'done') return 'it comes after a step that failed'
  return { index: receipt.index + 1, sha256, tree: receipt.treeAfter }
}

/** A command that ended as it should is measured, with the words that the plan has. */
type CommandStep = Exclude<Step, { is: 'edit' }>

function commandFault({ command, outcome }: StepReceipt, step: Step): string | undefined {
  if (step.is === 'edit') return command === null ? undefined : 'an edit has no command'
  if (command === null) return outcome.is === 'done' ? 'no command was measured' : undefined
  if (hashOf(command.argv) !== hashOf(step.argv)) return 'another command was run'
  if (!isNetworkOf(step, command.network)) return 'the command had another network'
  return outcome.is === 'done' && command.exitCode !== 0 ? 'the command did not exit with 0' : undefined
}

/** The proxy let a command through to no other hosts than the step names. */
function isNetworkOf(step: CommandStep, network: CommandMeasure['network']): boolean {
  const hosts = step.hosts ?? []
  if (hosts.length === 0) return network === 'none'
  return typeof network === 'object' && hashOf(network.hosts) === hashOf(hosts)
}

/**
 * Whether a delivery and all its receipts are what the job that claimed this Grant signed, complete and in order. It says
 * that the words are the job's; whether they are good enough is for the gates.
 */
export function verifyDelivery(
  open: OpenEnvelope,
  job: ClaimedJob,
  envelope: Envelope,
  receipts: readonly Envelope[],
): Result<Verified, DeliveryRefusal> {
  const delivery = openStatement(open, { envelope, publicKey: job.runnerKey }, DELIVERY_TYPE, Delivery)
  if (delivery === undefined) return refuse({ rule: 'delivery', because: 'it is not signed by the key of this job' })
  if (delivery.grant !== job.grant.id) return refuse({ rule: 'delivery', because: `it is of Grant ${delivery.grant}` })
  const chain = verifyChain(open, job, receipts)
  if (!chain.ok) return chain
  const fault = deliveryFault(delivery, chain.value, job)
  if (fault !== undefined) return refuse({ rule: 'delivery', because: fault })
  return ok({ delivery, receipts: chain.value.map((verified) => verified.receipt) })
}

function verifyChain(
  open: OpenEnvelope,
  job: ClaimedJob,
  receipts: readonly Envelope[],
): Result<readonly VerifiedReceipt[], DeliveryRefusal> {
  const chain: VerifiedReceipt[] = []
  for (const envelope of receipts) {
    const verified = verifyReceipt(open, job, envelope, chain.at(-1) ?? null)
    if (!verified.ok) return verified
    chain.push(verified.value)
  }
  return ok(chain)
}

function deliveryFault(delivery: Delivery, chain: readonly VerifiedReceipt[], job: ClaimedJob): string | undefined {
  const named = hashOf(delivery.receipts)
  if (named !== hashOf(chain.map((verified) => verified.sha256))) return 'it names other receipts than there are'
  const last = chain.at(-1)?.receipt
  return (
    logFault(delivery, chain) ??
    (delivery.outcome.is === 'done' ? doneFault(delivery, chain, job) : failedFault(delivery, last))
  )
}

function doneFault(
  delivery: Delivery,
  chain: readonly VerifiedReceipt[],
  { grant, steps }: ClaimedJob,
): string | undefined {
  const last = chain.at(-1)?.receipt
  if (chain.length !== steps.length || last?.outcome.is !== 'done') return 'not every step has a receipt that says done'
  if (delivery.tree !== last.treeAfter) return 'its tree is not the one after the last step'
  if (grant.purpose === 'execute' && delivery.tree !== grant.predictedTree) return 'its tree is not the approved one'
  return frozenFault(delivery, { grant, steps })
}

/** A finished dry run hands over the outputs of each `run` step, in order. */
function frozenFault(delivery: Delivery, { grant, steps }: Pick<ClaimedJob, 'grant' | 'steps'>): string | undefined {
  if (grant.purpose === 'execute') return undefined
  const declared = steps.filter((step) => step.is === 'run').map((step) => step.id)
  const handed = delivery.frozen.map((frozen) => frozen.step)
  if (hashOf(declared) !== hashOf(handed)) return 'it does not hold the outputs of every run step'
  const stray = steps.flatMap((step) => (step.is === 'run' ? strayOutputs(step, delivery) : []))
  return stray[0] === undefined ? undefined : `it holds ${JSON.stringify(stray[0])}, which is not a declared output`
}

function strayOutputs({ id, outputs }: RunStep, { frozen }: Delivery): readonly string[] {
  const edits = frozen.flatMap((one) => (one.step === id ? one.edits : []))
  return edits.map(({ path }) => path).filter((path) => !matchesAny(outputs, path))
}

function failedFault({ outcome }: Delivery, last: StepReceipt | undefined): string | undefined {
  const failing = last?.outcome.is === 'failed' ? last.step : null
  const said = outcome.is === 'failed' ? outcome.step : null
  return said === failing
    ? undefined
    : `it says that ${said ?? 'no step'} failed, the receipts say ${failing ?? 'none'}`
}

function logFault({ logs }: Delivery, chain: readonly VerifiedReceipt[]): string | undefined {
  const measured = chain.flatMap(({ receipt: { step, command } }) =>
    command === null ? [] : [{ step, stdout: command.stdout.sha256, stderr: command.stderr.sha256 }],
  )
  return hashOf(measured) === hashOf(logs) ? undefined : 'its logs are not those of the receipts'
}
