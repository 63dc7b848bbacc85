import { z } from 'zod'
import { parseCanonical } from '../../domain/canonical.ts'
import type { Sha256 } from '../../domain/hash.ts'
import { ContentRef } from '../../domain/packs/plan.ts'
import { fromUtf8, toUtf8 } from '../../domain/patch/bytes.ts'
import type { SecretFilter } from '../../domain/secrets/secret-filter.ts'
import { namesIn } from '../blob-names.ts'
import type { Append, EffectQueue, Inbox, Ledger } from '../ledger.ts'
import { WillNotWork } from '../ports.ts'

type Recording = { readonly ledger: Ledger; readonly queue: EffectQueue }

/**
 * A store that keeps no secret: deliveries lose theirs before they are kept, and what is appended was cleaned by whoever
 * brought it in, or is not appended at all. The bytes of files are no text of ours: the gate `secrets` judges those.
 */
export function discreetStore<S extends Recording & { readonly inbox: Inbox }>(store: S, filter: SecretFilter): S {
  const { inbox } = store
  return {
    ...discreetRecord(store, filter),
    inbox: {
      ...inbox,
      receive: (delivery) => inbox.receive({ ...delivery, payload: cleanPayload(delivery.payload, filter) }),
    },
  }
}

/** The same of a store to which nobody delivers anything: a run on a clone has no other. */
export function discreetRecord<S extends Recording>(store: S, filter: SecretFilter): S {
  const { ledger, queue } = store
  return {
    ...store,
    ledger: discreetLedger(ledger, filter),
    queue: { ...queue, retryAt: (key, dueAt, reason) => queue.retryAt(key, dueAt, filter.text(reason)) },
  }
}

function discreetLedger(ledger: Ledger, filter: SecretFilter): Ledger {
  return {
    ...ledger,
    append: async (append) => {
      refuseSecrets(append, filter)
      return ledger.append(append)
    },
  }
}

function cleanPayload(payload: Uint8Array, filter: SecretFilter): Uint8Array {
  const text = fromUtf8(payload)
  return text === undefined ? payload : toUtf8(filter.json(text))
}

function refuseSecrets({ events, effects, blobs }: Append, filter: SecretFilter): void {
  const texts = blobs.filter(({ bytes }) => isText(bytes) && filter.kindIn(bytes) !== undefined)
  const files = texts.length === 0 ? NONE : contentsOf({ events, effects, blobs })
  const suspect = texts.filter(({ sha256 }) => !files.has(sha256)).map(({ bytes }) => bytes)
  const record = toUtf8(JSON.stringify({ events, effects }))
  const kind = [record, ...suspect].map((bytes) => filter.kindIn(bytes)).find((found) => found !== undefined)
  if (kind === undefined) return
  throw new WillNotWork(`what was about to be recorded holds a secret (${kind}); nothing of it was kept`)
}

const NONE: ReadonlySet<Sha256> = new Set()

const WithContents = z.looseObject({ contents: z.array(ContentRef) })

/**
 * What the drafts and plans of an append name as bytes of files: evidence needs them as they are, and whether a change may
 * bring them in was judged before. Only a document that the record itself names is believed, for a file may look like one.
 */
function contentsOf({ events, effects, blobs }: Pick<Append, 'events' | 'effects' | 'blobs'>): ReadonlySet<Sha256> {
  const named = new Set(namesIn([events, effects]))
  const texts = blobs.filter(({ sha256, bytes }) => named.has(sha256) && bytes[0] === OPEN)
  const contents = texts.flatMap(({ bytes }) => {
    const parsed = WithContents.safeParse(parseCanonical(fromUtf8(bytes) ?? ''))
    return parsed.success ? parsed.data.contents.map(({ sha256 }) => sha256) : []
  })
  return new Set(contents.filter((sha256) => !named.has(sha256)))
}

/** Documents are JSON, and people's words are JSON behind their salt; everything else is bytes of files and outputs. */
function isText(bytes: Uint8Array): boolean {
  return bytes[0] === OPEN || bytes[SALT] === OPEN
}

const OPEN = 0x7b
const SALT = 32
