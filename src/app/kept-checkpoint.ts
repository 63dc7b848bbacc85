import { canonicalJson } from '../domain/canonical.ts'
import type { CheckpointFile } from '../domain/checkpoint.ts'
import { plus } from '../domain/clock.ts'
import type { Instant } from '../domain/ids.ts'
import type { TreeHead } from '../domain/merkle.ts'
import { toUtf8 } from '../domain/patch/bytes.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import {
  type CheckpointTrust,
  faultInBeginning,
  type LogSource,
  type OpenedCheckpoint,
  openCheckpoint,
  signAt,
} from './checkpoints.ts'
import { controllerKey } from './evidence/export.ts'
import { inTurns } from './in-turns.ts'
import type { Checkpoints } from './ledger.ts'
import type { LogAt } from './log-tree.ts'
import type { OpenEnvelope } from './ports.ts'
import { readKeys } from './signing-keys.ts'
import type { Log } from './worker.ts'

export type SigningSource = LogSource & { readonly open: OpenEnvelope; readonly checkpoints: Checkpoints }

/**
 * Signs the log as it stands and keeps that beside it. Refused where the log does not go on from what a key of this ledger
 * vouches for: then the older signature stays, by which the rewriting is seen.
 */
export async function keepSigned(source: SigningSource): Promise<Result<CheckpointFile, string>> {
  const { checkpoints } = source
  const before = await checkpoints.newest()
  const log = await source.log()
  const earlier = before === undefined ? ok(null) : await earlierHead(toUtf8(before), log, source)
  if (!earlier.ok) return earlier
  const file = await signAt(log, source, earlier.value)
  if (file.ok) await checkpoints.keep(canonicalJson(file.value))
  return file
}

/**
 * The state that was signed last, as far as it is one of this log, whoever signed it. Refused where a key of this ledger
 * vouches for another log; what somebody else signed binds this controller to nothing.
 */
export async function earlierHead(
  before: Uint8Array,
  log: LogAt,
  { ledger, signer, open }: Pick<SigningSource, 'ledger' | 'signer' | 'open'>,
): Promise<Result<TreeHead | null, string>> {
  const kept = openCheckpoint(before, { open, trusted: null })
  if (!kept.ok) return ok(null)
  const { size, root } = kept.value
  const fault = faultInBeginning(log, { size, root })
  if (fault === undefined) return ok({ size, root })
  const { keys } = await readKeys(ledger)
  const own = openCheckpoint(before, { open, trusted: keys.length === 0 ? [controllerKey(signer)] : keys })
  return own.ok ? refuse(fault) : ok(null)
}

/** A server that works signs the log so often, whether or not it grew. */
const SIGN_EVERY_MS = 60_000

/** Until `signal` aborts. What is recorded after that is signed by whoever ends the server. */
export function signRounds(source: SigningSource, log: Log, signal: AbortSignal): Promise<void> {
  const take = () => signTold(source, log)
  const failed = ['error', 'the log could not be signed'] as const
  return inTurns({ waitsMs: [0, SIGN_EVERY_MS], take, log, failed }, signal)
}

/** As `keepSigned`, for a server: a refusal is told to whoever reads its log. */
export async function signTold(source: SigningSource, log: Log): Promise<void> {
  const signed = await keepSigned(source)
  if (!signed.ok) log('error', 'the log is not signed', { because: signed.refusal, next: 'agentos ledger verify' })
}

/** So long after the newest signature there is either a newer one, or nobody at work who writes. */
const UNSIGNED_MS = 3 * SIGN_EVERY_MS

/** The newest signed state that a store keeps; null where it keeps none. */
export function openKept(file: string | undefined, trust: CheckpointTrust): Result<OpenedCheckpoint | null, string> {
  if (file === undefined) return ok(null)
  const opened = openCheckpoint(toUtf8(file), trust)
  return opened.ok ? opened : refuse(`the checkpoint kept beside the log is not valid: ${opened.refusal}`)
}

/** Why events that no kept checkpoint covers are not to be believed, or undefined where they may be of this moment. */
export function faultInTail(events: number, kept: OpenedCheckpoint | null, now: Instant): string | undefined {
  const covered = kept?.size ?? 0
  if (events <= covered || (kept !== null && plus(kept.at, UNSIGNED_MS) >= now)) return undefined
  const which = `${events - covered} events, from position ${covered + 1} on, are under no signed checkpoint`
  const since = kept === null ? 'none is kept' : `the newest was signed at ${kept.at}`
  return `${which} (${since}): servers sign every minute and when they end. Either a server was killed, and signs when it is started again, or somebody else wrote them`
}
