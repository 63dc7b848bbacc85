import type { ControllerKey } from '../domain/evidence.ts'
import { hashOf, type Sha256, short } from '../domain/hash.ts'
import {
  currentKey,
  KEY_ANNOUNCEMENT_TYPE,
  KEYS_STREAM,
  KeyAnnouncement,
  type KeyTaken,
  keyEvents,
  keyHistory,
  lastCounting,
  type StatedKey,
} from '../domain/key-history.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { chain, type EventEnvelope } from '../domain/run/envelope.ts'
import type { Append, Ledger } from './ledger.ts'
import type { Clock, OpenEnvelope, Signer } from './ports.ts'
import { openStatement, sealStatement } from './runner/statements.ts'

/** The controller's key is no longer the ledger's: it signs and records nothing any more. The message is safe to show. */
export class KeyNotCurrent extends Error {
  override readonly name = 'KeyNotCurrent'
}

export type KeyLedger = Pick<Ledger, 'read' | 'positions' | 'append'>

/** The keys that a ledger's controllers signed with, and how long the stream is that says so. */
export async function readKeys(
  ledger: Pick<Ledger, 'read' | 'positions'>,
): Promise<{ readonly events: readonly EventEnvelope[]; readonly keys: readonly StatedKey[] }> {
  const events = await ledger.read(KEYS_STREAM)
  const positions = await ledger.positions(KEYS_STREAM)
  return { events, keys: keyHistory(events.map((event, index) => ({ event, pos: positions[index] ?? 0 }))) }
}

/** The signer's key as the ledger states it; undefined in a ledger that has no record of keys. Refused where another is current. */
export function statedKey(
  keys: readonly StatedKey[],
  { keyid }: Pick<Signer, 'keyid'>,
): Result<StatedKey | undefined, string> {
  const current = currentKey(keys)
  if (keys.length === 0 || current?.keyid === keyid) return ok(current)
  return refuse(`the key ${short(keyid)} is not the current one of this ledger`)
}

export type TakingKey = {
  readonly ledger: KeyLedger
  readonly signer: Signer
  /** The keys of before that are at hand, to sign the announcement of the new one. */
  readonly earlier: readonly Signer[]
  readonly clock: Clock
}

const MOST_TRIES = 20

/**
 * Makes the signer's key the ledger's, if it is not already: the one before it is retired from then on. Refused where that
 * key was retired or revoked earlier, since what it signs would count no more.
 */
export async function takeKey(taking: TakingKey): Promise<Result<'taken' | 'kept', string>> {
  const { ledger, signer, clock } = taking
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { events, keys } = await readKeys(ledger)
    const known = keys.find(({ keyid }) => keyid === signer.keyid)
    if (known?.state === 'current') return ok('kept')
    if (known !== undefined) return refuse(`key ${short(known.keyid)} was ${known.state} and is not taken up again`)
    const data = announcement(taking, keys.at(-1)?.keyid ?? null)
    const appended = await ledger.append(keyAppend(events, { type: 'KeyTaken', data, at: clock.now() }))
    if (appended.is !== 'moved') return ok('taken')
  }
  return refuse(`the stream ${KEYS_STREAM} moved ${MOST_TRIES} times while the key was to be taken`)
}

/**
 * Says that a key was found in other hands; answers the last position up to which it counts. Refused where the ledger does
 * not know it, or says so already.
 */
export async function revokeKey(
  { ledger, clock }: Pick<TakingKey, 'ledger' | 'clock'>,
  given: { readonly keyid: Sha256; readonly after: number; readonly because: string },
): Promise<Result<number, string>> {
  const { events, keys } = await readKeys(ledger)
  const known = keys.find(({ keyid }) => keyid === given.keyid)
  if (known === undefined) return refuse(`the ledger knows no key ${given.keyid}`)
  if (known.state === 'revoked') return refuse(`the key is revoked already, from position ${known.until} on`)
  const appended = await ledger.append(keyAppend(events, { type: 'KeyRevoked', data: given, at: clock.now() }))
  if (appended.is === 'moved') return refuse('another key was taken or revoked at this moment; nothing was recorded')
  return ok(lastCounting(known, given.after))
}

