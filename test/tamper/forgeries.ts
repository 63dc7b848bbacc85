import { blobsNamedBy, blobsNamedWithin } from '../../src/app/evidence/named-blobs.ts'
import { canonicalJson, parseCanonical } from '../../src/domain/canonical.ts'
import { Envelope } from '../../src/domain/dsse.ts'
import type { Evidence } from '../../src/domain/evidence.ts'
import { type Sha256, sha256Hex } from '../../src/domain/hash.ts'
import type { EventEnvelope } from '../../src/domain/run/envelope.ts'
import { rechained } from '../app/evidence/rechain.ts'
import type { Forgery } from './seals.ts'

type Events = readonly EventEnvelope[]
type Blob = Evidence['blobs'][number]

/** Every event removed, swapped, doubled, moved and exchanged, with the chain as it was and with the chain computed anew. */
export function* eventForgeries(evidence: Evidence, other: Evidence): Generator<Forgery> {
  for (const { what, events } of rearranged(evidence.events, other.events)) {
    yield { what, forge: () => ({ ...evidence, events: [...events] }) }
    yield { what: `${what}, chained anew`, forge: () => withEvents(evidence, chainedAnew(events)) }
  }
}

/** Members of each event changed to another value, and the chain computed anew. */
export function* memberForgeries(evidence: Evidence): Generator<Forgery> {
  const { events } = evidence
  for (const { seq } of events)
    for (const [member, change] of Object.entries(MEMBERS)) {
      const changed = () => chainedAnew(events.map((event) => (event.seq === seq ? change(event) : event)))
      yield { what: `${member} of event ${seq} changed`, forge: () => withEvents(evidence, changed()) }
    }
}

/** Every blob left out, doubled, exchanged with its neighbour or with one of another run, and one too many. */
export function* blobForgeries(evidence: Evidence, other: Evidence): Generator<Forgery> {
  const { blobs } = evidence
  const withBlobs = (what: string, changed: readonly Blob[]) => ({
    what,
    forge: () => ({ ...evidence, blobs: [...changed] }),
  })
  for (const [index, blob] of blobs.entries()) {
    const about = `blob ${index + 1}`
    yield withBlobs(`${about} removed`, blobs.toSpliced(index, 1))
    yield withBlobs(`${about} doubled`, blobs.toSpliced(index, 0, blob))
    const next = blobs[index + 1]
    if (next === undefined) continue
    yield withBlobs(`${about} swapped with the next`, blobs.toSpliced(index, 2, next, blob))
    yield withBlobs(
      `the contents of ${about} and the next exchanged`,
      blobs.toSpliced(index, 2, { ...blob, base64: next.base64 }, { ...next, base64: blob.base64 }),
    )
  }
  for (const [index, blob] of foreignBlobs(blobs, other.blobs).entries())
    yield withBlobs(`blob ${index + 1} of another run added`, inOrder([...blobs, blob]))
}

/**
 * What the run’s events name exchanged for what another event of the run, or the same of another run, names: Grants,
 * receipts, deliveries, plans. The chain is computed anew, and the foreign blob is brought along.
 */
export function* nameForgeries(evidence: Evidence, other: Evidence): Generator<Forgery> {
  const names = [...new Set(evidence.events.flatMap(blobsNamedBy))]
  const foreign = new Map(other.blobs.map((blob) => [blob.sha256, blob]))
  for (const [index, name] of names.entries()) {
    const next = names[index + 1]
    if (next !== undefined) yield renamed(evidence, `${name} and ${next} exchanged`, exchange(name, next), [])
    const theirs = counterpart(evidence, other, name)
    const blob = theirs === undefined ? undefined : foreign.get(theirs)
    const own = evidence.blobs.find(({ sha256 }) => sha256 === name)
    if (own !== undefined && blob !== undefined && !isSameStatement(own, blob))
      yield renamed(evidence, `${name} exchanged for that of another run`, exchange(name, blob.sha256), [blob])
  }
}

/** The run cut off after each step it took, and its chain whole: only a position known from elsewhere tells. */
export function* cuts(evidence: Evidence): Generator<Forgery> {
  const { events } = evidence
  for (const [index, event] of events.entries()) {
    if (index === 0 || event.kind !== 'input') continue
    const kept = events.slice(0, index)
    const direct = new Set(kept.flatMap(blobsNamedBy))
    const bytes = new Map(
      evidence.blobs.map(({ sha256, base64 }) => [sha256, new Uint8Array(Buffer.from(base64, 'base64'))]),
    )
    const beside = new Set(blobsNamedWithin(direct, (sha256) => bytes.get(sha256)))
    const blobs = evidence.blobs.filter(({ sha256 }) => direct.has(sha256) || beside.has(sha256))
    yield { what: `cut off before event ${index + 1}`, forge: () => ({ ...evidence, events: kept, blobs }) }
  }
}

/** Each signed blob with its signature stripped or taken from another, named as its bytes demand, and chained anew. */
export function* signatureForgeries(evidence: Evidence): Generator<Forgery> {
  const signed = evidence.blobs.flatMap(({ sha256, base64 }) => {
    const parsed = Envelope.safeParse(parseCanonical(Buffer.from(base64, 'base64').toString()))
    return parsed.success ? [{ sha256, envelope: parsed.data }] : []
  })
  for (const [index, { sha256, envelope }] of signed.entries()) {
    const [signature] = envelope.signatures
    const borrowed = signed[(index + 1) % signed.length]?.envelope.signatures ?? []
    const payload = Buffer.from(envelope.payload, 'base64').toString().replace('"attempts":1', '"attempts":2')
    const stripped: Readonly<Record<string, object>> = {
      'its signature emptied': { ...envelope, signatures: [{ ...signature, sig: '' }] },
      'its signature left out': { ...envelope, signatures: [] },
      'the signature of another': { ...envelope, signatures: borrowed },
      'what it states changed': { ...envelope, payload: Buffer.from(payload).toString('base64') },
      'another type of payload': { ...envelope, payloadType: 'application/json' },
    }
    for (const [how, made] of Object.entries(stripped)) {
      const blob = toBlob(canonicalJson(made))
      if (blob.sha256 !== sha256) yield renamed(evidence, `${sha256}: ${how}`, new Map([[sha256, blob.sha256]]), [blob])
    }
  }
}

