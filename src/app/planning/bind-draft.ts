import { judgeCommand } from '../../domain/control/allowlist.ts'
import { sha256Hex } from '../../domain/hash.ts'
import { stateAt } from '../../domain/packs/base-files.ts'
import { commandFactsOf } from '../../domain/packs/command-facts.ts'
import { cutText } from '../../domain/packs/cut-text.ts'
import type { NewBlob } from '../../domain/packs/documents.ts'
import type { FabricationFacts } from '../../domain/packs/fabrication-facts.ts'
import { pathFacts } from '../../domain/packs/path-facts.ts'
import { type CitedAnswer, type ContentRef, Draft, type Step } from '../../domain/packs/plan.ts'
import { comparePaths, type Edit, sameState } from '../../domain/patch/edit.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import type { Checkout } from '../../domain/targets/target.ts'
import { checksFor, type DraftChecks } from './draft-checks.ts'
import { claimsOf, factsOf } from './draft-facts.ts'
import { askCheckouts, type Checkouts } from './planned-checkout.ts'
import type { Scene } from './scene.ts'
import { type Refused, refused, type Sketch } from './sketch.ts'

export type Bound = {
  readonly draft: Draft
  readonly facts: FabricationFacts
  readonly edits: readonly Edit[]
  readonly contents: readonly Content[]
}

/** Bytes that the draft leaves behind, under git's name and under ours. */
type Content = { readonly ref: ContentRef; readonly blob: NewBlob }

const MAX_EDITS = 5000
const MAX_COMMANDS = 50

/** Binds a sketch to its run: exact edits, the steps in order, and the facts that red line 3 judges it by. */
export async function bindDraft(scene: Scene, sketch: Sketch): Promise<Result<Bound, Refused>> {
  const edits = editsOf(scene, sketch)
  const fault = contentFault(scene, sketch, edits)
  if (fault !== undefined) return refuse(fault)
  const contents = contentsOf(sketch, edits)
  const written = new Map(edits.flatMap(({ path }) => [[path, sketch.written.get(path) ?? null] as const]))
  const bound = await askCheckouts(scene, written, (checkouts) => {
    const checks = checksFor(scene, { sketch, edits, checkouts })
    const making = { sketch, edits, checks, checkouts }
    const draft = draftOf(scene, making, contents)
    return { draft, facts: factsOf(scene, { ...making, draft, checks: reasonsOf(checks) }) }
  })
  return ok({ ...bound, edits, contents })
}

function draftOf(scene: Scene, making: Making, contents: readonly Content[]): Draft {
  const { base, intent, memory, manifest } = scene.body
  const { sketch, checks } = making
  const steps = stepsOf(scene, making)
  const evidence = [...new Set([...sketch.evidence, ...checks.evidence])]
  return Draft.parse({
    v: 1,
    base,
    intent,
    memory,
    manifest,
    answers: citedAnswers(scene, sketch, steps),
    assumptions: [...(sketch.assumptions ?? [])],
    drafter: sketch.drafter,
    steps,
    noVerify: checks.noVerify,
    reads: readsOf(scene, sketch),
    evidence: evidence.map((ref) => cutText(ref.toWellFormed(), 500)).slice(0, 200),
    contents: contents.map(({ ref }) => ref),
  } satisfies Draft)
}

function reasonsOf({ verify }: DraftChecks): FabricationFacts['checks'] {
  return verify.map(({ because }, i) => ({ step: verifyId(i), because }))
}

function verifyId(index: number): string {
  return `verify-${index + 1}`
}

/** An answer that no step in particular rests on justifies the change as a whole. */
function citedAnswers({ settled }: Scene, { restsOn }: Sketch, steps: readonly Step[]): CitedAnswer[] {
  const whole = steps.flatMap((step) => (step.is === 'edit' || step.is === 'run' ? [step.id] : []))
  return settled.map((answer) => {
    const resting = steps.flatMap((step) => (restsOn?.(step, answer.about) === true ? [step.id] : []))
    return { ...answer, steps: resting.length === 0 ? whole : resting }
  })
}

/** What the drafter holds for new is written down as new, whatever stands there: that is for the gates to see. */
function editsOf(scene: Scene, sketch: Sketch): readonly Edit[] {
  const isNew = new Set(claimsOf(sketch).flatMap((claim) => (claim.claims === 'is-new' ? [claim.path] : [])))
  return [...sketch.written]
    .map(([path, file]) => {
      const before = isNew.has(path) ? null : stateAt(scene.base, path)
      return { path, before, after: file?.state ?? null }
    })
    .filter(({ before, after }) => !sameState(before, after))
    .sort((a, b) => comparePaths(a.path, b.path))
}

/** A file that was to be changed and is not there stays in the draft as something it reads, so that the gate sees it. */
function readsOf(scene: Scene, sketch: Sketch): string[] {
  const absent = claimsOf(sketch).filter(({ path, claims }) => claims === 'exists' && !scene.entries.has(path))
  return [...new Set([...sketch.reads, ...absent.map(({ path }) => path)])].sort(comparePaths).slice(0, 1000)
}