function announcement({ signer, earlier }: TakingKey, previous: Sha256 | null): KeyTaken {
  const { keyid, publicKey } = signer
  const said: KeyAnnouncement = { v: 1, keyid, publicKey, previous }
  const before = earlier.find((one) => one.keyid === previous)
  const sealedBy = (by: Signer) => sealStatement(by, KEY_ANNOUNCEMENT_TYPE, `key/${keyid}`, said)
  return {
    keyid,
    publicKey,
    previous,
    announced: sealedBy(signer),
    endorsed: before === undefined ? null : sealedBy(before),
  }
}

type NewKeyEvent = { readonly type: keyof typeof keyEvents; readonly data: EventEnvelope['data']; readonly at: string }

function keyAppend(past: readonly EventEnvelope[], { type, data, at }: NewKeyEvent): Append {
  const events = chain(KEYS_STREAM, past.at(-1), [{ kind: 'input', type, v: 1, data, by: 'agentos', at }])
  return { expect: [{ stream: KEYS_STREAM, seq: past.length }], events, effects: [], blobs: [] }
}

/**
 * The ledger as a controller with this key may write it: every append holds only while the key is current, so that nothing
 * which a retired key signed is ever recorded. `onLost` hears of it first.
 */
export async function underKey(ledger: Ledger, signer: Pick<Signer, 'keyid'>, onLost: () => void): Promise<Ledger> {
  let seq = await standing()
  async function standing(): Promise<number> {
    const { events, keys } = await readKeys(ledger)
    const stated = statedKey(keys, signer)
    if (stated.ok) return events.length
    onLost()
    throw new KeyNotCurrent(stated.refusal)
  }
  return {
    ...ledger,
    append: async (append) => {
      const outcome = await ledger.append({ ...append, expect: [...append.expect, { stream: KEYS_STREAM, seq }] })
      if (outcome.is === 'moved' && outcome.stream === KEYS_STREAM) seq = await standing()
      return outcome
    },
  }
}

/** What is wrong with the keys that a ledger names: an announcement that its key did not sign, or another line of keys. */
export function faultInKeyStream(events: readonly EventEnvelope[], open: OpenEnvelope): string | undefined {
  const known = new Map<Sha256, string>()
  let last: Sha256 | null = null
  for (const { type, data, stream, seq } of events) {
    const fault = type === 'KeyTaken' ? faultInTaking(keyEvents.KeyTaken.parse(data), { known, last, open }) : undefined
    if (fault !== undefined) return `${stream}@${seq}: ${fault}`
    if (type !== 'KeyTaken') continue
    const { keyid, publicKey } = keyEvents.KeyTaken.parse(data)
    known.set(keyid, publicKey)
    last = keyid
  }
  return undefined
}

type Line = {
  readonly known: ReadonlyMap<Sha256, string>
  readonly last: Sha256 | null
  readonly open: OpenEnvelope
}

function faultInTaking(taken: KeyTaken, { known, last, open }: Line): string | undefined {
  const { keyid, publicKey, previous, announced, endorsed } = taken
  if (known.has(keyid)) return 'a key is taken up again'
  if (previous !== last) return 'it does not follow the key before it'
  const said = hashOf({ v: 1, keyid, publicKey, previous })
  const isSaidBy = (envelope: KeyTaken['announced'], by: string) => {
    const stated = openStatement(open, { envelope, publicKey: by }, KEY_ANNOUNCEMENT_TYPE, KeyAnnouncement)
    return stated !== undefined && hashOf(stated) === said
  }
  if (!isSaidBy(announced, publicKey)) return 'the key did not sign its own announcement'
  const before = previous === null ? undefined : known.get(previous)
  return endorsed === null || (before !== undefined && isSaidBy(endorsed, before))
    ? undefined
    : 'the key before it did not sign its announcement'
}

/** Which pinned key announced this one, where its endorsement holds: for people to compare, never to be believed alone. */
export function endorserOf(
  key: ControllerKey,
  trusted: readonly ControllerKey[],
  open: OpenEnvelope,
): ControllerKey | undefined {
  const { keyid, publicKey, endorsement } = key
  if (endorsement === undefined) return undefined
  return trusted.find((pinned) => {
    const sealed = { envelope: endorsement, publicKey: pinned.publicKey }
    const said = openStatement(open, sealed, KEY_ANNOUNCEMENT_TYPE, KeyAnnouncement)
    return said?.keyid === keyid && said.publicKey === publicKey && said.previous === pinned.keyid
  })
}
