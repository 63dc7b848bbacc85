import { z } from 'zod'
import { Envelope } from './dsse.ts'
import { Sha256 } from './hash.ts'
import { RunId } from './ids.ts'
import { EventEnvelope } from './run/envelope.ts'

/** A controller's public key as `/.well-known/agentos/keys.json` and `.agentos/keys.json` spell it. */
export const ControllerKey = z.strictObject({
  keyid: Sha256,
  use: z.literal('controller'),
  algorithm: z.literal('Ed25519'),
  publicKey: z.string().max(64),
})
export type ControllerKey = z.infer<typeof ControllerKey>

/** A file of public keys, as a person pins it. */
export const TrustedKeys = z.strictObject({ keys: z.array(ControllerKey).min(1).max(100) })
export type TrustedKeys = z.infer<typeof TrustedKeys>

/**
 * Everything that proves one run, in one canonical JSON document: the run's whole stream, every blob that it names, the
 * controller's keys, and the controller's seal over all of it. Grants and receipts are among the blobs. The members stand
 * in the order of canonical text.
 */
export const Evidence = z.strictObject({
  blobs: z.array(z.strictObject({ base64: z.string(), sha256: Sha256 })),
  events: z.array(EventEnvelope).min(1),
  keys: z.array(ControllerKey).min(1).max(100),
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

export const EVIDENCE_TYPE = 'urn:agentos:evidence:v1'
