import { canonicalJson } from '../../domain/canonical.ts'
import { matchesAny } from '../../domain/control/glob.ts'
import { kindsAllowed } from '../../domain/control/policy.ts'
import { quote } from '../../domain/control/quote.ts'
import { blobId } from '../../domain/git-objects.ts'
import { type ObjectId, sha256Hex } from '../../domain/hash.ts'
import type { ContentRef, RunStep, Step } from '../../domain/packs/plan.ts'
import { Edit } from '../../domain/patch/edit.ts'
import type { KindsAllowed } from '../../domain/patch/judge-edits.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { type Ran, runCommand } from './command.ts'
import { leakIn } from './leak.ts'
import { type CheckedStep, type CommandUse, hygieneFault } from './rehearse.ts'
import { applyToScene, changesBetween, filesIn, type Scene, type Stage, visibleChanges } from './scene.ts'

/** The outputs of one `run` step as they were made, and where their bytes are kept. */
export type Frozen = {
  readonly step: string
  readonly edits: readonly Edit[]
  readonly contents: readonly ContentRef[]
}

/** A step after its end: the scene it leaves (as it was, when it failed), and what was measured. */
export type StepEnd = {
  readonly fault: string | null
  readonly scene: Scene
  readonly ran: Ran | null
  readonly discarded: readonly string[]
  readonly frozen: Frozen | null
  readonly reproduced: boolean
}

/** Performs one step that passed the rehearsal. */
export async function performStep(stage: Stage, scene: Scene, { step, use }: CheckedStep): Promise<StepEnd> {
  switch (step.is) {
    case 'edit':
      return edit(stage, scene, step)
    case 'prepare':
      return prepare(stage, scene, { step, use })
    case 'run':
      return run(stage, scene, { step, use })
    case 'verify':
      return verify(stage, scene, { step, use })
  }
}

type Using<S extends Step> = { readonly step: S; readonly use: CommandUse }

const PLAIN = { ran: null, discarded: [], frozen: null, reproduced: true } as const

function failed(scene: Scene, fault: string, rest: Partial<StepEnd> = {}): StepEnd {
  return { ...PLAIN, ...rest, fault, scene }
}

function edit(stage: Stage, scene: Scene, step: Extract<Step, { is: 'edit' }>): StepEnd {
  const applied = applyToScene(stage, scene, step.edits, (blob) => stage.contents.get(blob))
  return applied.ok ? { ...PLAIN, fault: null, scene: applied.value } : failed(scene, applied.refusal)
}

/** Runs in the checkout itself, so that what git ignores stays for the steps that follow. */
async function prepare(
  stage: Stage,
  scene: Scene,
  { step, use }: Using<Extract<Step, { is: 'prepare' }>>,
): Promise<StepEnd> {
  const ran = await runCommand(stage, { argv: step.argv, ...use, checkout: scene.root })
  if (ran.fault !== null) return failed(scene, ran.fault, { ran })
  const files = filesIn(stage.ports.workplace.list(scene.root))
  if (!files.ok) return failed(scene, `it left what git cannot hold: ${files.refusal}`, { ran })
  const [seen] = await visibleChanges(stage, scene, changesBetween(scene.files, files.value))
  if (seen !== undefined) return failed(scene, `it changed ${quote(seen.path)}, which git does not ignore`, { ran })
  return { ...PLAIN, fault: null, scene: { ...scene, files: files.value }, ran }
}

/** Must exit with 0; whatever it wrote is thrown away with its copy of the checkout, and named. */
async function verify(
  stage: Stage,
  scene: Scene,
  { step, use }: Using<Extract<Step, { is: 'verify' }>>,
): Promise<StepEnd> {
  return onCopy(stage, scene, async (copy) => {
    const ran = await runCommand(stage, { argv: step.argv, ...use, checkout: copy })
    const discarded = await namesOfChanges(stage, scene, copy)
    return { ...PLAIN, fault: ran.fault, scene, ran, discarded }
  })
}

const MAX_NAMED = 200
const MAX_NAME = 4096

async function namesOfChanges(stage: Stage, scene: Scene, copy: string): Promise<readonly string[]> {
  const listing = stage.ports.workplace.list(copy)
  const files = filesIn(listing)
  if (!files.ok) return [listing.is === 'refused' ? listing.path.toWellFormed().slice(0, MAX_NAME) : '']
  const seen = await visibleChanges(stage, scene, changesBetween(scene.files, files.value))
  const names = seen.map((change) => change.path.slice(0, MAX_NAME))
  if (names.length <= MAX_NAMED) return names
  return [...names.slice(0, MAX_NAMED - 1), `(and ${names.length - MAX_NAMED + 1} more)`]
}

/** Reads back the declared outputs alone. A dry run freezes them; an execution compares them and lands the frozen ones. */
async function run(stage: Stage, scene: Scene, { step, use }: Using<RunStep>): Promise<StepEnd> {
  return onCopy(stage, scene, async (copy) => {
    const ran = await runCommand(stage, { argv: step.argv, ...use, checkout: copy })
    if (ran.fault !== null) return failed(scene, ran.fault, { ran })
    const made = await outputsOf(stage, scene, { step, copy })
    if (!made.ok) return failed(scene, made.refusal, { ran })
    return step.frozen === null
      ? freeze(stage, scene, { ran, made: made.value })
      : compare(stage, scene, { ran, made: made.value, approved: step.frozen })
  })
}

