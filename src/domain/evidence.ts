import { z } from 'zod'
import { publicKeyBytes } from './curve.ts'
import { Envelope } from './dsse.ts'
import { Sha256, sha256Hex } from './hash.ts'
import { RunId } from './ids.ts'
import { EventEnvelope } from './run/envelope.ts'

/** A place in the ledger's log, counted from 1. */
const Position = z.int().min(1)

const named = {
  keyid: Sha256,
  use: z.literal('controller'),
  algorithm: z.literal('Ed25519'),
  publicKey: z.string().max(64),
  /** The announcement of this key, signed with the one before it, where that was at hand. */
  endorsement: Envelope.exactOptional(),
}
const since = { ...named, from: Position }

/**
 * A controller's public key as `/.well-known/agentos/keys.json` and `.agentos/keys.json` spell it. `from` and `until` are
 * the first and last position of the log at which the controller signed with it. A revoked key was found in other hands:
 * what it signed counts up to `until`, and it vouches for nothing else. Without a state, no bounds are stated.
 */
export const ControllerKey = z.union([
  z.strictObject(named),
  z.strictObject({ ...since, state: z.literal('current') }),
  z.strictObject({ ...since, state: z.literal('retired'), until: Position }),
  z.strictObject({ ...since, state: z.literal('revoked'), until: z.int().min(0), because: z.string().max(300) }),
])
export type ControllerKey = z.infer<typeof ControllerKey>

/** Whatever either says of its span. */
export function isSameKey(one: ControllerKey, other: ControllerKey): boolean {
  return one.keyid === other.keyid && one.publicKey === other.publicKey
}

/** A file of public keys, as a person pins it. */
export const TrustedKeys = z.strictObject({
  keys: z
    .array(ControllerKey.refine(isNamedAfterItself, { error: 'a key is not usable, or has the name of another' }))
    .min(1)
    .max(100)
    .refine((keys) => new Set(keys.map(({ keyid }) => keyid)).size === keys.length, { error: 'a key is there twice' }),
})
export type TrustedKeys = z.infer<typeof TrustedKeys>

function isNamedAfterItself({ keyid, publicKey }: ControllerKey): boolean {
  const raw = publicKeyBytes(publicKey)
  return raw !== undefined && sha256Hex(raw) === keyid
}

/** An earlier state of a log, and the RFC 6962 proof that the log only grew since. */
export const GrownSince = z
  .strictObject({ proof: z.array(Sha256).max(64), root: Sha256, size: z.int().min(1) })
  .readonly()
export type GrownSince = z.infer<typeof GrownSince>

/** A signed checkpoint of the log, and one RFC 6962 proof that it covers all events of a run at their positions. */
export const LogPlace = z.strictObject({
  checkpoint: Envelope,
  proof: z.array(Sha256),
  since: GrownSince.nullable(),
})
export type LogPlace = z.infer<typeof LogPlace>

/**
 * Everything that proves one run, in one canonical JSON document: the run's whole stream, every blob that it names, the
 * controller's keys, and the controller's seal over all of it. Grants and receipts are among the blobs. `positions` are the
 * places of the events in the log, which tell what key was current then. The members stand in the order of canonical text.
 */
export const Evidence = z.strictObject({
  blobs: z.array(z.strictObject({ base64: z.string(), sha256: Sha256 })),
  events: z.array(EventEnvelope).min(1),
  keys: z.array(ControllerKey).min(1).max(100),
  /** Absent where whoever exported the run could not speak for the log. */
  log: LogPlace.exactOptional(),
  positions: z.array(Position).exactOptional(),
  run: RunId,
  seal: Envelope,
  type: z.literal('agentos-evidence'),
  v: z.literal(1),
})
export type Evidence = z.infer<typeof Evidence>

/** What the seal states: the position that the stream had reached, and the hash of the document without its seal. */
export const EvidenceSeal = z.strictObject({
  v: z.literal(1),
  run: RunId,
  seq: z.int().min(1),
  head: Sha256,
  sha256: Sha256,
})
export type EvidenceSeal = z.infer<typeof EvidenceSeal>

/** Where a repository keeps the evidence of its own runs, with the checkpoint of the last push beside them. */
export const EVIDENCE_REF = 'refs/agentos/evidence'
export const CHECKPOINT_PATH = 'checkpoint.json'
export function evidencePath(run: RunId): string {
  return `runs/${run}.json`
}

export const EVIDENCE_TYPE = 'urn:agentos:evidence:v1'
