import type { z } from 'zod'
import type { Approval } from '../../domain/grant.ts'
import type { Sha256 } from '../../domain/hash.ts'
import { type Instant, RunId, runStream } from '../../domain/ids.ts'
import { learnedFrom } from '../../domain/memory/learned.ts'
import type { Note } from '../../domain/memory/note.ts'
import { type Proposal, proposalsFrom } from '../../domain/memory/propose.ts'
import { BrokenRecord, type Documents, readDocument, readWords } from '../../domain/packs/documents.ts'
import { Examined } from '../../domain/packs/examined.ts'
import { Intent } from '../../domain/packs/intent.ts'
import { Words } from '../../domain/packs/people.ts'
import { Plan } from '../../domain/packs/plan.ts'
import { type Question, QuestionPack } from '../../domain/packs/question-pack.ts'
import { readStepReceipts } from '../../domain/packs/receipts.ts'
import { ReviewPack } from '../../domain/packs/review-pack.ts'
import { Verdicts } from '../../domain/packs/verdicts.ts'
import type { StepReceipt } from '../../domain/receipt.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import { isRunEventType, runEvents } from '../../domain/run/events.ts'
import { type RunState, reusedSince } from '../../domain/run/state.ts'
import { receiptsOf } from '../../domain/run/step-accounts.ts'
import { homeOf } from '../../domain/text/places.ts'
import { type Standing, standing } from '../../domain/text/standing.ts'
import type { EffectQueue, Ledger } from '../ledger.ts'
import { type Erased, erasedIn } from '../privacy/erased.ts'
import type { Journal } from '../recording.ts'
import { type EffectView, effectViews } from './run-effects.ts'

/** One event of a run, with what it means in the catalogue's words. */
export type TimelineEntry = Pick<EventEnvelope, 'seq' | 'kind' | 'type' | 'by' | 'at' | 'hash' | 'cause'> & {
  readonly says: string
}

/** One step as a job's signed receipt measured it. */
export type StepView = {
  readonly job: 'dry-run' | 'execute'
  readonly receipt: Sha256
  /** Null where the receipt's bytes were erased. */
  readonly measured: Pick<
    StepReceipt,
    'step' | 'kind' | 'capability' | 'outcome' | 'command' | 'startedAt' | 'durationMs'
  > | null
}

/**
 * Everything that the log tells about one run. A document that was erased is null here; one that is there and holds other
 * bytes than its name says is a BrokenRecord, thrown.
 */
export type RunView = {
  readonly run: RunId
  readonly phase: RunState['phase']
  readonly mode: RunState['mode']
  readonly standing: Standing
  readonly repository: { readonly id: string; readonly owner: string; readonly name: string }
  /** Where people see the repository; null where the run does not know. */
  readonly home: string | null
  readonly issue: number | null
  readonly pullRequest: { readonly number: number; readonly branch: string } | null
  readonly startedAt: Instant
  readonly updatedAt: Instant
  readonly base: { readonly ref: string; readonly sha: string }
  readonly manifest: Sha256
  readonly engine: { readonly version: string; readonly digest: Sha256 }
  readonly requester: { readonly id: string; readonly login: string | null }
  readonly title: string | null
  readonly goal: string | null
  readonly hidden: readonly { readonly kind: string; readonly text: string }[]
  readonly timeline: readonly TimelineEntry[]
  readonly effects: readonly EffectView[]
  /** Notes that are proposed from what the run learned; they last only when people merge them. */
  readonly learned: readonly (Note & Pick<Proposal, 'path' | 'from'>)[]
  readonly verdicts: readonly {
    readonly at: string
    readonly gate: string
    readonly is: string
    readonly because: string
  }[]
  readonly plan: { readonly hash: Sha256; readonly document: Plan | null } | null
  readonly proposed: RunState['proposed']
  readonly diff: {
    readonly text: string
    readonly added: number
    readonly removed: number
    readonly faults: Examined['faults']
  } | null
  /** `login` is null where the words of the review were erased. */
  readonly approvals: readonly (Approval & { readonly login: string | null })[]
  /** What people are asked to answer; empty where nothing is open, or its words were erased. */
  readonly questions: readonly Pick<Question, 'id' | 'type' | 'text' | 'impact'>[]
  readonly steps: readonly StepView[]
  readonly delivered: RunState['delivered']
  readonly merged: RunState['merged']
  readonly end: RunState['end']
  /** What was erased of the run, by whom and why. */
  readonly erased: readonly Erased[]
  readonly reviewPack: { readonly hash: Sha256; readonly document: ReviewPack | null } | null
  readonly ledger: {
    readonly stream: string
    readonly seq: number
    readonly hash: Sha256
    /** The newest position of the whole log, whichever run it belongs to. */
    readonly head: { readonly pos: number; readonly hash: Sha256 } | null
  }
}

type Store = {
  readonly ledger: Pick<Ledger, 'head'>
  readonly queue: Pick<EffectQueue, 'list'>
  readonly journal: Pick<Journal, 'load'>
}

