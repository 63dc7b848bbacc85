import { z } from 'zod'
import { type Canonical, canonicalJson, Json, parseCanonical } from './canonical.ts'
import { Sha256, sha256Hex } from './hash.ts'
import { concatBytes, fromBase64, fromUtf8, toUtf8 } from './patch/bytes.ts'

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
  predicate: Json,
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
    predicate: Json.parse(predicate),
  }
}

/** The bytes that are signed: DSSE's pre-authentication encoding. The type is ASCII. */
export function preAuthEncoding(payload: Uint8Array, type: string = PAYLOAD_TYPE): Uint8Array {
  return concatBytes([toUtf8(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload])
}

// An envelope never changes, and what it holds is asked for both by who follows the names in it and by who checks it.
const read = new WeakMap<Envelope, { readonly statement: Statement | undefined }>()

/** The statement inside an envelope, undefined where it is not canonical; its signature is not looked at. */
export function statementIn(envelope: Envelope): Statement | undefined {
  const known = read.get(envelope) ?? { statement: readStatement(envelope.payload) }
  read.set(envelope, known)
  return known.statement
}

function readStatement(base64: string): Statement | undefined {
  const payload = fromBase64(base64)
  const parsed = payload === undefined ? undefined : Statement.safeParse(parseCanonical(fromUtf8(payload) ?? ''))
  if (parsed?.success !== true) return undefined
  const about = parsed.data.subject[0]?.digest.sha256
  return about === sha256Hex(canonicalJson(parsed.data.predicate)) ? parsed.data : undefined
}
