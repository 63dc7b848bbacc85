import { openEnvelope } from '../../adapters/signing/ed25519.ts'
import { type CheckpointTrust, type OpenedCheckpoint, openCheckpoint } from '../../app/checkpoints.ts'
import type { Anchor, Trust } from '../../app/evidence/open-bundle.ts'
import type { TrustedKeys } from '../../domain/evidence.ts'
import { readTrustedKeys } from '../../domain/trusted-keys.ts'
import { thisEngine } from '../engine.ts'
import { type Given, WrongUsage } from './command.ts'
import { readInput } from './read-input.ts'

/** `--trust KEYS` and `--anchor (SEQ@HASH | FILE)`: whom and what the reader believes. */
export async function trustGiven(given: Given): Promise<Trust> {
  const file = given.flags.get('trust')
  const trusted = file === undefined ? null : readKeys(await readInput(file), file)
  const trust = { open: openEnvelope, trusted, engine: () => thisEngine().digest }
  const anchor = given.flags.get('anchor')
  if (anchor === undefined) return { ...trust, anchor: null }
  return /^\d+@/.test(anchor)
    ? { ...trust, anchor: positionIn(anchor) }
    : { ...trust, anchor: null, checkpoint: await checkpointIn(anchor, trust) }
}

/** A checkpoint that was kept, as `agentos ledger checkpoint` wrote it or a check run shows it. */
export async function checkpointIn(file: string, trust: CheckpointTrust): Promise<OpenedCheckpoint> {
  const opened = openCheckpoint(await readInput(file), trust)
  if (opened.ok) return opened.value
  throw new WrongUsage(`the checkpoint ${file} is not valid: ${opened.refusal}`)
}

/** The public keys in a file as a person pins it. */
export function readKeys(bytes: Uint8Array, file: string): TrustedKeys['keys'] {
  const read = readTrustedKeys(bytes)
  if (read.ok) return read.value.keys
  throw new WrongUsage(`${file} holds no public keys: ${read.refusal}`)
}

function positionIn(value: string): Anchor {
  const [, seq, hash] = /^([1-9][0-9]{0,8})@([0-9a-f]{64})$/.exec(value) ?? []
  if (seq === undefined || hash === undefined)
    throw new WrongUsage('--anchor is SEQ@HASH, as in the trailer AgentOS-Ledger, or the file of a checkpoint')
  return { seq: Number(seq), hash }
}
