import { CHECKPOINT_TYPE, Checkpoint } from '../../domain/checkpoint.ts'
import type { ControllerKey, Evidence, LogPlace } from '../../domain/evidence.ts'
import type { Sha256 } from '../../domain/hash.ts'
import { faultInProven, faultInVouching } from '../../domain/key-history.ts'
import { eventLeaf, isConsistent, isSameHead, type TreeHead } from '../../domain/merkle.ts'
import { rootByMany } from '../../domain/merkle-many.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import type { OpenedCheckpoint } from '../checkpoints.ts'
import type { OpenEnvelope } from '../ports.ts'
import { openStatement } from '../runner/statements.ts'

/** What a checkpoint in evidence says, once the run's events were found to stand under it. */
export type ProvenPlace = OpenedCheckpoint & { readonly keyid: Sha256 }

/** What is said of each key that evidence names. */
export type KeyStatements = ReadonlyMap<Sha256, readonly [ControllerKey, ...ControllerKey[]]>

/** Checks that a run's events stand where the evidence says, in the log that a key states. Null where it says nothing of it. */
export function openPlace(
  { events, positions, log }: Evidence,
  keys: KeyStatements,
  open: OpenEnvelope,
): Result<ProvenPlace | null, string> {
  if (log === undefined) return ok(null)
  const [{ keyid }] = log.checkpoint.signatures
  const statements = keys.get(keyid)
  if (statements === undefined) return refuse('its checkpoint is signed with a key that the evidence does not name')
  const [{ publicKey }] = statements
  const stated = openStatement(open, { envelope: log.checkpoint, publicKey }, CHECKPOINT_TYPE, Checkpoint)
  if (stated === undefined) return refuse('the signature of its checkpoint does not hold')
  const fault = faultInPlace({ events, positions: positions ?? [] }, log, stated)
  return fault === undefined ? ok({ ...stated, since: log.since, keyid }) : refuse(fault)
}

/** Why what a key signed of a state of the log does not count, by everything that is said of the key. */
export type Speaking = (statements: readonly ControllerKey[], position: number | null) => string | undefined

/** How a key is judged that speaks of a place: more mildly where another key proved that state of the log already. */
export function speakingOf(place: Result<ProvenPlace | null, string>, proven: readonly TreeHead[]): Speaking {
  const head = place.ok ? place.value : null
  const isProven = head !== null && proven.some((one) => isSameHead(one, head))
  const faultOf = isProven ? faultInProven : faultInVouching
  return (statements, position) => statements.map((key) => faultOf(key, position)).find((fault) => fault !== undefined)
}

type Placed = { readonly events: readonly EventEnvelope[]; readonly positions: readonly number[] }

function faultInPlace(
  { events, positions }: Placed,
  { proof, since }: LogPlace,
  stated: Checkpoint,
): string | undefined {
  if (positions.length !== events.length) return `${events.length} events have ${positions.length} positions`
  const leaves = new Map(events.map((event, at) => [(positions[at] ?? 0) - 1, eventLeaf(event.hash)]))
  if (leaves.size !== events.length || rootByMany(leaves, stated.size, proof) !== stated.root)
    return 'its proof does not show that the events stand at their positions under the checkpoint'
  return since === null || isConsistent(since, stated, since.proof)
    ? undefined
    : 'its proof does not show that the log only grew since the earlier state'
}

/**
 * Why the log of a run's evidence is not shown to be the one of a checkpoint known from elsewhere, or undefined. One of the
 * two must be proven to be the beginning of the other.
 */
export function faultAgainstAnchor(place: ProvenPlace | null, anchor: OpenedCheckpoint): string | undefined {
  if (place === null) return 'the evidence says nothing of the log, so it cannot be held against an anchor'
  const found = againstAnchor(headsOf(place), anchor)
  if (found.is === 'same') return undefined
  if (found.is === 'forked') return found.fault
  if (begins(anchor, place) || begins(place, anchor)) return undefined
  return `nothing shows that the log of ${place.size} events and the anchored one of ${anchor.size} are the same log: export the evidence again with \`agentos ledger export --run ID --since ANCHOR\``
}

/** How states of one log stand to an anchored one: they have a state in common, the log forked, or nothing connects them. */
export type AgainstAnchor =
  | { readonly is: 'same' }
  | { readonly is: 'forked'; readonly fault: string }
  | { readonly is: 'unconnected' }

export function againstAnchor(heads: readonly TreeHead[], anchor: OpenedCheckpoint): AgainstAnchor {
  const pairs = heads.flatMap((one) => headsOf(anchor).map((other) => ({ one, other })))
  const same = pairs.filter(({ one, other }) => one.size === other.size)
  const forked = same.find(({ one, other }) => one.root !== other.root)
  if (forked === undefined) return { is: same.length > 0 ? 'same' : 'unconnected' }
  const { one, other } = forked
  const fault = `the log forked: its first ${one.size} events have the root ${one.root}, anchored is ${other.root}`
  return { is: 'forked', fault }
}

function headsOf({ size, root, since }: OpenedCheckpoint): readonly TreeHead[] {
  return [{ size, root }, ...(since === null ? [] : [since])]
}

function begins(earlier: TreeHead, later: OpenedCheckpoint): boolean {
  return headsOf(later).some((head) => isSameHead(head, earlier))
}
