import { parseCanonical } from '../domain/canonical.ts'
import { CHECKPOINT_TYPE, Checkpoint, CheckpointFile } from '../domain/checkpoint.ts'
import { publicKeyBytes } from '../domain/curve.ts'
import { type ControllerKey, type GrownSince, isSameKey } from '../domain/evidence.ts'
import { sha256Hex } from '../domain/hash.ts'
import { faultInVouching } from '../domain/key-history.ts'
import { consistencyOver, isConsistent, type TreeHead } from '../domain/merkle.ts'
import { BrokenRecord } from '../domain/packs/documents.ts'
import { fromUtf8 } from '../domain/patch/bytes.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { controllerKey } from './evidence/export.ts'
import type { Ledger } from './ledger.ts'
import { type LogAt, type LogTree, logTree } from './log-tree.ts'
import type { Clock, OpenEnvelope, Signer } from './ports.ts'
import { openStatement, sealStatement } from './runner/statements.ts'
import { readKeys, statedKey } from './signing-keys.ts'

export type CheckpointSource = {
  readonly ledger: Pick<Ledger, 'log' | 'read' | 'positions'>
  readonly signer: Signer
  readonly clock: Clock
}

/** As `CheckpointSource`, with the log kept as a tree. */
export type LogSource = CheckpointSource & { readonly log: LogTree['now'] }

/**
 * Signs the log as it stands. Refused where the log is empty, where the signer's key is not its current one, and where it
 * does not begin with what the earlier checkpoint covers: such a log was rewritten, and signing it would help to hide that.
 */
export function signCheckpoint(
  source: CheckpointSource,
  earlier: TreeHead | null,
): Promise<Result<CheckpointFile, string>> {
  return signLog({ ...source, log: logTree(source.ledger).now }, earlier)
}

async function signLog(source: LogSource, earlier: TreeHead | null): Promise<Result<CheckpointFile, string>> {
  return signAt(await source.log(), source, earlier)
}

/** Signs a log that is read already: a key that is current afterwards was it at every position that was read. */
export async function signAt(
  log: LogAt,
  source: CheckpointSource,
  earlier: TreeHead | null,
): Promise<Result<CheckpointFile, string>> {
  const { ledger, signer } = source
  const key = statedKey((await readKeys(ledger)).keys, signer)
  if (!key.ok) return key
  const made = sealLog(log, source, earlier)
  return made.ok ? ok({ v: 1, type: 'agentos-checkpoint', key: controllerKey(signer), ...made.value }) : made
}

/** The signed state of a log that is read already, and the proof that it only grew since an earlier one. */
export function sealLog(
  log: LogAt,
  { signer, clock }: Pick<CheckpointSource, 'signer' | 'clock'>,
  earlier: TreeHead | null,
): Result<Pick<CheckpointFile, 'checkpoint' | 'since'>, string> {
  if (log.head.size === 0) return refuse('the log is empty')
  const fault = earlier === null ? undefined : faultInBeginning(log, earlier)
  if (fault !== undefined) return refuse(fault)
  const checkpoint: Checkpoint = { v: 1, ...log.head, at: clock.now() }
  return ok({
    checkpoint: sealStatement(signer, CHECKPOINT_TYPE, `log@${checkpoint.size}`, checkpoint),
    since: earlier === null ? null : grownSince(log, earlier),
  })
}

/** A checkpoint of the log as it stands, for people to keep. */
export type SignedNow = () => Promise<CheckpointFile>

export function signedNow(source: LogSource): SignedNow {
  return async () => {
    const file = await signLog(source, null)
    if (!file.ok) throw new BrokenRecord(file.refusal)
    return file.value
  }
}

/** The proof that the log only grew since an earlier state that begins it. */
function grownSince({ head, rootOver }: LogAt, { size, root }: TreeHead): GrownSince {
  return { size, root, proof: [...consistencyOver(rootOver, { size, of: head.size })] }
}

/** Why the log does not go on from an earlier state, or undefined. */
export function faultInBeginning({ head, rootOver }: LogAt, { size, root }: TreeHead): string | undefined {
  if (size > head.size)
    return `the log ends at position ${head.size}, the earlier checkpoint covers ${size}: its end was cut off`
  return rootOver(0, size) === root
    ? undefined
    : `the first ${size} events are not those that the earlier checkpoint covers: the log was rewritten`
}

/** Whom a checkpoint is believed from: pinned keys, or null for the key that the file itself names. */
export type CheckpointTrust = { readonly open: OpenEnvelope; readonly trusted: readonly ControllerKey[] | null }

/** What a checkpoint states, with the earlier state that it is shown to go on from. */
export type OpenedCheckpoint = Checkpoint & { readonly since: GrownSince | null }

/** Reads a checkpoint file: one canonical text, signed by a key that is trusted and vouches for the log, its proof holding. */
export function openCheckpoint(bytes: Uint8Array, trust: CheckpointTrust): Result<OpenedCheckpoint, string> {
  const signed = openSigned(bytes, trust)
  if (!signed.ok) return signed
  const { checkpoint, by } = signed.value
  const untimely = faultInVouching(by, checkpoint.size)
  return untimely === undefined ? ok(checkpoint) : refuse(untimely)
}

/** A checkpoint whose signature and proof hold, and what is known of its key, which may have lost its word since. */
export type SignedCheckpoint = { readonly checkpoint: OpenedCheckpoint; readonly by: ControllerKey }

/** As `openCheckpoint`, before it is asked whether the key still vouches. */
export function openSigned(bytes: Uint8Array, { open, trusted }: CheckpointTrust): Result<SignedCheckpoint, string> {
  const parsed = CheckpointFile.safeParse(parseCanonical(fromUtf8(bytes)?.replace(/\n$/, '') ?? ''))
  if (!parsed.success) return refuse('it is no checkpoint, or its text is not canonical')
  const { checkpoint: envelope, key, since } = parsed.data
  const believed = believedKey(key, trusted)
  if (!believed.ok) return believed
  const stated = openStatement(open, { envelope, publicKey: key.publicKey }, CHECKPOINT_TYPE, Checkpoint)
  if (stated === undefined) return refuse('its signature does not hold')
  if (since !== null && !isConsistent(since, stated, since.proof))
    return refuse('its proof does not show that the log only grew')
  return ok({ checkpoint: { ...stated, since }, by: believed.value })
}

/** The key as the reader pinned it; where nothing is pinned, as the file names it. */
function believedKey(key: ControllerKey, trusted: CheckpointTrust['trusted']): Result<ControllerKey, string> {
  const raw = publicKeyBytes(key.publicKey)
  if (raw === undefined || sha256Hex(raw) !== key.keyid) return refuse('its key has another name, or is not usable')
  const believed = trusted?.find((pinned) => isSameKey(pinned, key)) ?? (trusted === null ? key : undefined)
  return believed === undefined ? refuse(`its key ${key.keyid} is none of those that are trusted`) : ok(believed)
}
