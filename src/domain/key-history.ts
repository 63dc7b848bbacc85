import { z } from 'zod'
import { Envelope } from './dsse.ts'
import type { ControllerKey } from './evidence.ts'
import { Sha256, short } from './hash.ts'
import type { StreamName } from './ids.ts'
import type { EventEnvelope } from './run/envelope.ts'

/** The stream in which a ledger says with which keys its controllers signed. */
export const KEYS_STREAM: StreamName = 'keys/controller'

export const keyEvents = {
  /** From here on the controllers sign with this key. `endorsed` is the announcement signed with the key before it. */
  KeyTaken: z.strictObject({
    keyid: Sha256,
    publicKey: z.string().max(64),
    previous: Sha256.nullable(),
    announced: Envelope,
    endorsed: Envelope.nullable(),
  }),
  /** The key was found in other hands: what it signed after the position `after` counts no more. */
  KeyRevoked: z.strictObject({ keyid: Sha256, after: z.int().min(0), because: z.string().min(1).max(300) }),
} as const
export type KeyTaken = z.infer<typeof keyEvents.KeyTaken>
export type KeyRevoked = z.infer<typeof keyEvents.KeyRevoked>

/** What a key signs about itself, and the key before it about its successor. */
export const KeyAnnouncement = z.strictObject({
  v: z.literal(1),
  keyid: Sha256,
  publicKey: z.string().max(64),
  previous: Sha256.nullable(),
})
export type KeyAnnouncement = z.infer<typeof KeyAnnouncement>
export const KEY_ANNOUNCEMENT_TYPE = 'urn:agentos:key-announcement:v1'

/** A key with the span of the log in which it was current. */
export type StatedKey = Extract<ControllerKey, { state: string }>

/** Every key that the stream names, the oldest first. The first key on record covers the log from its beginning. */
export function keyHistory(
  events: readonly { readonly pos: number; readonly event: EventEnvelope }[],
): readonly StatedKey[] {
  return events.reduce<readonly StatedKey[]>((keys, { pos, event }) => {
    if (event.type === 'KeyTaken') return taken(keys, keyEvents.KeyTaken.parse(event.data), pos)
    if (event.type === 'KeyRevoked') return revoked(keys, keyEvents.KeyRevoked.parse(event.data))
    throw new TypeError(`${event.stream} holds ${event.type}, which says nothing of a key`)
  }, [])
}

/** The key that the controllers sign with; undefined before the first, and after the last one was revoked. */
export function currentKey(keys: readonly StatedKey[]): StatedKey | undefined {
  return keys.find(({ state }) => state === 'current')
}

function taken(keys: readonly StatedKey[], { keyid, publicKey, endorsed }: KeyTaken, pos: number): StatedKey[] {
  const before = keys.map(
    (key): StatedKey => (key.state === 'current' ? { ...key, state: 'retired', until: pos - 1 } : key),
  )
  const named = { keyid, use: 'controller', algorithm: 'Ed25519', publicKey, state: 'current' } as const
  return [
    ...before,
    { ...named, from: keys.length === 0 ? 1 : pos, ...(endorsed === null ? {} : { endorsement: endorsed }) },
  ]
}

function revoked(keys: readonly StatedKey[], { keyid, after, because }: KeyRevoked): StatedKey[] {
  return keys.map((key) => {
    if (key.keyid !== keyid) return key
    return { ...key, state: 'revoked', until: lastCounting(key, after), because }
  })
}

/** Up to where a key counts that is revoked from behind a position on: a revocation never widens its span. */
export function lastCounting(key: StatedKey, after: number): number {
  return key.state === 'current' ? after : Math.min(after, key.until)
}

/**
 * Why what a key signed does not count at this position of the log; undefined where it does. The position is null where
 * nothing tells it: then only a key counts that was never another's successor and has none.
 */
export function faultInSpan(key: ControllerKey, position: number | null): string | undefined {
  if (!('state' in key)) return undefined
  const name = `key ${short(key.keyid)}`
  if (position === null)
    return key.state === 'current' && key.from === 1
      ? undefined
      : `${name} was ${spanOf(key)}, and nothing tells at which position of the log this stands`
  if (position < key.from) return `${name} was ${spanOf(key)}, and this stands at position ${position}`
  if (key.state === 'current' || position <= key.until) return undefined
  return key.state === 'revoked'
    ? `${name} was revoked (${key.because}): what it signed after position ${key.until} counts no more, and this stands at position ${position}`
    : `${name} was ${spanOf(key)} and then retired, and this stands at position ${position}`
}

/** Why a key cannot vouch for the log as it stood at a position. A revoked key vouches for nothing: whoever has it can name any position. */
export function faultInVouching(key: ControllerKey, position: number | null): string | undefined {
  if (!('state' in key)) return undefined
  if (key.state === 'revoked')
    return `key ${short(key.keyid)} was revoked (${key.because}): what vouches for the log has to be signed anew with the current key`
  return faultInProven(key, position)
}

/** As `faultInVouching`, of a state of the log that another key proved: there also a revoked key counts, inside of its span. */
export function faultInProven(key: ControllerKey, position: number | null): string | undefined {
  return 'state' in key ? faultInSpan({ ...key, from: 1 }, position) : undefined
}

function spanOf(key: StatedKey): string {
  return key.state === 'current'
    ? `current from position ${key.from} on`
    : `current from position ${key.from} to ${key.until}`
}
