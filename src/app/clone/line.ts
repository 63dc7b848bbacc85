import { faultInProven, faultInVouching } from '../../domain/key-history.ts'
import { isSameHead, type TreeHead } from '../../domain/merkle.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { type CheckpointTrust, type OpenedCheckpoint, openSigned } from '../checkpoints.ts'
import type { EvidenceFault } from '../evidence/open-bundle.ts'
import type { Push } from './evidence-ref.ts'

/** What the pushes say of the log: what is wrong with them, and the signed states that they go through. */
export type Line = { readonly faults: readonly EvidenceFault[]; readonly heads: readonly TreeHead[] }

/**
 * Each push proves that the log only grew since the push before it, so that one that somebody else made, changed, left out
 * or put in breaks the line. `pushes` begin with the newest.
 */
export function lineOf(pushes: readonly Push[], trust: CheckpointTrust): Line {
  const faults: EvidenceFault[] = []
  const heads: TreeHead[] = []
  for (const { push, opened } of believedOf(pushes, trust).toReversed()) {
    const fault = opened.ok ? faultInStep(heads.at(-1) ?? null, opened.value, push.parents.length) : opened.refusal
    if (fault !== undefined) faults.push({ fault, where: `push ${push.commit} of evidence` })
    if (opened.ok) heads.push({ size: opened.value.size, root: opened.value.root })
  }
  return { faults, heads }
}

type Believed = { readonly push: Push; readonly opened: Result<OpenedCheckpoint, string> }

/** A push of a key that was revoked since is believed where the next one, itself believed, proves that the log went through it. */
function believedOf(pushes: readonly Push[], trust: CheckpointTrust): readonly Believed[] {
  let proven: TreeHead | null = null
  const believed: Believed[] = []
  for (const push of pushes) {
    const opened = openedAt(push, proven, trust)
    proven = opened.ok ? opened.value.since : null
    believed.push({ push, opened })
  }
  return believed
}

function openedAt(
  { checkpoint }: Push,
  proven: TreeHead | null,
  trust: CheckpointTrust,
): Result<OpenedCheckpoint, string> {
  if (checkpoint === null) return refuse('it holds no checkpoint')
  const signed = openSigned(checkpoint, trust)
  if (!signed.ok) return refuse(`its checkpoint: ${signed.refusal}`)
  const { checkpoint: stated, by } = signed.value
  const faultOf = proven !== null && isSameHead(proven, stated) ? faultInProven : faultInVouching
  const fault = faultOf(by, stated.size)
  return fault === undefined ? ok(stated) : refuse(`its checkpoint: ${fault}`)
}

function faultInStep(before: TreeHead | null, { since }: OpenedCheckpoint, parents: number): string | undefined {
  if (parents > 1) return 'it joins two lines of pushes'
  if (before === null)
    return since === null ? undefined : `it goes on from a log of ${since.size} events, whose push is not there`
  return since !== null && isSameHead(since, before)
    ? undefined
    : 'its checkpoint does not go on from that of the push before it'
}