type Rearranged = { readonly what: string; readonly events: Events }

function* rearranged(events: Events, others: Events): Generator<Rearranged> {
  for (const [index, event] of events.entries()) {
    const about = `event ${index + 1}`
    const without = events.toSpliced(index, 1)
    if (index < events.length - 1) yield { what: `${about} removed`, events: without }
    yield { what: `${about} doubled`, events: events.toSpliced(index, 0, event) }
    yield { what: `${about} doubled at the end`, events: [...events, event] }
    const next = events[index + 1]
    if (next !== undefined)
      yield { what: `${about} swapped with the next`, events: events.toSpliced(index, 2, next, event) }
    if (index < events.length - 2) yield { what: `${about} moved to the end`, events: [...without, event] }
    if (index > 1) yield { what: `${about} moved to the front`, events: [event, ...without] }
    const theirs = others[index]
    if (theirs !== undefined && theirs.hash !== event.hash)
      yield { what: `${about} exchanged for that of another run`, events: events.with(index, theirs) }
  }
  yield { what: 'all events turned round', events: events.toReversed() }
}

const MEMBERS: Readonly<Record<string, (event: EventEnvelope) => EventEnvelope>> = {
  by: (event) => ({ ...event, by: event.by === 'agentos' ? 'github:1' : 'agentos' }),
  at: (event) => ({ ...event, at: event.at.replace(/^\d{4}/, '2020') }),
  v: (event) => ({ ...event, v: event.v + 1 }),
  type: (event) => ({ ...event, type: event.type === 'RunApproved' ? 'RunMerged' : 'RunApproved' }),
  kind: (event) => ({ ...event, kind: event.kind === 'input' ? 'decision' : 'input' }),
  data: (event) => ({ ...event, data: { ...event.data, more: true } }),
}

function renamed(
  evidence: Evidence,
  what: string,
  names: ReadonlyMap<Sha256, Sha256>,
  brought: readonly Blob[],
): Forgery {
  return {
    what,
    forge: () => {
      const events = rechained(evidence.events, ({ data }) => rename(data, names))
      const still = new Set(events.flatMap(blobsNamedBy))
      const kept = evidence.blobs.filter(({ sha256 }) => !names.has(sha256) || still.has(sha256))
      return withEvents({ ...evidence, blobs: inOrder([...kept, ...foreignBlobs(kept, brought)]) }, events)
    },
  }
}

/** Nothing where the events are those of before: that is no forgery. */
function withEvents(evidence: Evidence, events: EventEnvelope[]): Evidence | undefined {
  const isSame = events.length === evidence.events.length && events.at(-1)?.hash === evidence.events.at(-1)?.hash
  return isSame ? undefined : { ...evidence, events }
}

function chainedAnew(events: Events): EventEnvelope[] {
  return rechained(events, ({ data }) => data)
}

function rename(data: EventEnvelope['data'], names: ReadonlyMap<Sha256, Sha256>): EventEnvelope['data'] {
  const text = JSON.stringify(data).replaceAll(/[0-9a-f]{64}/g, (found) => names.get(found) ?? found)
  return JSON.parse(text)
}

function exchange(one: Sha256, other: Sha256): ReadonlyMap<Sha256, Sha256> {
  return new Map([
    [one, other],
    [other, one],
  ])
}

/** What the same kind of event names at the same place in the other run. */
function counterpart(evidence: Evidence, other: Evidence, name: Sha256): Sha256 | undefined {
  const event = evidence.events.find((one) => blobsNamedBy(one).includes(name))
  if (event === undefined) return undefined
  const place = blobsNamedBy(event).indexOf(name)
  const nth = evidence.events.filter(({ type }) => type === event.type).indexOf(event)
  const theirs = other.events.filter(({ type }) => type === event.type)[nth]
  return theirs === undefined ? undefined : blobsNamedBy(theirs)[place]
}

/** Two runs of the test kit bear one id: what says the same of both, but for its time, is not another run’s. */
function isSameStatement(one: Blob, other: Blob): boolean {
  const [first, second] = [one, other].map(({ base64 }) => {
    const parsed = Envelope.safeParse(parseCanonical(Buffer.from(base64, 'base64').toString()))
    const text = parsed.success ? Buffer.from(parsed.data.payload, 'base64').toString() : base64
    return text.replaceAll(/"at":"[^"]*"|"digest":\{[^}]*\}/g, '')
  })
  return first === second
}

function foreignBlobs(own: readonly Blob[], others: readonly Blob[]): readonly Blob[] {
  const known = new Set(own.map(({ sha256 }) => sha256))
  return others.filter(({ sha256 }) => !known.has(sha256))
}

function inOrder(blobs: readonly Blob[]): Blob[] {
  return blobs.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1))
}

function toBlob(text: string): Blob {
  return { sha256: sha256Hex(text), base64: Buffer.from(text).toString('base64') }
}
