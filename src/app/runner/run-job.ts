import { toEpochMs } from '../../domain/clock.ts'
import type { Envelope } from '../../domain/dsse.ts'
import type { ObjectId } from '../../domain/hash.ts'
import { hashOf, type Sha256 } from '../../domain/hash.ts'
import type { Instant } from '../../domain/ids.ts'
import { pathsGranted } from '../../domain/job-capabilities.ts'
import {
  type BudgetUse,
  DELIVERY_TYPE,
  Delivery,
  STEP_RECEIPT_TYPE,
  type StepOutcome,
  StepReceipt,
} from '../../domain/receipt.ts'
import { type Result, refuse } from '../../domain/result.ts'
import { settleReads } from '../settle-reads.ts'
import { type StepLog, timeOf } from './command.ts'
import { DeskDeclined, keeper } from './keeper.ts'
import { leakIn } from './leak.ts'
import { type JobExpected, type JobRefusal, type Mission, readMission } from './mission.ts'
import { type Frozen, performStep, type StepEnd } from './perform-step.ts'
import { pinnedKeysFault } from './pinned-keys.ts'
import type { BaseCheckout, DeskRefusal, JobPorts } from './ports.ts'
import type { ClaimAnswer } from './protocol.ts'
import { type CheckedStep, editsOf, rehearse } from './rehearse.ts'
import { fetchContents, openScene, type Scene, type Stage } from './scene.ts'
import { sealStatement } from './statements.ts'

export type Job = { readonly expected: JobExpected; readonly ports: JobPorts }

/**
 * How a job ended. `declined`: the controller did not give or take something, so there is nothing more to say to it.
 * `exit` is what the process ends with: 0 done, 1 a step failed, 3 refused by a rule, 5 a part is missing.
 */
export type JobEnd =
  | { readonly is: 'delivered'; readonly delivery: Delivery; readonly exit: 0 | 1 | 3 | 5 }
  | { readonly is: 'declined'; readonly refusal: DeskRefusal; readonly exit: 3 }

/** Claims the Grant, checks everything, performs the steps, and delivers what was measured: also when nothing ran. */
export async function runJob(job: Job): Promise<JobEnd> {
  const { desk, signer, filter } = job.ports
  const { grant, effect } = job.expected
  const claimed = await desk.claim({ grant, effect, publicKey: signer.publicKey })
  if (!claimed.ok) return { is: 'declined', refusal: claimed.refusal, exit: 3 }
  const account = await attempt(job, claimed.value)
  const delivery = Delivery.parse(JSON.parse(filter.json(JSON.stringify(toDelivery(grant, account)))))
  const sealed = sealStatement(signer, DELIVERY_TYPE, grant, delivery)
  const taken = await desk.deliver({ grant, delivery: sealed })
  if (!taken.ok) return { is: 'declined', refusal: taken.refusal, exit: 3 }
  return { is: 'delivered', delivery, exit: account.exit }
}

/** What there is to deliver. */
type Account = {
  readonly outcome: Delivery['outcome']
  readonly exit: 0 | 1 | 3 | 5
  readonly receipts: readonly Sha256[]
  readonly frozen: readonly Frozen[]
  readonly logs: readonly ({ readonly step: string } & StepLog)[]
  readonly tree: ObjectId | null
  readonly reproduced: boolean
}

const NOTHING = { receipts: [], frozen: [], logs: [], tree: null, reproduced: true } as const

function stopped(exit: 1 | 3 | 5, because: string): Account {
  return { ...NOTHING, exit, outcome: { is: 'failed', step: null, because: clip(because, 1000) } }
}

function clip(text: string, length: number): string {
  return text.toWellFormed().slice(0, length).toWellFormed()
}

function toDelivery(grant: string, account: Account): Delivery {
  const { outcome, receipts, frozen, tree, reproduced, logs } = account
  return {
    v: 1,
    grant,
    outcome,
    receipts: [...receipts],
    frozen: frozen.map(({ step, edits, contents }) => ({ step, edits: [...edits], contents: [...contents] })),
    tree,
    reproduced,
    logs: [...logs],
  }
}

async function attempt(job: Job, answer: ClaimAnswer): Promise<Account> {
  const { ports, expected } = job
  const mission = readMission(answer, { expected, now: ports.clock.now(), open: ports.open })
  if (!mission.ok) return stopped(3, sentence(mission.refusal))
  const sandbox = ports.sandbox(mission.value.policy.toolchain)
  const probe = await sandbox.probe()
  if (probe.is === 'missing') return stopped(5, `sandbox: ${probe.because}. ${probe.next}`)
  const folder = ports.workplace.folder()
  try {
    return await inFolder({ mission: mission.value, ports, sandbox, folder, keep: keeper(ports) })
  } catch (error) {
    if (error instanceof DeskDeclined) return stopped(3, sentence(error.refusal))
    if (error instanceof Error) return stopped(1, `${error.name}: ${error.message}`)
    throw error
  } finally {
    ports.workplace.discard(folder)
  }
}

function sentence({ rule, because }: JobRefusal): string {
  return `${rule}: ${because}`
}

