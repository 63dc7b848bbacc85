import { canonicalJson, parseCanonical } from '../../domain/canonical.ts'
import { publicKeyBytes } from '../../domain/curve.ts'
import type { Envelope } from '../../domain/dsse.ts'
import { type ControllerKey, EVIDENCE_TYPE, Evidence, EvidenceSeal, isSameKey } from '../../domain/evidence.ts'
import { type Sha256, sha256Hex, short } from '../../domain/hash.ts'
import { runStream } from '../../domain/ids.ts'
import { faultInSpan } from '../../domain/key-history.ts'
import type { TreeHead } from '../../domain/merkle.ts'
import type { Documents } from '../../domain/packs/documents.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import { type Redaction, redactedIn } from '../../domain/redaction.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { faultInChain } from '../../domain/run/envelope.ts'
import { readBase64 } from '../base64.ts'
import type { OpenedCheckpoint } from '../checkpoints.ts'
import type { OpenEnvelope } from '../ports.ts'
import type { EngineDigest } from '../replay.ts'
import { openStatement } from '../runner/statements.ts'
import { endorserOf } from '../signing-keys.ts'
import { blobsNamedBy, blobsNamedWithin } from './named-blobs.ts'
import {
  faultAgainstAnchor,
  type KeyStatements,
  openPlace,
  type ProvenPlace,
  type Speaking,
  speakingOf,
} from './open-place.ts'

/** The first thing that is wrong with evidence, and where. */
export type EvidenceFault = { readonly fault: string; readonly where: string }

/** A position of a run's stream that is known from elsewhere: a commit trailer `AgentOS-Ledger`, or an earlier bundle. */
export type Anchor = { readonly seq: number; readonly hash: Sha256 }

export type Trust = {
  readonly open: OpenEnvelope
  /** The keys that the reader pinned; null where the bundle's own keys are taken at their word. */
  readonly trusted: readonly ControllerKey[] | null
  readonly anchor?: Anchor | null
  /** Which engine decides again: what another one recorded may come out otherwise. Absent, no difference is borne. */
  readonly engine?: EngineDigest
  /** A checkpoint known from elsewhere, already opened. */
  readonly checkpoint?: OpenedCheckpoint | null
  /** States of the log that a key which vouches proved already: there also a revoked key's word stands. */
  readonly proven?: readonly TreeHead[]
}

/** Evidence whose form holds: one text, whole chain, every blob it names, sealed by a key. */
export type OpenedEvidence = {
  readonly evidence: Evidence
  readonly documents: Documents
  /** What is said of each key: by the evidence, and where it was pinned by the reader. */
  readonly keys: KeyStatements
  /** What the run says was erased; each has the controller's signed word for it. */
  readonly erased: ReadonlyMap<Sha256, Redaction>
  readonly sealedBy: Sha256
  /** The checkpoint that the run's events were found under; null where the evidence says nothing of the log. */
  readonly place: ProvenPlace | null
}

/** Reads a bundle and checks its form. Never throws on what the bytes hold. */
export function openBundle(bytes: Uint8Array, trust: Trust): Result<OpenedEvidence, EvidenceFault> {
  const parsed = parseEvidence(bytes)
  if (!parsed.ok) return parsed
  const { evidence } = parsed.value
  const documents = readBlobs(evidence)
  if (!documents.ok) return documents
  const erased = redactedIn(evidence.events)
  const fault =
    faultInEvents(evidence) ??
    faultInPositions(evidence) ??
    faultInNames(evidence, documents.value, erased) ??
    faultInKeys(evidence.keys, trust) ??
    faultInAnchor(evidence, trust.anchor ?? null)
  if (fault !== undefined) return refuse(fault)
  const keys = statementsOn(evidence.keys, trust)
  const place = sealedPlace(parsed.value, keys, trust)
  if (!place.ok) return place
  return ok({
    evidence,
    documents: documents.value,
    keys,
    erased,
    sealedBy: evidence.seal.signatures[0].keyid,
    place: place.value,
  })
}

