import { canonicalJson } from '../../domain/canonical.ts'
import {
  type ControllerKey,
  EVIDENCE_TYPE,
  type Evidence,
  type EvidenceSeal,
  type LogPlace,
} from '../../domain/evidence.ts'
import { hashOf, type Sha256 } from '../../domain/hash.ts'
import { type RunId, runStream } from '../../domain/ids.ts'
import type { StatedKey } from '../../domain/key-history.ts'
import { BrokenRecord, type Documents } from '../../domain/packs/documents.ts'
import { redactedIn } from '../../domain/redaction.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import type { Ledger } from '../ledger.ts'
import type { Signer } from '../ports.ts'
import { sealStatement } from '../runner/statements.ts'
import { KeyNotCurrent, readKeys, statedKey } from '../signing-keys.ts'
import { blobsNamedBy, blobsNamedWithin } from './named-blobs.ts'

/** Where events stand in the log, by their positions, against a signed checkpoint. */
export type PlaceInLog = (positions: readonly number[]) => Promise<LogPlace>

export type EvidenceSource = {
  readonly ledger: Pick<Ledger, 'read' | 'positions' | 'blobs'>
  readonly signer: Signer
  /** Absent where the log cannot be spoken for: the evidence then proves nothing of the places of its events. */
  readonly place?: PlaceInLog
}

/**
 * The evidence of one run as it stands, sealed with the controller's key; undefined when there is no such run. Throws
 * KeyNotCurrent when the ledger says that another key is to sign.
 */
export async function exportEvidence(source: EvidenceSource, run: RunId): Promise<string | undefined> {
  const evidence = await sealEvidence(source, run)
  return evidence === undefined ? undefined : canonicalJson(evidence)
}

/**
 * As `exportEvidence`, before it is written down. The keys are read last: a key that is current then was it at every position
 * that is spoken for.
 */
export async function sealEvidence(
  { ledger, signer, place }: EvidenceSource,
  run: RunId,
): Promise<Evidence | undefined> {
  const events = await ledger.read(runStream(run))
  const head = events.at(-1)
  if (head === undefined) return undefined
  const blobs = await collect(ledger, events)
  const positions = (await ledger.positions(runStream(run))).slice(0, events.length)
  const log = await place?.(positions)
  const keys = keysFor((await readKeys(ledger)).keys, signer, positions)
  const rest: Omit<Evidence, 'seal'> = {
    v: 1,
    type: 'agentos-evidence',
    run,
    events: [...events],
    positions,
    blobs,
    keys,
    ...(log === undefined ? {} : { log }),
  }
  const seal: EvidenceSeal = { v: 1, run, seq: head.seq, head: head.hash, sha256: hashOf(rest) }
  return { ...rest, seal: sealStatement(signer, EVIDENCE_TYPE, `run/${run}`, seal) }
}

export function controllerKey({ keyid, publicKey }: Pick<Signer, 'keyid' | 'publicKey'>): ControllerKey {
  return { keyid, use: 'controller', algorithm: 'Ed25519', publicKey }
}

/** The key that seals, and those that were current while the run went on. A ledger without a record of keys has one key. */
function keysFor(keys: readonly StatedKey[], signer: Signer, positions: readonly number[]): ControllerKey[] {
  const stated = statedKey(keys, signer)
  if (!stated.ok) throw new KeyNotCurrent(stated.refusal)
  const [first = 1, last = first] = [positions.at(0), positions.at(-1)]
  const spanned = keys.filter((key) => key.state !== 'current' && key.from <= last && key.until >= first)
  return [stated.value ?? controllerKey(signer), ...spanned]
}

async function collect(ledger: Pick<Ledger, 'blobs'>, events: readonly EventEnvelope[]): Promise<Evidence['blobs']> {
  const erased = redactedIn(events)
  const needed = [...new Set(events.flatMap(blobsNamedBy))].filter((sha256) => !erased.has(sha256))
  const found = new Map(await ledger.blobs(needed))
  const absent = needed.find((sha256) => !found.has(sha256))
  if (absent !== undefined) throw new BrokenRecord(`the ledger does not hold blob ${absent}, which the run names`)
  const documents: Documents = (sha256) => found.get(sha256)
  const beside = await ledger.blobs(blobsNamedWithin(needed, documents))
  const all = new Map([...found, ...beside])
  const wanted = new Set([...needed, ...blobsNamedWithin(needed, (sha256) => all.get(sha256))])
  return [...all]
    .filter(([sha256]) => wanted.has(sha256) && !erased.has(sha256))
    .map(([sha256, bytes]) => ({ sha256, base64: toBase64(bytes) }))
    .sort(byName)
}

function byName(one: { readonly sha256: Sha256 }, other: { readonly sha256: Sha256 }): number {
  return one.sha256 < other.sha256 ? -1 : 1
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