async function inFolder(place: Omit<Stage, 'base' | 'contents'>): Promise<Account> {
  const { mission, ports, folder } = place
  const contents = await fetchContents(place)
  if (!contents.ok) return stopped(3, sentence(contents.refusal))
  const base = await ports.checkout(mission.grant.base.sha)
  const unpinned = await pinnedKeysFault(mission, base)
  if (unpinned !== undefined) return stopped(3, sentence(unpinned))
  const stage = { ...place, base, contents: contents.value }
  const steps = await checkSteps(mission, base, contents.value)
  if (!steps.ok) return stopped(3, sentence(steps.refusal))
  const leak = await leakIn(
    stage,
    steps.value.flatMap(({ step }) => editsOf(step)),
    contents.value,
  )
  if (leak !== null) return stopped(3, leak)
  const scene = await openScene(stage, `${folder}/checkout`)
  return scene.ok ? performAll(stage, scene.value, steps.value) : stopped(3, sentence(scene.refusal))
}

async function checkSteps(
  mission: Mission,
  base: BaseCheckout,
  contents: ReadonlyMap<ObjectId, Uint8Array>,
): Promise<Result<readonly CheckedStep[], JobRefusal>> {
  const absent = neededBlobs(mission).find((blob) => !contents.has(blob))
  if (absent !== undefined)
    return refuse({ rule: 'content', because: `the plan does not bring the bytes of ${absent}` })
  const load = (blobs: readonly ObjectId[]) => base.read(blobs)
  const here = (blob: ObjectId) => contents.get(blob)
  return settleReads(load, here, (read) => rehearse(mission, base.entries, read))
}

function neededBlobs({ steps }: Mission): readonly ObjectId[] {
  return steps.flatMap((step) => {
    const edits = step.is === 'edit' ? step.edits : step.is === 'run' ? (step.frozen ?? []) : []
    return edits.flatMap(({ after }) => (after === null || after.mode === '160000' ? [] : [after.blob]))
  })
}

/** Performs the steps in order and reports each as it ends. After one that failed nothing runs any more. */
async function performAll(stage: Stage, start: Scene, steps: readonly CheckedStep[]): Promise<Account> {
  let account: Account = { ...NOTHING, exit: 0, outcome: { is: 'done' } }
  let scene = start
  let previous: Sha256 | null = null
  for (const [index, checked] of steps.entries()) {
    const startedAt = stage.ports.clock.now()
    const end = await performStep(stage, scene, checked)
    const receipt = toReceipt(stage, { checked, index, end, before: scene, startedAt, previous })
    previous = await report(stage, cleanReceipt(stage, receipt))
    account = withStep(account, checked, end, previous)
    scene = end.scene
    if (end.fault !== null) return account
  }
  return withTree(stage.mission, account, scene)
}

function withTree({ mode, grant }: Mission, account: Account, { tree }: Scene): Account {
  if (mode === 'dry-run' || tree.treeId === grant.predictedTree) return { ...account, tree: tree.treeId }
  return {
    ...account,
    exit: 3,
    outcome: { is: 'failed', step: null, because: `predicted-tree: the steps made ${tree.treeId}` },
  }
}

function withStep(account: Account, { step }: CheckedStep, end: StepEnd, receipt: Sha256): Account {
  const log = end.ran?.log ?? null
  const failed =
    end.fault === null
      ? {}
      : ({ exit: 1, outcome: { is: 'failed', step: step.id, because: clip(end.fault, 1000) } } as const)
  return {
    ...account,
    ...failed,
    receipts: [...account.receipts, receipt],
    logs: log === null ? account.logs : [...account.logs, { step: step.id, ...log }],
    frozen: end.frozen === null ? account.frozen : [...account.frozen, end.frozen],
    reproduced: account.reproduced && end.reproduced,
  }
}

type Told = {
  readonly checked: CheckedStep
  readonly index: number
  readonly end: StepEnd
  readonly before: Scene
  readonly startedAt: Instant
  readonly previous: Sha256 | null
}

function toReceipt({ mission, ports }: Stage, { checked, index, end, before, startedAt, previous }: Told): StepReceipt {
  const { grant } = mission
  const outcome: StepOutcome = end.fault === null ? { is: 'done' } : { is: 'failed', because: clip(end.fault, 500) }
  return {
    v: 1,
    grant: grant.id,
    run: grant.run,
    purpose: grant.purpose,
    index,
    step: checked.step.id,
    kind: checked.step.is,
    capability: checked.capability,
    budgets: budgetsOf(mission, checked, end),
    outcome,
    command: end.ran?.measure ?? null,
    treeBefore: before.tree.treeId,
    treeAfter: end.scene.tree.treeId,
    discarded: [...end.discarded],
    startedAt,
    durationMs: Math.max(0, toEpochMs(ports.clock.now()) - toEpochMs(startedAt)),
    previous,
  }
}

/** An edit draws on the paths that the Grant gives, a command on its time and what it may print. */
function budgetsOf({ grant, limits }: Mission, { step }: CheckedStep, { ran }: StepEnd): BudgetUse[] {
  if (step.is === 'edit') return [{ of: 'paths', reserved: pathsGranted(grant), settled: step.edits.length }]
  return [...(ran?.budgets ?? timeOf(limits.stepWallMs, 0))]
}

/** Faults and names of files come from what commands did. */
function cleanReceipt({ ports }: Stage, receipt: StepReceipt): StepReceipt {
  return StepReceipt.parse(JSON.parse(ports.filter.json(JSON.stringify(receipt))))
}

async function report({ ports, mission }: Stage, receipt: StepReceipt): Promise<Sha256> {
  const envelope: Envelope = sealStatement(
    ports.signer,
    STEP_RECEIPT_TYPE,
    `${receipt.grant}/${receipt.index}`,
    receipt,
  )
  const taken = await ports.desk.step({ grant: mission.grant.id, receipt: envelope })
  if (!taken.ok) throw new DeskDeclined(taken.refusal)
  return hashOf(envelope)
}
