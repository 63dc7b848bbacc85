import { openEnvelope } from '../../adapters/signing/ed25519.ts'
import type { Trust } from '../../app/evidence/open-bundle.ts'
import type { TrustedKeys } from '../../domain/evidence.ts'
import { readTrustedKeys } from '../../domain/trusted-keys.ts'
import { type Given, WrongUsage } from './command.ts'
import { readInput } from './read-input.ts'

/** `--trust KEYS` and `--anchor SEQ@HASH`: whom the reader believes. */
export async function trustGiven(given: Given): Promise<Trust> {
  const file = given.flags.get('trust')
  const trusted = file === undefined ? null : readKeys(await readInput(file), file)
  return { open: openEnvelope, trusted, anchor: anchorIn(given.flags.get('anchor')) }
}

function readKeys(bytes: Uint8Array, file: string): TrustedKeys['keys'] {
  const read = readTrustedKeys(bytes)
  if (read.ok) return read.value.keys
  throw new WrongUsage(`${file} holds no public keys: ${read.refusal}`)
}

function anchorIn(value: string | undefined): NonNullable<Trust['anchor']> | null {
  if (value === undefined) return null
  const [, seq, hash] = /^([1-9][0-9]{0,8})@([0-9a-f]{64})$/.exec(value) ?? []
  if (seq === undefined || hash === undefined)
    throw new WrongUsage('--anchor is SEQ@HASH, as in the trailer AgentOS-Ledger')
  return { seq: Number(seq), hash }
}
