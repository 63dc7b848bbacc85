import { openEnvelope } from '../../adapters/signing/ed25519.ts'
import type { Trust } from '../../app/evidence/open-bundle.ts'
import { TrustedKeys } from '../../domain/evidence.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import { type Given, WrongUsage } from './command.ts'
import { readInput } from './read-input.ts'

/** `--trust KEYS` and `--anchor SEQ@HASH`: whom the reader believes. */
export async function trustGiven(given: Given): Promise<Trust> {
  const file = given.flags.get('trust')
  const trusted = file === undefined ? null : readKeys(await readInput(file), file)
  return { open: openEnvelope, trusted, anchor: anchorIn(given.flags.get('anchor')) }
}

function readKeys(bytes: Uint8Array, file: string): TrustedKeys['keys'] {
  const parsed = TrustedKeys.safeParse(parseJson(fromUtf8(bytes) ?? ''))
  if (parsed.success) return parsed.data.keys
  throw new WrongUsage(`${file} holds no public keys: ${parsed.error.issues[0]?.message ?? 'wrong shape'}`)
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function anchorIn(value: string | undefined): NonNullable<Trust['anchor']> | null {
  if (value === undefined) return null
  const [, seq, hash] = /^([1-9][0-9]{0,8})@([0-9a-f]{64})$/.exec(value) ?? []
  if (seq === undefined || hash === undefined)
    throw new WrongUsage('--anchor is SEQ@HASH, as in the trailer AgentOS-Ledger')
  return { seq: Number(seq), hash }
}
