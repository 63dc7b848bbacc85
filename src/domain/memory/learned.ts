import type { Sha256 } from '../hash.ts'
import { valueOf } from '../packs/answer.ts'
import { cutText } from '../packs/cut-text.ts'
import { BrokenRecord, type Documents, readDocument, readWords } from '../packs/documents.ts'
import { Intent } from '../packs/intent.ts'
import { Words } from '../packs/people.ts'
import { Plan } from '../packs/plan.ts'
import { AnswerPack, QuestionPack } from '../packs/question-pack.ts'
import type { EventEnvelope } from '../run/envelope.ts'
import { type EventData, parseData, type RunEventType } from '../run/events.ts'
import { correctionIn, isCorrection } from './correction.ts'

/** One thing that a run leaves behind for later ones, with the event that says it. */
export type Learned = {
  readonly event: Pick<EventEnvelope, 'stream' | 'seq' | 'hash' | 'at'>
  readonly ordinal: number
  readonly type: 'decision' | 'constraint' | 'outcome' | 'known_issue'
  readonly name: string
  readonly text: string
  readonly scope: readonly string[]
  readonly confidence: number
  /** The salted blob that the text is taken from; null where it is AgentOS's own. */
  readonly words: Sha256 | null
}

/**
 * What a run leaves behind: answers that people gave, changes that reviewers requested, and how it ended. Words that were
 * erased are not there to be learned from.
 */
export function learnedFrom(events: readonly EventEnvelope[], documents: Documents): readonly Learned[] {
  const run = storyOf(events, documents)
  return events.flatMap((event) => readable(() => learnedBy(event, run, documents)))
}

/** What the things that are learned are about: the goal of the run and the paths of its plan. */
type Story = { readonly goal: string; readonly scope: readonly string[]; readonly words: Sha256 | null }

function storyOf(events: readonly EventEnvelope[], documents: Documents): Story {
  const requested = lastOf(events, 'RunRequested')
  const amended = lastOf(events, 'IntentAmended')
  const received = lastOf(events, 'RequestReceived')
  const frozen = lastOf(events, 'PlanFrozen')
  const intent = amended?.intent ?? requested?.intent
  const words = received === undefined || documents(received.words) === undefined ? null : received.words
  const goals =
    intent === undefined || words === null ? [] : readable(() => [readDocument(documents, intent, Intent).goal])
  const paths =
    frozen === undefined ? [] : readable(() => readDocument(documents, frozen.plan, Plan).edits.map(({ path }) => path))
  return { goal: goals[0] ?? '', scope: scopeOf(paths), words }
}

function lastOf<T extends RunEventType>(events: readonly EventEnvelope[], type: T): EventData<T> | undefined {
  const event = events.findLast((one) => one.type === type)
  return event === undefined ? undefined : parseData(type, event.data)
}

const MOST_PATHS = 20

function scopeOf(paths: readonly string[]): readonly string[] {
  const fitting = [...new Set(paths)].filter((path) => path.length <= 300).slice(0, MOST_PATHS)
  return fitting.length === 0 ? ['**'] : fitting
}

/** What cannot be read because it was erased teaches nothing. */
function readable<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read()
  } catch (error) {
    if (error instanceof BrokenRecord) return []
    throw error
  }
}

function learnedBy(event: EventEnvelope, story: Story, documents: Documents): readonly Learned[] {
  const { type, data } = event
  if (type === 'AnswersTaken') return fromAnswers(event, parseData(type, data), documents)
  if (type === 'ReviewSeen') return fromReview(event, parseData(type, data), { story, documents })
  const end = END[type]
  return end === undefined ? [] : [fromEnd(event, story, end)]
}

/** A person's answer to a question stands until another is given. */
function fromAnswers(
  event: EventEnvelope,
  { answers }: EventData<'AnswersTaken'>,
  documents: Documents,
): readonly Learned[] {
  const pack = readDocument(documents, answers, AnswerPack)
  const { questions } = readDocument(documents, pack.pack, QuestionPack)
  const given = new Map(Object.entries(readWords(documents, pack.words, Words).params))
  return pack.answers.flatMap(({ id, about }, ordinal) => {
    const question = questions.find((one) => one.id === id)
    const answer = given.get(id)
    if (question === undefined || answer === undefined) return []
    const scope = scopeOf(question.evidence.flatMap(pathIn))
    const said = { name: named(about, question.text), text: `${question.text}\n\n${valueOf(question, answer)}` }
    return [learned(event, { ordinal, type: 'decision', ...said, scope, confidence: 90, words: pack.words })]
  })
}

const EVIDENCE = /^(?!comment:|event:)(.+?)(?::\d{1,9}(?:-\d{1,9})?)?(?:@[0-9a-f]{40}(?::[\d-]+)?)?$/su

/** Evidence is a path with a blob, a commit or lines; a comment or an event is evidence of no path. */
function pathIn(evidence: string): readonly string[] {
  const path = EVIDENCE.exec(evidence)?.[1]
  return path === undefined ? [] : [path]
}

/** What a reviewer wrote when asking for changes is a constraint on the next plan of its kind. */
function fromReview(
  event: EventEnvelope,
  review: EventData<'ReviewSeen'>,
  { story, documents }: { readonly story: Story; readonly documents: Documents },
): readonly Learned[] {
  if (!isCorrection(review)) return []
  const { words } = review
  const said = correctionIn(documents, words)
  if (said === '') return []
  const name = named('changes requested', story.goal)
  return [
    learned(event, { ordinal: 0, type: 'constraint', name, text: said, scope: story.scope, confidence: 80, words }),
  ]
}

type End = { readonly type: 'outcome' | 'known_issue'; readonly says: string; readonly confidence: number }

const END: Readonly<Record<string, End | undefined>> = {
  RunMerged: { type: 'outcome', says: 'was merged', confidence: 100 },
  RunClosed: { type: 'outcome', says: 'was closed by people without merging', confidence: 100 },
  RunCancelled: { type: 'outcome', says: 'was stopped by people', confidence: 100 },
  RunExpired: { type: 'outcome', says: 'expired', confidence: 100 },
  RunRefused: { type: 'outcome', says: 'was refused', confidence: 100 },
  RunFailed: { type: 'known_issue', says: 'failed', confidence: 60 },
}

function fromEnd(event: EventEnvelope, { goal, scope, words }: Story, { type, says, confidence }: End): Learned {
  const { rule, because } = event.data
  const reason = typeof because === 'string' && because !== '' ? `: ${because}` : ''
  const by = typeof rule === 'string' ? ` (rule ${rule})` : ''
  const text = `${goal}\n\nThis ${says}${reason}${by}.`
  return learned(event, { ordinal: 0, type, name: named(says, goal), text, scope, confidence, words })
}

function learned({ stream, seq, hash, at }: EventEnvelope, { name, text, ...rest }: Omit<Learned, 'event'>): Learned {
  return { event: { stream, seq, hash, at }, ...rest, name: cutText(name, 200), text: cutText(text, 4000) }
}

function named(what: string, about: string): string {
  const [line = ''] = about.trim().split('\n')
  return line === '' ? what : `${what}: ${line}`
}
