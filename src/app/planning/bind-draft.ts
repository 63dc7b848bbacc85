import { judgeCommand } from '../../domain/control/allowlist.ts'
import { sha256Hex } from '../../domain/hash.ts'
import { type BaseFiles, kindAt, stateAt, toBaseFiles } from '../../domain/packs/base-files.ts'
import type { NewBlob } from '../../domain/packs/documents.ts'
import {
  commandFact,
  evidenceFact,
  FabricationFacts,
  namesOf,
  type PathClaim,
  pathFacts,
} from '../../domain/packs/fabrication-facts.ts'
import { type CitedAnswer, type ContentRef, Draft, type Step } from '../../domain/packs/plan.ts'
import { comparePaths, type Edit, type Entry, sameState } from '../../domain/patch/edit.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
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
export function bindDraft(scene: Scene, sketch: Sketch): Result<Bound, Refused> {
  const edits = editsOf(scene, sketch)
  const fault = contentFault(scene, sketch, edits)
  if (fault !== undefined) return refuse(fault)
  const after = afterEdits(scene, edits)
  const contents = contentsOf(sketch, edits)
  const { base, intent, memory, manifest } = scene.body
  const steps = stepsOf(scene, { sketch, edits, after })
  const draft = Draft.parse({
    v: 1,
    base,
    intent,
    memory,
    manifest,
    answers: citedAnswers(scene, sketch, steps),
    assumptions: [...(sketch.assumptions ?? [])],
    drafter: sketch.drafter,
    steps,
    noVerify: sketch.noVerify,
    reads: readsOf(scene, sketch),
    evidence: sketch.evidence.filter((ref) => ref.length <= 500).slice(0, 200),
    contents: contents.map(({ ref }) => ref),
  } satisfies Draft)
  return ok({ draft, facts: factsOf(scene, { sketch, draft, after }), edits, contents })
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

/** One claim a path: a file that is both gone and new again was there. */
function claimsOf({ claims }: Sketch): readonly PathClaim[] {
  const existing = new Set(claims.flatMap((claim) => (claim.claims === 'exists' ? [claim.path] : [])))
  const all = claims.map(({ path }) => [path, existing.has(path) ? 'exists' : 'is-new'] as const)
  return [...new Map(all)].map(([path, claims]) => ({ path, claims })).sort((a, b) => comparePaths(a.path, b.path))
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

/** The files that a command finds: those of the base under the edits. */
function afterEdits(scene: Scene, edits: readonly Edit[]): BaseFiles {
  const states = new Map<string, Entry>(scene.entries)
  for (const { path, after } of edits) {
    if (after === null) states.delete(path)
    else states.set(path, { path, ...after })
  }
  return toBaseFiles([...states.values()])
}

type Making = { readonly sketch: Sketch; readonly edits: readonly Edit[]; readonly after: BaseFiles }

/** The edits come before `prepare` where they change what it reads: tests must see the dependencies of the change. */
function stepsOf(scene: Scene, making: Making): Step[] {
  const { sketch, edits } = making
  const runs = sketch.runs.map(({ argv, outputs }, i): Step => {
    return { id: `run-${i + 1}`, is: 'run', argv: [...argv], outputs: [...outputs], frozen: null }
  })
  const verify = sketch.verify.map(({ argv, criteria }, i): Step => {
    return { id: `verify-${i + 1}`, is: 'verify', argv: [...argv], criteria: [...criteria] }
  })
  const edit: readonly Step[] = edits.length === 0 ? [] : [{ id: 'edit-1', is: 'edit', edits: [...edits] }]
  const prepare = runsRepositoryCode(scene, making) ? prepareSteps(scene, making.after) : []
  const isPrepareRead = edits.some(({ path }) => READ_BY_PREPARE.has(path) || isPrepared(scene, path))
  return isPrepareRead ? [...edit, ...prepare, ...runs, ...verify] : [...prepare, ...edit, ...runs, ...verify]
}

const READ_BY_PREPARE = new Set(['package.json', 'pnpm-workspace.yaml'])

function isPrepared({ manifest }: Scene, path: string): boolean {
  return manifest.policy.prepare.some((entry) => entry.when === path)
}

function prepareSteps({ manifest }: Scene, after: BaseFiles): readonly Step[] {
  return manifest.policy.prepare
    .filter((entry) => kindAt(after, entry.when) === 'file')
    .map(({ argv, hosts }, i) => ({ id: `prepare-${i + 1}`, is: 'prepare', argv: [...argv], hosts: [...hosts] }))
}

/** A denied command counts too: whether it may run is the gate's to say, not a reason to leave `prepare` out. */
function runsRepositoryCode({ manifest, memory }: Scene, { sketch, after }: Making): boolean {
  const facts = { ...namesOf(memory), files: (path: string) => kindAt(after, path) }
  return [...sketch.runs, ...sketch.verify].some(({ argv }) => {
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

type Observed = { readonly sketch: Sketch; readonly draft: Draft; readonly after: BaseFiles }

function factsOf(scene: Scene, { sketch, draft, after }: Observed): FabricationFacts {
  const { scripts, makeTargets } = namesOf(scene.memory)
  const checkout = { policy: scene.manifest.policy, memory: scene.memory, files: after }
  const claimed = claimsOf(sketch)
  const read = draft.reads.filter((path) => !claimed.some((claim) => claim.path === path))
  const claims = [...claimed, ...read.map((path) => ({ path, claims: 'exists' as const }))]
  return FabricationFacts.parse({
    v: 1,
    base: scene.body.base.sha,
    scripts: [...scripts],
    makeTargets: [...makeTargets],
    paths: [...pathFacts(claims, scene.base)],
    commands: draft.steps.flatMap((step) => (step.is === 'edit' ? [] : [commandFact(step.id, step.argv, checkout)])),
    evidence: draft.evidence.map((ref) => evidenceFact(ref, scene.base)),
    model: sketch.model,
  } satisfies FabricationFacts)
}
