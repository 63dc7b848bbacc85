import { z } from 'zod'
import { type Canonical, canonicalJson, parseCanonical } from './canonical.ts'
import { Sha256, sha256Hex } from './hash.ts'

/** A DSSE envelope (secure-systems-lab/dsse v1) with exactly one signature; payload and signature in standard base64. */
export const Envelope = z.strictObject({
  payload: z.string(),
  payloadType: z.literal('application/vnd.in-toto+json'),
  signatures: z.tuple([z.strictObject({ keyid: Sha256, sig: z.string() })]),
})
export type Envelope = z.infer<typeof Envelope>

/** An in-toto Statement v1: what is stated (`predicate`) about which content (`subject`). */
export const Statement = z.strictObject({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  subject: z.array(z.strictObject({ name: z.string(), digest: z.strictObject({ sha256: Sha256 }) })).min(1),
  predicateType: z.string(),
  predicate: z.json(),
})
export type Statement = z.infer<typeof Statement>

export const PAYLOAD_TYPE = 'application/vnd.in-toto+json'

/** States a predicate about a named content. */
export function toStatement(predicateType: string, name: string, predicate: Canonical): Statement {
  const digest = { sha256: sha256Hex(canonicalJson(predicate)) }
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name, digest }],
    predicateType,
    predicate: mutable(predicate),
  }
}

/** The bytes that are signed: DSSE's pre-authentication encoding. The type is ASCII. */
export function preAuthEncoding(payload: Uint8Array, type: string = PAYLOAD_TYPE): Uint8Array {
  const head = new TextEncoder().encode(`DSSEv1 ${type.length} ${type} ${payload.length} `)
  const bytes = new Uint8Array(head.length + payload.length)
  bytes.set(head)
  bytes.set(payload, head.length)
  return bytes
}

/** Reads the statement inside an envelope whose signature was already checked; undefined when it is not canonical. */
export function statementIn(payload: Uint8Array): Statement | undefined {
  const parsed = Statement.safeParse(parseCanonical(new TextDecoder().decode(payload)))
  if (!parsed.success) return undefined
  const about = parsed.data.subject[0]?.digest.sha256
  return about === sha256Hex(canonicalJson(parsed.data.predicate)) ? parsed.data : undefined
}

function mutable(value: Canonical): z.core.util.JSONType {
  return z.json().parse(value)
}
