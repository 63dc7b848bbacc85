import type { OpenLedger } from '../adapters/ledger/open.ts'
import { keyFromEnv, loadKey, loadOrMakeKey } from '../adapters/signing/keys.ts'
import type { Signer } from '../app/ports.ts'
import { type TakingKey, takeKey, underKey } from '../app/signing-keys.ts'
import { type Environment, WrongEnvironment } from './environment.ts'

/** Where a person puts the key file of before, so that a new key is made and announced by the old one. */
const PREVIOUS_FILE = 'previous-signing-key'

/** The key that this server signs with. Throws WrongEnvironment where none is given that every server would share. */
export async function signerFor(env: Environment): Promise<Signer> {
  if (env.AGENTOS_SIGNING_KEY !== undefined) return given('AGENTOS_SIGNING_KEY', env.AGENTOS_SIGNING_KEY)
  if (env.DATABASE_URL !== undefined)
    throw new WrongEnvironment(
      'AGENTOS_SIGNING_KEY is missing: with DATABASE_URL the key must be given, since other servers need the same',
    )
  return loadOrMakeKey(env.AGENTOS_DATA)
}

/** The keys of before that are at hand; they sign nothing but the announcement of the one that follows them. */
export async function earlierSigners(env: Environment): Promise<readonly Signer[]> {
  const { AGENTOS_PREVIOUS_SIGNING_KEY: previous, AGENTOS_DATA: folder } = env
  const named = previous === undefined ? [] : [given('AGENTOS_PREVIOUS_SIGNING_KEY', previous)]
  const kept = await Promise.all([PREVIOUS_FILE, 'signing-key'].map((name) => loadKey(folder, name)))
  return [...named, ...kept.filter((signer) => signer !== undefined)]
}

function given(name: string, value: string): Signer {
  const key = keyFromEnv(value)
  if (key.ok) return key.value
  throw new WrongEnvironment(`${name} ${key.refusal}`)
}

type OwnKey = Omit<TakingKey, 'ledger'> & { readonly onLost: () => void }

/**
 * The store as this server may write it: its key is recorded as the current one first, and everything it appends holds only
 * while that stays so. Throws WrongEnvironment, with the store closed, where the key cannot be taken.
 */
export async function underOwnKey<S extends Pick<OpenLedger, 'ledger' | 'close'>>(
  store: S,
  { onLost, ...taking }: OwnKey,
): Promise<S> {
  const taken = await takeKey({ ...taking, ledger: store.ledger })
  if (taken.ok) return { ...store, ledger: await underKey(store.ledger, taking.signer, onLost) }
  await store.close()
  throw new WrongEnvironment(`AGENTOS_SIGNING_KEY cannot be used: ${taken.refusal}`)
}
