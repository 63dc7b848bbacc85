import { canonicalJson } from '../../domain/canonical.ts'
import type { CheckpointFile } from '../../domain/checkpoint.ts'
import type { Evidence } from '../../domain/evidence.ts'
import type { RunId } from '../../domain/ids.ts'
import type { TreeHead } from '../../domain/merkle.ts'
import { faultInBeginning, type LogSource, openCheckpoint } from '../checkpoints.ts'
import type { Ledger } from '../ledger.ts'
import { type OpenEnvelope, WillNotWork } from '../ports.ts'
import { readKeys } from '../signing-keys.ts'
import { controllerKey, type PlaceInLog, sealEvidence } from './export.ts'
import { placeAt } from './log-place.ts'

/** What a repository keeps of a run: its evidence, and the checkpoint that it stands under. */
export type Keepsake = {
  readonly evidence: Uint8Array
  readonly checkpoint: Uint8Array
  /** The newest event that the evidence holds. */
  readonly last: Evidence['events'][number]
}

/** Makes what a repository keeps of a run; `before` is the checkpoint that it kept last. */
export type KeepsakeOf = (run: RunId, before: Uint8Array | null) => Promise<Keepsake>

export type KeepsakeSource = LogSource & {
  readonly ledger: Pick<Ledger, 'log' | 'read' | 'positions' | 'blobs'>
  readonly open: OpenEnvelope
}

/**
 * Each push proves that the log only grew since the one before it. Where the log no longer begins with what this
 * controller signed then, nothing is pushed: that would cover up a log that was rewritten.
 */
export function keepsakes(source: KeepsakeSource): KeepsakeOf {
  return async (run, before) => {
    const { ledger, signer } = source
    const place = placeAfter(source, before === null ? null : await ownHead(source, before))
    const evidence = await sealEvidence({ ledger, signer, place }, run)
    const last = evidence?.events.at(-1)
    if (evidence?.log === undefined || last === undefined) throw new WillNotWork(`there is no run ${run}`)
    const { checkpoint, since } = evidence.log
    const file: CheckpointFile = { v: 1, type: 'agentos-checkpoint', checkpoint, key: controllerKey(signer), since }
    return { evidence: toBytes(evidence), checkpoint: toBytes(file), last }
  }
}

function placeAfter(source: KeepsakeSource, earlier: TreeHead | null): PlaceInLog {
  return async (positions) => {
    const log = await source.log()
    const fault = earlier === null ? undefined : faultInBeginning(log, earlier)
    if (fault !== undefined) throw new WillNotWork(`${fault}. Run \`agentos ledger verify\` on the server`)
    return placeAt(log, source, { positions, earlier })
  }
}

/** What somebody else put there binds this controller to nothing. */
async function ownHead({ ledger, open, signer }: KeepsakeSource, before: Uint8Array): Promise<TreeHead | null> {
  const { keys } = await readKeys(ledger)
  const opened = openCheckpoint(before, { open, trusted: keys.length === 0 ? [controllerKey(signer)] : keys })
  return opened.ok ? { size: opened.value.size, root: opened.value.root } : null
}

function toBytes(value: Evidence | CheckpointFile): Uint8Array {
  return new TextEncoder().encode(canonicalJson(value))
}
