import { canonicalJson } from '../../domain/canonical.ts'
import type { CheckpointFile } from '../../domain/checkpoint.ts'
import type { Evidence } from '../../domain/evidence.ts'
import type { RunId } from '../../domain/ids.ts'
import { ok } from '../../domain/result.ts'
import type { LogSource } from '../checkpoints.ts'
import { earlierHead } from '../kept-checkpoint.ts'
import type { Ledger } from '../ledger.ts'
import { type OpenEnvelope, WillNotWork } from '../ports.ts'
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
 * Each push proves that the log only grew since the one before it, whichever key signed that. Where the log does not begin
 * with what a key of this ledger vouches for there, nothing is pushed: that would cover up a log that was rewritten.
 */
export function keepsakes(source: KeepsakeSource): KeepsakeOf {
  return async (run, before) => {
    const { ledger, signer } = source
    const place = placeAfter(source, before)
    const evidence = await sealEvidence({ ledger, signer, place }, run)
    const last = evidence?.events.at(-1)
    if (evidence?.log === undefined || last === undefined) throw new WillNotWork(`there is no run ${run}`)
    const { checkpoint, since } = evidence.log
    const file: CheckpointFile = { v: 1, type: 'agentos-checkpoint', checkpoint, key: controllerKey(signer), since }
    return { evidence: toBytes(evidence), checkpoint: toBytes(file), last }
  }
}

function placeAfter(source: KeepsakeSource, before: Uint8Array | null): PlaceInLog {
  return async (positions) => {
    const log = await source.log()
    const earlier = before === null ? ok(null) : await earlierHead(before, log, source)
    if (!earlier.ok) throw new WillNotWork(`${earlier.refusal}. Run \`agentos ledger verify\` on the server`)
    return placeAt(log, source, { positions, earlier: earlier.value })
  }
}

function toBytes(value: Evidence | CheckpointFile): Uint8Array {
  return new TextEncoder().encode(canonicalJson(value))
}
