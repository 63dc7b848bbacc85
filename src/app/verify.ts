import { ZodError } from 'zod'
import type { ObjectId, Sha256 } from '../domain/hash.ts'
import type { Instant } from '../domain/ids.ts'
import type { RunState } from '../domain/run/state.ts'
import { type EvidenceFault, type OpenedEvidence, openBundle, type Trust } from './evidence/open-bundle.ts'
import { auditSignatures, type SignedFacts } from './evidence/signed-facts.ts'
import { type Erased, erasedIn } from './privacy/erased.ts'
import { type Core, type Replayed, replay } from './replay.ts'

/** What valid evidence says. */
export type EvidenceFacts = SignedFacts & {
  readonly run: string
  readonly phase: string
  readonly events: number
  readonly head: { readonly seq: number; readonly hash: Sha256 }
  readonly sealedBy: Sha256
  /** The signed state of the log that every event of the run was found in; null where the evidence holds none. */
  readonly log: { readonly size: number; readonly root: Sha256; readonly at: Instant; readonly signedBy: Sha256 } | null
  /** `own-word`: no key was pinned, so that the bundle vouches for itself. */
  readonly trust: 'pinned' | 'own-word'
  readonly venue: 'github' | 'local'
  readonly plan: Sha256 | null
  readonly approvals: number
  readonly delivered: { readonly commit: ObjectId; readonly tree: ObjectId; readonly diffSha256: Sha256 } | null
  readonly merged: ObjectId | null
  /** What was erased of the run since, by the controller’s signed word. */
  readonly erased: readonly Erased[]
  /** The inputs whose decisions cannot be made again, since what they rest on was erased. */
  readonly undecided: readonly string[]
  /** The inputs that another engine decided otherwise than this one would. */
  readonly changed: readonly string[]
  /** What no bundle can prove by itself, in words for people. */
  readonly unproven: readonly string[]
}

export type Verified = ({ readonly valid: true } & EvidenceFacts) | ({ readonly valid: false } & EvidenceFault)

/**
 * Checks a run's evidence offline, from its bytes and public keys alone, and names the first thing that is wrong. Unreadable
 * is invalid. `core` is the engine that decides again.
 */
export function verifyEvidence(bytes: Uint8Array, trust: Trust, core?: Core): Verified {
  const bundle = openBundle(bytes, trust)
  if (!bundle.ok) return { valid: false, ...bundle.refusal }
  const signed = audited(bundle.value, trust)
  if ('fault' in signed) return { valid: false, ...signed }
  const { evidence, documents } = bundle.value
  const again = replay({ events: evidence.events, documents }, core, trust.engine)
  if (!again.same)
    return {
      valid: false,
      fault: `decided again it differs: on record is ${brief(again.recorded)}, now it is ${brief(again.now)}`,
      where: again.at,
    }
  const fault = faultInEnd(bundle.value)
  if (fault !== undefined) return { valid: false, ...fault }
  return { valid: true, ...signed, ...factsOf(bundle.value, again, trust) }
}

/** An event that does not hold what the catalogue says is a fault of the evidence. */
function audited(bundle: OpenedEvidence, trust: Trust): SignedFacts | EvidenceFault {
  try {
    return auditSignatures(bundle, trust.open)
  } catch (error) {
    if (error instanceof ZodError)
      return {
        fault: `an event does not hold what its type says: ${error.issues[0]?.message ?? 'wrong shape'}`,
        where: `run/${bundle.evidence.run}`,
      }
    throw error
  }
}

const ENDS: ReadonlySet<string> = new Set([
  'RunClosed',
  'RunRefused',
  'RunFailed',
  'RunCancelled',
  'RunExpired',
  'RunMerged',
])

/** A run is delivered at most once and ends at most once. */
function faultInEnd({ evidence: { events } }: OpenedEvidence): EvidenceFault | undefined {
  const ends = events.filter((event) => ENDS.has(event.type))
  const deliveries = events.filter((event) => event.type === 'RunDelivered')
  const second = ends[1] ?? deliveries[1]
  return second === undefined
    ? undefined
    : { fault: `${second.type} comes after the run had its end`, where: `${second.stream}@${second.seq}` }
}

function factsOf(
  { evidence, sealedBy, place, documents }: OpenedEvidence,
  { state, undecided, changed }: Extract<Replayed, { same: true }>,
  trust: Trust,
): Omit<EvidenceFacts, keyof SignedFacts> {
  const venue = state.request?.venue ?? 'local'
  return {
    run: evidence.run,
    phase: state.phase,
    events: evidence.events.length,
    head: headOf(evidence),
    sealedBy,
    log: place === null ? null : { size: place.size, root: place.root, at: place.at, signedBy: place.keyid },
    trust: trust.trusted === null ? 'own-word' : 'pinned',
    venue,
    plan: state.plan?.hash ?? null,
    approvals: state.approvals.length,
    delivered: landed(state),
    merged: state.merged?.commit ?? null,
    erased: erasedIn(evidence.events, documents),
    undecided,
    changed,
    unproven: [...byAnother(changed), ...unproven(venue, trust, place)],
  }
}

/** Signatures, Grants and approvals are checked by the same rules whichever engine decided. */
function byAnother(changed: readonly string[]): readonly string[] {
  const [first] = changed
  if (first === undefined) return []
  const others = changed.length === 1 ? '' : ` and ${changed.length - 1} more`
  return [
    `Another release of AgentOS decided this run, and this one decides otherwise at ${first}${others}: what followed there is the controller’s word. The release that the run’s first event names decides it again byte for byte.`,
  ]
}

function headOf({ events }: OpenedEvidence['evidence']): EvidenceFacts['head'] {
  const last = events.at(-1)
  return { seq: events.length, hash: last?.hash ?? '' }
}

function landed({ delivered }: RunState): EvidenceFacts['delivered'] {
  return delivered === null
    ? null
    : { commit: delivered.commit, tree: delivered.tree, diffSha256: delivered.diffSha256 }
}

function unproven(venue: 'github' | 'local', trust: Trust, place: OpenedEvidence['place']): readonly string[] {
  return [
    ...(trust.trusted === null
      ? ['Whose key sealed this is the bundle’s own word: pin the key to know it (`--trust`).']
      : []),
    ...((trust.anchor ?? null) === null
      ? ['Whether the run went on after the last event shown: give a position known from elsewhere (`--anchor`).']
      : []),
    ...(place === null ? ['Where these events stand in the controller’s log: the evidence holds no checkpoint.'] : []),
    ...((trust.checkpoint ?? null) === null
      ? ['That everybody is shown the same log: give a checkpoint kept from elsewhere (`--anchor FILE`).']
      : []),
    ...(venue === 'github'
      ? [
          'What GitHub answered, and who approved, is the controller’s account and as good as its key; GitHub’s own review record can be compared.',
          'That the job ran on the runner that GitHub attested is the controller’s account of the job’s token; the token itself is not kept.',
        ]
      : ['GitHub attested nothing: request, approval and job are the word of the machine that holds the key.']),
    'That a commit really has this tree is shown by comparing with a clone (`--repo`).',
    'Times are readings of the controller’s and the runner’s clocks.',
  ]
}

function brief(text: string): string {
  return text.length <= 400 ? text : `${text.slice(0, 400)}…`
}