/** Evidence and the canonical text that says it. */
type Written = { readonly evidence: Evidence; readonly text: string }

function parseEvidence(bytes: Uint8Array): Result<Written, EvidenceFault> {
  const text = fromUtf8(bytes)
  if (text === undefined) return refuse({ fault: 'the bytes are no UTF-8 text', where: 'the file' })
  const value = parseCanonical(text)
  if (value === undefined) return refuse({ fault: 'the text is not canonical JSON', where: 'the file' })
  const parsed = Evidence.safeParse(value)
  if (parsed.success) return ok({ evidence: parsed.data, text })
  const [issue] = parsed.error.issues
  return refuse({
    fault: `it is no evidence: ${issue?.message ?? 'wrong shape'}`,
    where: issue?.path.join('.') || 'the file',
  })
}

function readBlobs({ blobs }: Evidence): Result<Documents, EvidenceFault> {
  const known = new Map<Sha256, Uint8Array>()
  let before = ''
  for (const { sha256, base64 } of blobs) {
    const where = `blob ${sha256}`
    if (sha256 <= before) return refuse({ fault: 'the blobs are not in order of their names, each once', where })
    const bytes = readBase64(base64)
    if (bytes === undefined) return refuse({ fault: 'its base64 has another spelling', where })
    if (sha256Hex(bytes) !== sha256) return refuse({ fault: 'it holds other bytes than its name says', where })
    known.set(sha256, new Uint8Array(bytes))
    before = sha256
  }
  return ok((sha256) => known.get(sha256))
}

function faultInEvents({ run, events }: Evidence): EvidenceFault | undefined {
  const stream = runStream(run)
  const fault = faultInChain(stream, events)
  if (fault !== undefined) {
    const cut = fault.indexOf(': ')
    return { fault: fault.slice(cut + 2), where: fault.slice(0, cut) }
  }
  const [first] = events
  if (first?.type === 'RequestReceived' && first.data['run'] === run) return undefined
  return { fault: 'the stream does not begin with the request for this run', where: `${stream}@1` }
}

function faultInPositions({ events, positions, run }: Evidence): EvidenceFault | undefined {
  if (positions === undefined) return undefined
  const isOrdered = positions.every((position, index) => position > (positions[index - 1] ?? 0))
  return isOrdered && positions.length === events.length
    ? undefined
    : { fault: 'the positions in the log are not one for each event, in order', where: runStream(run) }
}

function faultInNames(
  { events, blobs }: Evidence,
  documents: Documents,
  erased: OpenedEvidence['erased'],
): EvidenceFault | undefined {
  const direct = new Set<Sha256>()
  for (const event of events)
    for (const sha256 of blobsNamedBy(event)) {
      if (documents(sha256) === undefined && !erased.has(sha256))
        return { fault: `blob ${sha256} is missing`, where: `${event.stream}@${event.seq}` }
      direct.add(sha256)
    }
  const back = blobs.find(({ sha256 }) => erased.has(sha256))
  if (back !== undefined) return { fault: 'the run says that it was erased', where: `blob ${back.sha256}` }
  const beside = new Set(blobsNamedWithin(direct, documents))
  const stray = blobs.find(({ sha256 }) => !direct.has(sha256) && !beside.has(sha256))
  return stray === undefined ? undefined : { fault: 'nothing in this run names it', where: `blob ${stray.sha256}` }
}

function faultInKeys(keys: readonly ControllerKey[], { trusted, open }: Trust): EvidenceFault | undefined {
  const seen = new Set<string>()
  for (const key of keys) {
    const where = `key ${key.keyid}`
    const raw = publicKeyBytes(key.publicKey)
    if (raw === undefined) return { fault: 'nobody can sign with it: it is no point, or of low order', where }
    if (sha256Hex(raw) !== key.keyid) return { fault: 'its name is not that of the key', where }
    if (seen.has(key.keyid)) return { fault: 'it is there twice', where }
    seen.add(key.keyid)
    if (trusted !== null && !trusted.some((pinned) => isSameKey(pinned, key)))
      return { fault: `it is none of the keys that are trusted${announcedBy(key, trusted, open)}`, where }
  }
  return undefined
}

