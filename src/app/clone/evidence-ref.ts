import { CHECKPOINT_PATH, EVIDENCE_REF } from '../../domain/evidence.ts'
import type { ObjectId } from '../../domain/hash.ts'
import type { TreeHead } from '../../domain/merkle.ts'
import { type CheckpointTrust, type OpenedCheckpoint, openCheckpoint } from '../checkpoints.ts'
import type { EvidenceFault } from '../evidence/open-bundle.ts'
import type { WholeClone } from '../verify-repository.ts'

/** One push of evidence, with the checkpoint that it brought. */
export type Push = {
  readonly commit: ObjectId
  readonly parents: readonly ObjectId[]
  readonly checkpoint: Uint8Array | null
}

/** What a clone holds of the evidence that was pushed to its repository; `pushes` begin with the newest. */
export type EvidenceRef = {
  readonly tip: ObjectId
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[]
  readonly pushes: readonly Push[]
}

/** Null where the clone was made without that ref. */
export async function readEvidenceRef(clone: WholeClone): Promise<EvidenceRef | null> {
  const tip = await clone.resolve(EVIDENCE_REF)
  if (tip === undefined) return null
  const entries = (await clone.entries(tip)).filter(({ path }) => path !== CHECKPOINT_PATH)
  const blobs = await clone.blobs(entries.map(({ blob }) => blob))
  const files = entries.map(({ path, blob }) => ({ name: path, bytes: blobs.get(blob) ?? new Uint8Array() }))
  return { tip, files, pushes: await pushesFrom(clone, tip) }
}

async function pushesFrom(clone: WholeClone, tip: ObjectId): Promise<readonly Push[]> {
  const pushes: Push[] = []
  for (let commit: ObjectId | undefined = tip; commit !== undefined; commit = pushes.at(-1)?.parents[0]) {
    const { parents } = await clone.commit(commit)
    pushes.push({ commit, parents, checkpoint: await checkpointAt(clone, commit) })
  }
  return pushes
}

async function checkpointAt(clone: WholeClone, commit: ObjectId): Promise<Uint8Array | null> {
  const entry = (await clone.entries(commit)).find(({ path }) => path === CHECKPOINT_PATH)
  if (entry === undefined) return null
  return (await clone.blobs([entry.blob])).get(entry.blob) ?? null
}

/** What the pushes say of the log: what is wrong with them, and the signed states that they go through. */
export type Line = { readonly faults: readonly EvidenceFault[]; readonly heads: readonly TreeHead[] }

/**
 * Each push proves that the log only grew since the push before it, so that one that somebody else made, changed, left out
 * or put in breaks the line.
 */
export function lineOf(pushes: readonly Push[], trust: CheckpointTrust): Line {
  const faults: EvidenceFault[] = []
  const heads: TreeHead[] = []
  let before: TreeHead | null = null
  for (const { commit, parents, checkpoint } of pushes.toReversed()) {
    const opened = openedAt(checkpoint, trust)
    const fault = typeof opened === 'string' ? opened : faultInStep(before, opened, parents.length)
    if (fault !== undefined) faults.push({ fault, where: `push ${commit} of evidence` })
    if (typeof opened === 'string') continue
    before = { size: opened.size, root: opened.root }
    heads.push(before)
  }
  return { faults, heads }
}

function openedAt(checkpoint: Uint8Array | null, trust: CheckpointTrust): OpenedCheckpoint | string {
  if (checkpoint === null) return 'it holds no checkpoint'
  const opened = openCheckpoint(checkpoint, trust)
  return opened.ok ? opened.value : `its checkpoint: ${opened.refusal}`
}

function faultInStep(before: TreeHead | null, { since }: OpenedCheckpoint, parents: number): string | undefined {
  if (parents > 1) return 'it joins two lines of pushes'
  if (before === null)
    return since === null ? undefined : `it goes on from a log of ${since.size} events, whose push is not there`
  return since?.size === before.size && since.root === before.root
    ? undefined
    : 'its checkpoint does not go on from that of the push before it'
}
