import type { EffectBody } from '../../domain/effects.ts'
import { BrokenRecord, readDocument } from '../../domain/packs/documents.ts'
import { FabricationFacts } from '../../domain/packs/fabrication-facts.ts'
import { Draft } from '../../domain/packs/plan.ts'
import type { Edit, FileState } from '../../domain/patch/edit.ts'
import { carryEdits } from '../../domain/patch/merge-edits.ts'
import { combine } from '../../domain/run/decide/freeze.ts'
import type { TreeEntry } from '../ports.ts'
import type { Scene } from './scene.ts'
import type { Sketch, Written } from './sketch.ts'

export type CarriedDraft = Sketch | { readonly is: 'conflict'; readonly conflicts: readonly string[] }

type Before = { readonly draft: Draft; readonly facts: FabricationFacts }

/**
 * Carries the edits of a draft over to the base of this scene, three-way, and keeps its commands and checks; what they put
 * out is made again by the dry run. Where both sides changed the same, it says where, and nothing is guessed.
 */
export async function carryDraft(
  scene: Scene,
  carry: NonNullable<EffectBody<'draft'>['carry']>,
): Promise<CarriedDraft> {
  const draft = readDocument(scene.documents, carry.draft, Draft)
  const facts = readDocument(scene.documents, carry.facts, FabricationFacts)
  const edits = combine(draft.steps.filter(({ is }) => is === 'edit'))
  const contents = await contentsOf(scene, draft, edits)
  const onto = new Map(edits.map(({ path }) => [path, standing(scene, path)]))
  const carried = carryEdits({ edits, onto, contents })
  const conflicts = [...(carried.is === 'conflict' ? carried.conflicts.map(shown) : []), ...lostReads(scene, draft)]
  if (carried.is === 'conflict' || conflicts.length > 0)
    return { is: 'conflict', conflicts: conflicts.slice(0, MOST_SHOWN) }
  const all = new Map([...contents, ...carried.contents])
  const written = new Map(carried.edits.map((edit) => [edit.path, writtenBy(edit.after, all)]))
  return sketchFrom(scene, { draft, facts }, { edits: carried.edits, written })
}

/** As many conflicts as an event and a sentence have room for. */
const MOST_SHOWN = 5
const MOST_OF_CONFLICT = 390

function shown({ path, because }: { readonly path: string; readonly because: string }): string {
  return `${path}: ${because}`.slice(0, MOST_OF_CONFLICT).toWellFormed()
}

/** A draft that rests on a file which is gone cannot be carried over, whatever its edits say. */
function lostReads({ entries, base }: Scene, { reads }: Draft): readonly string[] {
  const lost = reads.filter((path) => !entries.has(path) && !base.folders.has(path))
  return lost.map((path) => shown({ path, because: 'the plan reads it, and it is gone' }))
}

function standing({ entries }: Scene, path: string): FileState | null {
  const entry = entries.get(path)
  return entry === undefined ? null : { mode: entry.mode, blob: entry.blob }
}

/** The bytes of all three sides, as far as files have any. */
async function contentsOf(
  scene: Scene,
  { contents }: Draft,
  edits: readonly Edit[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const ours = contents.map(({ blob, sha256 }) => {
    const bytes = scene.documents(sha256)
    if (bytes === undefined) throw new BrokenRecord(`the content ${sha256} of the draft is not there`)
    return [blob, bytes] as const
  })
  const theirs = edits.flatMap(({ path, before }) => blobsOf([before, scene.entries.get(path) ?? null]))
  return new Map([...(await scene.reader.blobs([...new Set(theirs)])), ...ours])
}

function blobsOf(states: readonly (FileState | TreeEntry | null)[]): readonly string[] {
  return states.flatMap((state) => (state === null || state.mode === '160000' ? [] : [state.blob]))
}

function writtenBy(after: FileState | null, contents: ReadonlyMap<string, Uint8Array>): Written {
  if (after === null) return null
  return { state: after, bytes: after.mode === '160000' ? null : (contents.get(after.blob) ?? null) }
}

type Change = { readonly edits: readonly Edit[]; readonly written: ReadonlyMap<string, Written> }

function sketchFrom(scene: Scene, { draft, facts }: Before, { edits, written }: Change): Sketch {
  const reasons = new Map(facts.checks.map(({ step, because }) => [step, because]))
  return {
    is: 'sketch',
    drafter: draft.drafter,
    written,
    claims: edits.map(({ path, before }) => ({ path, claims: before === null ? 'is-new' : 'exists' })),
    runs: draft.steps.flatMap((step) => (step.is === 'run' ? [{ argv: step.argv, outputs: step.outputs }] : [])),
    verify: draft.steps.flatMap((step) => {
      if (step.is !== 'verify') return []
      const because = reasons.get(step.id)
      return [{ argv: step.argv, criteria: step.criteria, ...(because === undefined ? {} : { because }) }]
    }),
    checks: 'as-given',
    noVerify: draft.noVerify,
    reads: draft.reads,
    evidence: draft.evidence.flatMap((ref) => pinnedAnew(scene, ref)),
    model: facts.model,
    blobs: [],
    assumptions: draft.assumptions,
    restsOn: ({ id }, about) => draft.answers.some((answer) => answer.about === about && answer.steps.includes(id)),
  }
}

const PINNED = /^(.+?)(?::\d{1,9}(?:-\d{1,9})?)?@[0-9a-f]{40}(?::\d{1,9}(?:-\d{1,9})?)?$/su

/** Evidence in a file leads to the same file at the new base: to the same lines where nothing in it has changed. */
function pinnedAnew(scene: Scene, ref: string): readonly string[] {
  const path = PINNED.exec(ref)?.[1]
  if (path === undefined) return [ref]
  const now = scene.entries.get(path)
  if (now === undefined) return []
  return [ref.includes(`@${now.blob}`) ? ref : `${path}@${now.blob}`]
}