function announcedBy(key: ControllerKey, trusted: readonly ControllerKey[], open: OpenEnvelope): string {
  const endorser = endorserOf(key, trusted, open)
  return endorser === undefined
    ? ''
    : `; the trusted key ${short(endorser.keyid)} announced it, so compare it with keys.json of the server and pin it`
}

function statementsOn(keys: readonly ControllerKey[], { trusted }: Trust): KeyStatements {
  return new Map(
    keys.map((key) => [key.keyid, [key, ...(trusted ?? []).filter((pinned) => isSameKey(pinned, key))]] as const),
  )
}

/** Why what a key signed does not count at an event of the run, as the evidence and the reader's own keys tell. */
export function faultInSigning(
  { evidence, keys }: Pick<OpenedEvidence, 'evidence' | 'keys'>,
  keyid: Sha256,
  seq: number,
): string | undefined {
  const position = evidence.positions?.[seq - 1] ?? null
  return keys
    .get(keyid)
    ?.map((key) => faultInSpan(key, position))
    .find((fault) => fault !== undefined)
}

function faultInAnchor({ run, events }: Evidence, anchor: Anchor | null): EvidenceFault | undefined {
  if (anchor === null) return undefined
  const where = `${runStream(run)}@${anchor.seq}`
  const event = events[anchor.seq - 1]
  if (event === undefined)
    return { fault: `the evidence ends at ${events.length}, before the anchored position`, where }
  return event.hash === anchor.hash
    ? undefined
    : { fault: `the event has hash ${event.hash}, anchored is ${anchor.hash}`, where }
}

/** The seal holds over everything, so also over the place in the log. */
function sealedPlace(
  written: Written,
  keys: KeyStatements,
  { open, checkpoint = null, proven = [] }: Trust,
): Result<ProvenPlace | null, EvidenceFault> {
  const { evidence } = written
  const place = openPlace(evidence, keys, open)
  const faultOf = speakingOf(place, proven)
  const broken = faultInSeal(written, keys, { open, faultOf })
  if (broken !== undefined) return refuse(broken)
  const where = `${runStream(evidence.run)} in the log`
  if (!place.ok) return refuse({ fault: place.refusal, where })
  const late = place.value === null ? undefined : faultOf(keys.get(place.value.keyid) ?? [], place.value.size)
  if (late !== undefined) return refuse({ fault: late, where })
  const fault = checkpoint === null ? undefined : faultAgainstAnchor(place.value, checkpoint)
  return fault === undefined ? ok(place.value) : refuse({ fault, where })
}

function faultInSeal(
  { evidence, text }: Written,
  keys: KeyStatements,
  { open, faultOf }: { readonly open: OpenEnvelope; readonly faultOf: Speaking },
): EvidenceFault | undefined {
  const { seal } = evidence
  const where = 'the seal'
  const statements = keys.get(seal.signatures[0].keyid)
  if (statements === undefined) return { fault: 'it is signed with a key that the evidence does not name', where }
  const [{ publicKey }] = statements
  const stated = openStatement(open, { envelope: seal, publicKey }, EVIDENCE_TYPE, EvidenceSeal)
  if (stated === undefined) return { fault: 'its signature does not hold', where }
  const position = evidence.positions?.at(-1) ?? null
  const late = faultOf(statements, position)
  if (late !== undefined) return { fault: late, where }
  const head = evidence.events.at(-1)
  const expected = {
    v: 1,
    run: evidence.run,
    seq: head?.seq,
    head: head?.hash,
    sha256: sha256Hex(withoutSeal(text, seal)),
  }
  return canonicalJson(stated) === canonicalJson(expected)
    ? undefined
    : { fault: 'it was made for other content', where }
}

/** What is sealed is the canonical text without this member. Only names that no seal can hold stand behind it. */
function withoutSeal(text: string, seal: Envelope): string {
  const member = `"seal":${canonicalJson(seal)},`
  const at = text.lastIndexOf(member)
  return text.slice(0, at) + text.slice(at + member.length)
}