export function runViewer({ ledger, queue, journal }: Store): (id: string) => Promise<RunView | null> {
  return async (id) => {
    const run = RunId.safeParse(id)
    if (!run.success) return null
    const { state, events, documents } = await journal.load(run.data)
    const last = events.at(-1)
    const { request } = state
    if (request === null || last === undefined) return null
    const listed = await queue.list(runStream(run.data))
    const head = await ledger.head()
    return {
      run: run.data,
      ...requestPart(state, request, documents),
      ...workPart(state, documents),
      timeline: events.map(toEntry),
      erased: erasedIn(events, documents),
      learned: learnedPart(run.data, events, documents),
      effects: effectViews({ run: run.data, events, documents, listed }),
      updatedAt: last.at,
      ledger: { stream: last.stream, seq: last.seq, hash: last.hash, head: head ?? null },
    }
  }
}

function learnedPart(run: RunId, events: readonly EventEnvelope[], documents: Documents): RunView['learned'] {
  return proposalsFrom(run, learnedFrom(events, documents)).map(({ path, note, from }) => ({ path, ...note, from }))
}

type Request = NonNullable<RunState['request']>

function requestPart(state: RunState, request: Request, documents: Documents) {
  const { id, owner, name } = request.repository
  return {
    phase: state.phase,
    mode: state.mode,
    standing: standingOf(state, documents),
    repository: { id, owner, name },
    home: homeOf(request),
    issue: request.issue,
    pullRequest: pullRequestOf(state),
    startedAt: request.at,
    base: request.base,
    manifest: request.manifest,
    engine: request.engine,
    ...wordsPart(state, request, documents),
  }
}

function loginIn(words: Sha256, documents: Documents): string | null {
  return documents(words) === undefined ? null : readWords(documents, words, Words).login
}

function questionsOf({ open }: RunState, documents: Documents): RunView['questions'] {
  const pack = readKept(documents, open?.pack ?? null, QuestionPack)
  const left = pack?.questions.filter(({ id }) => open?.ids == null || open.ids.includes(id)) ?? []
  return left.map(({ id, type, text, impact }) => ({ id, type, text, impact }))
}

function pullRequestOf({ pullRequest }: RunState): RunView['pullRequest'] {
  return pullRequest === null ? null : { number: pullRequest.number, branch: pullRequest.branch }
}

function wordsPart(state: RunState, { words: named, requester }: Request, documents: Documents) {
  const words = documents(named) === undefined ? null : readWords(documents, named, Words)
  const intent = readKept(documents, state.intent, Intent)
  return {
    requester: { id: requester.id, login: words?.login ?? null },
    title: words?.title ?? null,
    goal: intent?.goal ?? null,
    hidden: intent?.hidden ?? [],
  }
}

function workPart(state: RunState, documents: Documents) {
  const examined = readKept(documents, state.plan?.examined ?? null, Examined)
  return {
    verdicts: verdictsOf(state, documents),
    plan: state.plan === null ? null : { hash: state.plan.hash, document: readKept(documents, state.plan.hash, Plan) },
    proposed: state.proposed,
    diff:
      examined === null
        ? null
        : { text: examined.diff, added: examined.added, removed: examined.removed, faults: examined.faults },
    approvals: state.approvals.map((one) => ({ ...one, login: loginIn(one.words, documents) })),
    questions: questionsOf(state, documents),
    steps: [
      ...stepViews('dry-run', receiptsOf(state, 'dry-run'), documents),
      ...stepViews('execute', reusedSince(state) === null ? receiptsOf(state, 'execute') : [], documents),
    ],
    delivered: state.delivered,
    merged: state.merged,
    end: state.end,
    reviewPack:
      state.reviewPack === null
        ? null
        : { hash: state.reviewPack, document: readKept(documents, state.reviewPack, ReviewPack) },
  }
}

/** A document that may have been erased since it was recorded. */
function readKept<T>(documents: Documents, sha256: Sha256 | null, schema: z.ZodType<T>): T | null {
  return sha256 === null || documents(sha256) === undefined ? null : readDocument(documents, sha256, schema)
}

/** The standing names people by their words; without them it can only name the phase. */
function standingOf(state: RunState, documents: Documents): Standing {
  try {
    return standing(state, documents)
  } catch (error) {
    if (!(error instanceof BrokenRecord)) throw error
    return {
      headline: `**${state.phase}**`,
      next: 'The words of this run were erased; its record still tells what was done',
      say: null,
    }
  }
}

function toEntry({ seq, kind, type, by, at, hash, cause }: EventEnvelope): TimelineEntry {
  return { seq, kind, type, says: isRunEventType(type) ? runEvents[type].says : '', by, at, hash, cause }
}

function verdictsOf(state: RunState, documents: Documents): RunView['verdicts'] {
  return state.verdicts.flatMap(({ at, document }) => {
    const verdicts = readKept(documents, document, Verdicts)
    if (verdicts === null)
      return [{ at, gate: 'erased', is: 'erased', because: `the verdicts ${document} were erased` }]
    return verdicts.asked.map((one) => ({ at: verdicts.at, ...one }))
  })
}

function stepViews(job: StepView['job'], receipts: readonly Sha256[], documents: Documents): readonly StepView[] {
  return receipts.map((receipt) => ({
    job,
    receipt,
    measured: documents(receipt) === undefined ? null : measuredIn(documents, receipt),
  }))
}

function measuredIn(documents: Documents, receipt: Sha256): StepView['measured'] {
  const [found] = readStepReceipts(documents, [receipt])
  if (found === undefined) return null
  const { step, kind, capability, outcome, command, startedAt, durationMs } = found
  return { step, kind, capability, outcome, command, startedAt, durationMs }
}
