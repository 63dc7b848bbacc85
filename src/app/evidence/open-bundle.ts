import { canonicalJson, parseCanonical } from '../../domain/canonical.ts'
import { ControllerKey, EVIDENCE_TYPE, Evidence, EvidenceSeal } from '../../domain/evidence.ts'
import { hashOf, type Sha256, sha256Hex } from '../../domain/hash.ts'
import { runStream } from '../../domain/ids.ts'
import type { Documents } from '../../domain/packs/documents.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { faultInChain } from '../../domain/run/envelope.ts'
import type { OpenEnvelope } from '../ports.ts'
import { openStatement } from '../runner/statements.ts'
import { blobsNamedBy, blobsNamedWithin } from './named-blobs.ts'

/** The first thing that is wrong with evidence, and where. */
export type EvidenceFault = { readonly fault: string; readonly where: string }

/** A position of a run's stream that is known from elsewhere: a commit trailer `AgentOS-Ledger`, or an earlier bundle. */
export type Anchor = { readonly seq: number; readonly hash: Sha256 }

export type Trust = {
  readonly open: OpenEnvelope
  /** The keys that the reader pinned; null where the bundle's own keys are taken at their word. */
  readonly trusted: readonly ControllerKey[] | null
  readonly anchor?: Anchor | null
}

/** Evidence whose form holds: one text, whole chain, every blob it names, sealed by a key. */
export type OpenedEvidence = {
  readonly evidence: Evidence
  readonly documents: Documents
  readonly keys: ReadonlyMap<Sha256, string>
  readonly sealedBy: Sha256
}

/** Reads a bundle and checks its form. Never throws on what the bytes hold. */
export function openBundle(bytes: Uint8Array, trust: Trust): Result<OpenedEvidence, EvidenceFault> {
  const evidence = parseEvidence(bytes)
  if (!evidence.ok) return evidence
  const documents = readBlobs(evidence.value)
  if (!documents.ok) return documents
  const fault =
    faultInEvents(evidence.value) ??
    faultInNames(evidence.value, documents.value) ??
    faultInKeys(evidence.value.keys, trust) ??
    faultInAnchor(evidence.value, trust.anchor ?? null)
  if (fault !== undefined) return refuse(fault)
  const keys = new Map(evidence.value.keys.map(({ keyid, publicKey }) => [keyid, publicKey]))
  const broken = faultInSeal(evidence.value, keys, trust.open)
  if (broken !== undefined) return refuse(broken)
  return ok({
    evidence: evidence.value,
    documents: documents.value,
    keys,
    sealedBy: evidence.value.seal.signatures[0].keyid,
  })
}

function parseEvidence(bytes: Uint8Array): Result<Evidence, EvidenceFault> {
  const text = fromUtf8(bytes)
  if (text === undefined) return refuse({ fault: 'the bytes are no UTF-8 text', where: 'the file' })
  const value = parseCanonical(text)
  if (value === undefined) return refuse({ fault: 'the text is not canonical JSON', where: 'the file' })
  const parsed = Evidence.safeParse(value)
  if (parsed.success) return ok(parsed.data)
  const [issue] = parsed.error.issues
  return refuse({
    fault: `it is no evidence: ${issue?.message ?? 'wrong shape'}`,
    where: issue?.path.join('.') ?? 'the file',
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
    known.set(sha256, bytes)
    before = sha256
  }
  return ok((sha256) => known.get(sha256))
}

function readBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : undefined
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

function faultInNames({ events, blobs }: Evidence, documents: Documents): EvidenceFault | undefined {
  const direct = new Set<Sha256>()
  for (const event of events)
    for (const sha256 of blobsNamedBy(event)) {
      if (documents(sha256) === undefined)
        return { fault: `blob ${sha256} is missing`, where: `${event.stream}@${event.seq}` }
      direct.add(sha256)
    }
  const beside = new Set(blobsNamedWithin(direct, documents))
  const stray = blobs.find(({ sha256 }) => !direct.has(sha256) && !beside.has(sha256))
  return stray === undefined ? undefined : { fault: 'nothing in this run names it', where: `blob ${stray.sha256}` }
}

function faultInKeys(keys: readonly ControllerKey[], { trusted }: Trust): EvidenceFault | undefined {
  const seen = new Set<string>()
  for (const { keyid, publicKey } of keys) {
    const where = `key ${keyid}`
    const raw = readBase64(publicKey)
    if (raw === undefined || sha256Hex(raw) !== keyid) return { fault: 'its name is not that of the key', where }
    if (seen.has(keyid)) return { fault: 'it is there twice', where }
    seen.add(keyid)
    if (trusted !== null && !trusted.some((key) => key.keyid === keyid && key.publicKey === publicKey))
      return { fault: 'it is none of the keys that are trusted', where }
  }
  return undefined
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

function faultInSeal(
  evidence: Evidence,
  keys: ReadonlyMap<Sha256, string>,
  open: OpenEnvelope,
): EvidenceFault | undefined {
  const { seal, ...rest } = evidence
  const where = 'the seal'
  const publicKey = keys.get(seal.signatures[0].keyid)
  if (publicKey === undefined) return { fault: 'it is signed with a key that the evidence does not name', where }
  const stated = openStatement(open, { envelope: seal, publicKey }, EVIDENCE_TYPE, EvidenceSeal)
  if (stated === undefined) return { fault: 'its signature does not hold', where }
  const head = evidence.events.at(-1)
  const expected = { v: 1, run: evidence.run, seq: head?.seq, head: head?.hash, sha256: hashOf(rest) }
  return canonicalJson(stated) === canonicalJson(expected)
    ? undefined
    : { fault: 'it was made for other content', where }
}
