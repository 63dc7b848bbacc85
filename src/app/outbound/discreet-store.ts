import { fromUtf8, toUtf8 } from '../../domain/patch/bytes.ts'
import type { SecretFilter } from '../../domain/secrets/secret-filter.ts'
import type { Append, EffectQueue, Inbox, Ledger } from '../ledger.ts'
import { WillNotWork } from '../ports.ts'

type Store = { readonly ledger: Ledger; readonly queue: EffectQueue; readonly inbox: Inbox }

/**
 * A store that keeps no secret: deliveries lose theirs before they are kept, and what is appended was cleaned by whoever
 * brought it in, or is not appended at all. The bytes of files are no text of ours: the gate `secrets` judges those.
 */
export function discreetStore<S extends Store>(store: S, filter: SecretFilter): S {
  const { ledger, queue, inbox } = store
  return {
    ...store,
    ledger: discreetLedger(ledger, filter),
    queue: { ...queue, retryAt: (key, dueAt, reason) => queue.retryAt(key, dueAt, filter.text(reason)) },
    inbox: {
      ...inbox,
      receive: (delivery) => inbox.receive({ ...delivery, payload: cleanPayload(delivery.payload, filter) }),
    },
  }
}

export function discreetLedger(ledger: Ledger, filter: SecretFilter): Ledger {
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
  const record = toUtf8(JSON.stringify({ events, effects }))
  const texts = blobs.map(({ bytes }) => bytes).filter(isText)
  const kind = [record, ...texts].map((bytes) => filter.kindIn(bytes)).find((found) => found !== undefined)
  if (kind === undefined) return
  throw new WillNotWork(`what was about to be recorded holds a secret (${kind}); nothing of it was kept`)
}

/** Documents are JSON, and people's words are JSON behind their salt; everything else is bytes of files and outputs. */
function isText(bytes: Uint8Array): boolean {
  return bytes[0] === OPEN || bytes[SALT] === OPEN
}

const OPEN = 0x7b
const SALT = 32
