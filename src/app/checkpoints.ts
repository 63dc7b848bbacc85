import { parseCanonical } from '../domain/canonical.ts'
import { CHECKPOINT_TYPE, Checkpoint, CheckpointFile } from '../domain/checkpoint.ts'
import { publicKeyBytes } from '../domain/curve.ts'
import { type ControllerKey, isSameKey } from '../domain/evidence.ts'
import { type Sha256, sha256Hex } from '../domain/hash.ts'
import { faultInVouching } from '../domain/key-history.ts'
import { consistencyProof, eventLeaf, isConsistent, rootOf, type TreeHead } from '../domain/merkle.ts'
import { fromUtf8 } from '../domain/patch/bytes.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { wholeLog } from './audit-ledger.ts'
import { controllerKey } from './evidence/export.ts'
import type { Ledger } from './ledger.ts'
import type { Clock, OpenEnvelope, Signer } from './ports.ts'
import { openStatement, sealStatement } from './runner/statements.ts'
import { readKeys, statedKey } from './signing-keys.ts'

export type CheckpointSource = {
  readonly ledger: Pick<Ledger, 'log' | 'read' | 'positions'>
  readonly signer: Signer
  readonly clock: Clock
}

/**
 * Signs the log as it stands. Refused where the log is empty, where the signer's key is not its current one, and where it
 * does not begin with what the earlier checkpoint covers: such a log was rewritten, and signing it would help to hide that.
 */
export async function signCheckpoint(
  { ledger, signer, clock }: CheckpointSource,
  earlier: TreeHead | null,
): Promise<Result<CheckpointFile, string>> {
  const key = statedKey((await readKeys(ledger)).keys, signer)
  if (!key.ok) return key
  const leaves: Sha256[] = []
  for await (const { event } of wholeLog(ledger)) leaves.push(eventLeaf(event.hash))
  if (leaves.length === 0) return refuse('the log is empty')
  const fault = earlier === null ? undefined : faultInBeginning(leaves, earlier)
  if (fault !== undefined) return refuse(fault)
  const checkpoint: Checkpoint = { v: 1, size: leaves.length, root: rootOf(leaves), at: clock.now() }
  return ok({
    v: 1,
    type: 'agentos-checkpoint',
    checkpoint: sealStatement(signer, CHECKPOINT_TYPE, `log@${checkpoint.size}`, checkpoint),
    key: controllerKey(signer),
    since: earlier === null ? null : { ...earlier, proof: [...consistencyProof(leaves, earlier.size)] },
  })
}

function faultInBeginning(leaves: readonly Sha256[], { size, root }: TreeHead): string | undefined {
  if (size > leaves.length)
    return `the log ends at position ${leaves.length}, the earlier checkpoint covers ${size}: its end was cut off`
  return rootOf(leaves.slice(0, size)) === root
    ? undefined
    : `the first ${size} events are not those that the earlier checkpoint covers: the log was rewritten`
}

/** Whom a checkpoint is believed from: pinned keys, or null for the key that the file itself names. */
export type CheckpointTrust = { readonly open: OpenEnvelope; readonly trusted: readonly ControllerKey[] | null }

/** Reads a checkpoint file: one canonical text, signed by a key that is trusted, its proof holding. */
export function openCheckpoint(bytes: Uint8Array, { open, trusted }: CheckpointTrust): Result<Checkpoint, string> {
  const parsed = CheckpointFile.safeParse(parseCanonical(fromUtf8(bytes)?.replace(/\n$/, '') ?? ''))
  if (!parsed.success) return refuse('it is no checkpoint, or its text is not canonical')
  const { checkpoint: envelope, key, since } = parsed.data
  const believed = believedKey(key, trusted)
  if (!believed.ok) return believed
  const stated = openStatement(open, { envelope, publicKey: key.publicKey }, CHECKPOINT_TYPE, Checkpoint)
  if (stated === undefined) return refuse('its signature does not hold')
  const untimely = faultInVouching(believed.value, stated.size)
  if (untimely !== undefined) return refuse(untimely)
  if (since !== null && !isConsistent(since, stated, since.proof))
    return refuse('its proof does not show that the log only grew')
  return ok(stated)
}

/** The key as the reader pinned it; where nothing is pinned, as the file names it. */
function believedKey(key: ControllerKey, trusted: CheckpointTrust['trusted']): Result<ControllerKey, string> {
  const raw = publicKeyBytes(key.publicKey)
  if (raw === undefined || sha256Hex(raw) !== key.keyid) return refuse('its key has another name, or is not usable')
  const believed = trusted?.find((pinned) => isSameKey(pinned, key)) ?? (trusted === null ? key : undefined)
  return believed === undefined ? refuse(`its key ${key.keyid} is none of those that are trusted`) : ok(believed)
}
