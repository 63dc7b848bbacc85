import { short } from '../../domain/hash.ts'
import { KEYS_FILE, readTrustedKeys } from '../../domain/trusted-keys.ts'
import type { JobRefusal, Mission } from './mission.ts'
import type { BaseCheckout } from './ports.ts'

/**
 * Why a Grant of this key is not taken in this repository: where its base pins keys, the Grant's must be one of them and
 * neither retired nor revoked. What was approved on a plain clone is that machine's own word, and no file pins its key.
 */
export async function pinnedKeysFault(
  { grant, signedBy }: Pick<Mission, 'grant' | 'signedBy'>,
  base: Pick<BaseCheckout, 'entries' | 'read'>,
): Promise<JobRefusal | undefined> {
  const file = base.entries.find(({ path }) => path === KEYS_FILE)
  if (file === undefined || grant.authority === 'local') return undefined
  const keys = readTrustedKeys((await base.read([file.blob])).get(file.blob) ?? new Uint8Array())
  if (!keys.ok) return fault(`${KEYS_FILE} cannot be read: ${keys.refusal}`)
  const pinned = keys.value.keys.find(({ publicKey }) => publicKey === signedBy)
  if (pinned === undefined) return fault(`the key that signed the Grant is none of ${KEYS_FILE}`)
  return 'state' in pinned && pinned.state !== 'current'
    ? fault(`${KEYS_FILE} says that key ${short(pinned.keyid)}, which signed the Grant, is ${pinned.state}`)
    : undefined
}

function fault(because: string): JobRefusal {
  return { rule: 'grant-key', because }
}