type Outputs = { readonly frozen: Frozen; readonly bytes: ReadonlyMap<ObjectId, Uint8Array> }

async function freeze(
  stage: Stage,
  scene: Scene,
  { ran, made }: { readonly ran: Ran; readonly made: Outputs },
): Promise<StepEnd> {
  const leak = await leakIn(stage, made.frozen.edits, made.bytes)
  if (leak !== null) return failed(scene, leak, { ran })
  await keepOutputs(stage, made)
  const applied = applyToScene(stage, scene, made.frozen.edits, (blob) => made.bytes.get(blob))
  if (!applied.ok) return failed(scene, applied.refusal, { ran })
  return { ...PLAIN, fault: null, scene: applied.value, ran, frozen: made.frozen }
}

/** What differs from the approved outputs is handed over too, so that people can see it. */
async function compare(
  stage: Stage,
  scene: Scene,
  { ran, made, approved }: { readonly ran: Ran; readonly made: Outputs; readonly approved: readonly Edit[] },
): Promise<StepEnd> {
  const other = differing(made.frozen.edits, approved)
  const reproduced = other === undefined
  const leak = reproduced ? null : await leakIn(stage, made.frozen.edits, made.bytes)
  if (leak !== null) return failed(scene, leak, { ran, reproduced })
  const rest = { ran, reproduced, frozen: reproduced ? null : made.frozen }
  if (!reproduced) await keepOutputs(stage, made)
  if (!reproduced && stage.mission.policy.unreproducible === 'refuse') {
    return failed(scene, `it did not make the approved bytes of ${quote(other)} again`, rest)
  }
  const applied = applyToScene(stage, scene, approved, (blob) => stage.contents.get(blob))
  return applied.ok ? { ...PLAIN, ...rest, fault: null, scene: applied.value } : failed(scene, applied.refusal, rest)
}

/** The first path whose edit is in one list only. */
function differing(made: readonly Edit[], approved: readonly Edit[]): string | undefined {
  const a = new Map(made.map((edit) => [canonicalJson(edit), edit.path]))
  const b = new Map(approved.map((edit) => [canonicalJson(edit), edit.path]))
  for (const [text, path] of a) if (!b.has(text)) return path
  for (const [text, path] of b) if (!a.has(text)) return path
  return undefined
}

type Making = { readonly step: RunStep; readonly copy: string }

async function outputsOf(stage: Stage, scene: Scene, { step, copy }: Making): Promise<Result<Outputs, string>> {
  const files = filesIn(stage.ports.workplace.list(copy))
  if (!files.ok) return refuse(`it left what git cannot hold: ${files.refusal}`)
  const edits = await visibleChanges(stage, scene, changesBetween(scene.files, files.value))
  const undeclared = edits.find((edit) => !matchesAny(step.outputs, edit.path))
  if (undeclared !== undefined) return refuse(`it changed ${quote(undeclared.path)}, which is not a declared output`)
  const allow = kindsAllowed(stage.mission.policy)
  const unfit = edits.map((edit) => unfitness(edit, allow)).find((fault) => fault !== undefined)
  return unfit === undefined ? readOutputs(stage, { step, copy }, edits) : refuse(unfit)
}

function unfitness(edit: Edit, allow: KindsAllowed): string | undefined {
  const isEdit = Edit.safeParse(edit).success
  return hygieneFault(edit, allow) ?? (isEdit ? undefined : `${quote(edit.path)} is no path of a tree`)
}

function readOutputs(stage: Stage, { step, copy }: Making, edits: readonly Edit[]): Result<Outputs, string> {
  const bytes = new Map<ObjectId, Uint8Array>()
  let left = stage.mission.policy.limits.bytes
  for (const { path, after } of edits) {
    if (after === null) continue
    const file = stage.ports.workplace.read(copy, path)
    if (file === null || blobId(file.bytes) !== after.blob) return refuse(`${quote(path)} cannot be read back`)
    left -= file.bytes.length
    if (left < 0) return refuse(`its outputs are larger than ${stage.mission.policy.limits.bytes} bytes`)
    bytes.set(after.blob, file.bytes)
  }
  const contents = Array.from(bytes, ([blob, content]) => ({ blob, sha256: sha256Hex(content), bytes: content.length }))
  return ok({ frozen: { step: step.id, edits, contents }, bytes })
}

async function keepOutputs({ keep }: Stage, { frozen, bytes }: Outputs): Promise<void> {
  for (const { path, after } of frozen.edits) {
    const content = after === null ? undefined : bytes.get(after.blob)
    if (content !== undefined) await keep({ sha256: sha256Hex(content), bytes: content }, path)
  }
}

/** Gives the work a copy of the checkout of its own, which is removed in every case. */
async function onCopy(stage: Stage, scene: Scene, work: (copy: string) => Promise<StepEnd>): Promise<StepEnd> {
  const { workplace } = stage.ports
  const copy = `${stage.folder}/copy`
  const copied = workplace.copy(scene.root, copy)
  try {
    if (copied.is === 'refused') return failed(scene, `${quote(copied.path)} cannot be copied: ${copied.because}`)
    return await work(copy)
  } finally {
    workplace.discard(copy)
  }
}
