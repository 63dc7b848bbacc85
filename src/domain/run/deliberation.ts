import { Governed } from '../control/governed.ts'
import type { Asked } from '../gates/gate.ts'
import type { Sha256 } from '../hash.ts'
import type { Instant } from '../ids.ts'
import { type Documents, type NewBlob, readDocument, readWords, toDocument, toQuoting } from '../packs/documents.ts'
import { Words } from '../packs/people.ts'
import { type Plan, Plan as PlanSchema } from '../packs/plan.ts'
import { plain, type Unplaced } from './envelope.ts'
import { CATALOGUE_VERSION, type DecisionType, type EventData, type RunDecision } from './events.ts'
import { evolve } from './evolve.ts'
import { secretOf } from './secret.ts'
import { type RunState, told } from './state.ts'

/** Other rules than those that a run pins, and the lane and risk that its plan has under them. */
export type Ruling = { readonly governed: Governed; readonly plan: Pick<Plan, 'lane' | 'risk'> | null }

/** One transition under way: decisions are added one by one, each seen by those after it. */
export type Deliberation = {
  readonly at: Instant
  readonly documents: Documents
  /** Null where the run's own control plane rules, as in every run that acts. */
  readonly ruling: Ruling | null
  readonly decisions: readonly RunDecision[]
  /** The decisions as they will be recorded. */
  readonly events: readonly Unplaced[]
  readonly blobs: readonly NewBlob[]
  state(): RunState
  decide<T extends DecisionType>(type: T, data: EventData<T>): void
  /** Keeps a document beside the log and names it by its text: what evidence rests on, and what quotes nobody. */
  keep(value: unknown): Sha256
  /** Keeps a document that may quote people, so that its name tells nothing once their words are erased. */
  quote(value: unknown): Sha256
}

/** Begins a transition; `state` has already taken in the input. */
export function deliberate(
  state: RunState,
  at: Instant,
  { recorded, ruling }: { readonly recorded: Documents; readonly ruling: Ruling | null },
): Deliberation {
  const decisions: RunDecision[] = []
  const events: Unplaced[] = []
  const blobs: NewBlob[] = []
  let current = state
  const made = new Map<Sha256, Uint8Array>()
  const documents: Documents = (sha256) => made.get(sha256) ?? recorded(sha256)
  const put = (blob: NewBlob) => {
    blobs.push(blob)
    made.set(blob.sha256, blob.bytes)
    return blob.sha256
  }
  return {
    at,
    documents,
    ruling,
    decisions,
    events,
    blobs,
    state: () => current,
    decide(type, data) {
      const event = { kind: 'decision', type, v: CATALOGUE_VERSION, data: plain(data), by: 'agentos', at } as const
      events.push(event)
      decisions.push(toDecision(type, data))
      current = evolve(current, event)
    },
    keep: (value) => put(toDocument(value)),
    quote: (value) => put(toQuoting(value, secretOf(current, documents))),
  }
}

/** Records what the gates said; gives the first that did not pass. */
export function recordVerdicts(d: Deliberation, at: string, asked: readonly Asked[]): Asked | undefined {
  const stopped = asked.find((one) => one.is !== 'passed')
  d.decide('GatesAsked', { at, verdicts: d.quote({ v: 1, at, asked }), blocked: stopped?.gate ?? null })
  return stopped
}

export function requestOf(d: Deliberation): NonNullable<RunState['request']> {
  return told(d.state().request, 'the request')
}

/** Who wrote the change, where it was taken from somebody's pull request. */
export function authorOf(d: Deliberation): string | null {
  const { planner } = requestOf(d)
  return planner.is === 'pull-request' ? (planner.author?.id ?? null) : null
}

export function governedBy(d: Deliberation): Governed {
  return d.ruling?.governed ?? readDocument(d.documents, requestOf(d).manifest, Governed)
}

export function planOf(d: Deliberation): Plan {
  const plan = readDocument(d.documents, told(d.state().plan, 'the plan').hash, PlanSchema)
  return { ...plan, ...d.ruling?.plan }
}

export function wordsOf(d: Deliberation, sha256: Sha256): Words {
  return readWords(d.documents, sha256, Words)
}

function toDecision<T extends DecisionType>(type: T, data: EventData<T>): RunDecision
function toDecision(type: DecisionType, data: unknown): unknown {
  return { type, data }
}