/** Why there is nothing to bind; what a draft can hold is for the gates to judge. */
function contentFault(scene: Scene, { runs, verify, claims }: Sketch, edits: readonly Edit[]): Refused | undefined {
  if (edits.length > MAX_EDITS) {
    return refused(
      'limits',
      `the draft changes ${edits.length} files, a plan holds ${MAX_EDITS}`,
      'ask for less at once',
    )
  }
  if (runs.length + verify.length > MAX_COMMANDS) {
    return refused('limits', `the draft has more than ${MAX_COMMANDS} commands`, 'ask for less at once')
  }
  if (edits.length + runs.length > 0) return undefined
  const absent = pathFacts(claims, scene.base).find((fact) => fact.claims === 'exists' && fact.found === null)
  if (absent === undefined) {
    return refused('nothing-to-do', 'the draft changes nothing at the base commit', 'say what should be different')
  }
  const near = absent.near.map((path) => path.slice(0, 150)).join(' or ')
  const next = near === '' ? 'name files that the repository has' : `did you mean ${near}?`
  return refused('no-fabrication', `${absent.path.slice(0, 300)} does not exist at the base commit`, next)
}

type Making = {
  readonly sketch: Sketch
  readonly edits: readonly Edit[]
  readonly checks: DraftChecks
  readonly checkouts: Checkouts
}

/** The edits come before `prepare` where they change what it reads: tests must see the dependencies of the change. */
function stepsOf(scene: Scene, making: Making): Step[] {
  const { sketch, edits, checks } = making
  const hostsOf = (argv: readonly string[]) => hostsFor(scene, making, argv)
  const runs = sketch.runs.map(({ argv, outputs }, i): Step => {
    return { id: `run-${i + 1}`, is: 'run', argv: [...argv], outputs: [...outputs], frozen: null, ...hostsOf(argv) }
  })
  const verify = checks.verify.map(({ argv, criteria }, i): Step => {
    return { id: verifyId(i), is: 'verify', argv: [...argv], criteria: [...criteria], ...hostsOf(argv) }
  })
  const edit: readonly Step[] = edits.length === 0 ? [] : [{ id: 'edit-1', is: 'edit', edits: [...edits] }]
  const prepare = runsRepositoryCode(scene, making) ? prepareSteps(scene, making.checkouts.after) : []
  const isPrepareRead = edits.some(({ path }) => READ_BY_PREPARE.test(path) || isPrepared(scene, path))
  return isPrepareRead ? [...edit, ...prepare, ...runs, ...verify] : [...prepare, ...edit, ...runs, ...verify]
}

const READ_BY_PREPARE = /^(?:.*\/)?package\.json$|^pnpm-workspace\.yaml$/s

function isPrepared({ manifest }: Scene, path: string): boolean {
  return manifest.policy.prepare.some((entry) => entry.when === path)
}

function prepareSteps({ manifest }: Scene, after: Checkout): readonly Step[] {
  return manifest.policy.prepare
    .filter((entry) => after.kind(entry.when) === 'file')
    .map(({ argv, hosts }, i) => ({ id: `prepare-${i + 1}`, is: 'prepare', argv: [...argv], hosts: [...hosts] }))
}

/** The hosts that a command's own rule lets it reach; they stand in the plan, so that people see them. */
function hostsFor({ manifest }: Scene, { checkouts }: Making, argv: readonly string[]): { hosts?: string[] } {
  const facts = commandFactsOf(checkouts.after)
  const verdict = judgeCommand({ argv, env: {}, cwd: '.' }, manifest.policy, facts)
  return verdict.decision === 'deny' || verdict.network !== 'entry-hosts' ? {} : { hosts: [...verdict.hosts] }
}

/** A denied command counts too: whether it may run is the gate's to say, not a reason to leave `prepare` out. */
function runsRepositoryCode({ manifest }: Scene, { sketch, checks, checkouts }: Making): boolean {
  const facts = commandFactsOf(checkouts.after)
  return [...sketch.runs, ...checks.verify].some(({ argv }) => {
    const verdict = judgeCommand({ argv, env: {}, cwd: '.' }, manifest.policy, facts)
    return verdict.decision === 'deny' || verdict.runs === 'repository-code'
  })
}

function contentsOf({ written }: Sketch, edits: readonly Edit[]): readonly Content[] {
  const all = edits.flatMap(({ path }): readonly (readonly [string, Content])[] => {
    const file = written.get(path)
    if (file === undefined || file === null || file.bytes === null) return []
    const blob = { sha256: sha256Hex(file.bytes), bytes: file.bytes }
    return [[file.state.blob, { ref: { blob: file.state.blob, sha256: blob.sha256, bytes: file.bytes.length }, blob }]]
  })
  return [...new Map(all).values()].sort((a, b) => (a.ref.blob < b.ref.blob ? -1 : 1))
}
