import { CHECKPOINT_PATH, EVIDENCE_REF } from '../../domain/evidence.ts'
import type { ObjectId } from '../../domain/hash.ts'
import type { WholeClone } from '../verify-repository.ts'

/** One push of evidence, with the checkpoint that it brought and the blobs of the accounts that stood beside it then. */
export type Push = {
  readonly commit: ObjectId
  readonly parents: readonly ObjectId[]
  readonly checkpoint: Uint8Array | null
  readonly accounts: ReadonlyMap<string, ObjectId>
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
    const accounts = new Map((await clone.entries(commit)).map(({ path, blob }) => [path, blob]))
    const named = accounts.get(CHECKPOINT_PATH)
    accounts.delete(CHECKPOINT_PATH)
    const checkpoint = named === undefined ? null : ((await clone.blobs([named])).get(named) ?? null)
    pushes.push({ commit, parents, checkpoint, accounts })
  }
  return pushes
}
