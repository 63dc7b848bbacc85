import type { Command } from '../commands/slash-command.ts'
import type { RepositoryRef } from '../domain/effects.ts'
import type { RunId } from '../domain/ids.ts'
import { cutText } from '../domain/packs/cut-text.ts'
import type { NewBlob } from '../domain/packs/documents.ts'
import type { Person, Words } from '../domain/packs/people.ts'
import type { EventEnvelope } from '../domain/run/envelope.ts'
import type { EventData, RunInput } from '../domain/run/events.ts'
import { type Intake, personOf, wordsBlob } from './intake-parts.ts'
import type { Arrival, ReviewRead } from './ports.ts'
import type { Before } from './recording.ts'
import { pathsAnswered, questionsOwned, switchedNow } from './standing-facts.ts'

type CommentArrival = Extract<Arrival, { is: 'comment' }>
type RunCommand = Extract<
  Command,
  { name: 'status' | 'prove' | 'why' | 'stop' | 'rollback' | 'unlock' | 'answer' | 'amend' }
>

export type Saying = {
  readonly command: RunCommand
  readonly person: Person
  readonly deliveryId: string
  readonly run: RunId
}

export function isForRun(command: Command): command is RunCommand {
  return command.name !== 'help' && command.name !== 'plan'
}

type Made = { readonly input: RunInput; readonly blobs: readonly NewBlob[] }

/** Records what a person said to a run, with every fact that deciding about it needs, looked up at this moment. */
export async function sayToRun(intake: Intake, arrival: CommentArrival, saying: Saying): Promise<void> {
  const { run, deliveryId } = saying
  const make = await making(intake, arrival, saying)
  await intake.journal.record({ run, repository: arrival.repository.id, consumes: deliveryId, make })
}

type Make = (before: Before) => Made

function making(intake: Intake, arrival: CommentArrival, { command, ...by }: Saying): Promise<Make> {
  switch (command.name) {
    case 'status':
      return Promise.resolve(() => asked(intake, by.person, arrival))
    case 'prove':
      return Promise.resolve(({ events }) => proofAsked(intake, by.person, { arrival, last: events.at(-1) }))
    case 'why':
      return Promise.resolve(() => reasonAsked(intake, by.person, { arrival, step: command.step }))
    case 'stop':
      return Promise.resolve(({ locks }) => ended(intake, arrival, { type: 'StopAsked', person: by.person, locks }))
    case 'rollback':
      return Promise.resolve(({ locks }) => ended(intake, arrival, { type: 'RollbackAsked', person: by.person, locks }))
    case 'unlock':
      return unlocking(intake, arrival, { command, ...by })
    case 'answer':
      return answering(intake, arrival, { command, ...by })
    case 'amend':
      return amending(intake, arrival, { command, ...by })
  }
}

function asked(intake: Intake, person: Person, { comment, number }: CommentArrival): Made {
  const data = { commentId: comment.id, author: person, number }
  return { blobs: [], input: { type: 'StatusAsked', ...saidNow(intake, person), data } }
}

type Asking<More> = { readonly arrival: CommentArrival } & More

/** The place in the stream is that of the transaction that records the question. */
function proofAsked(
  intake: Intake,
  person: Person,
  { arrival: { comment, number }, last }: Asking<{ readonly last: EventEnvelope | undefined }>,
): Made {
  if (last === undefined) throw new TypeError('a run without events cannot be asked about')
  const position = { seq: last.seq, hash: last.hash }
  const data = { commentId: comment.id, author: person, number, position }
  return { blobs: [], input: { type: 'ProofAsked', ...saidNow(intake, person), data } }
}

function reasonAsked(
  intake: Intake,
  person: Person,
  { arrival: { comment, number }, step }: Asking<{ readonly step: string | null }>,
): Made {
  const data = { commentId: comment.id, author: person, number, step }
  return { blobs: [], input: { type: 'ReasonAsked', ...saidNow(intake, person), data } }
}

type Ending = {
  readonly type: 'StopAsked' | 'RollbackAsked'
  readonly person: Person
  readonly locks: Before['locks']
}

function ended(intake: Intake, { comment }: CommentArrival, { type, person, locks }: Ending): Made {
  const words = wordsBlob(intake, { login: comment.author.login, text: comment.body, params: {} })
  const data = { commentId: comment.id, author: person, words: words.sha256, locks }
  return { blobs: [words], input: { type, ...saidNow(intake, person), data } }
}

type Unlocking = Omit<Saying, 'command'> & { readonly command: Extract<Command, { name: 'unlock' }> }

async function unlocking(intake: Intake, arrival: CommentArrival, saying: Unlocking): Promise<Make> {
  const { comment, repository } = arrival
  const { person, command } = saying
  const words = wordsBlob(intake, { login: comment.author.login, text: command.reason, params: {} })
  const switched = await switchedNow(intake, repository)
  const data = { commentId: comment.id, author: person, words: words.sha256, switched }
  return ({ locks }) => ({
    blobs: [words],
    input: { type: 'UnlockAsked', ...saidNow(intake, person), data: { ...data, locks } },
  })
}

function saidNow(intake: Intake, person: Person) {
  return { by: `github:${person.id}`, at: intake.clock.now() }
}

type Answering = Omit<Saying, 'command'> & { readonly command: Extract<Command, { name: 'answer' }> }

async function answering(intake: Intake, arrival: CommentArrival, saying: Answering): Promise<Make> {
  const { repository, comment } = arrival
  const { person, run } = saying
  const params = paramsOf(saying.command)
  const open = await intake.journal.load(run)
  const words = wordsBlob(intake, { login: comment.author.login, text: comment.body, params })
  const facts = {
    paths: await pathsAnswered(intake.github.reader(repository), open, params),
    owns: await questionsOwned(intake, repository, { open, login: comment.author.login }),
    switched: await switchedNow(intake, repository),
  }
  const data = { commentId: comment.id, author: person, words: words.sha256, ...facts }
  return () => ({ blobs: [words], input: { type: 'AnswerGiven', ...saidNow(intake, person), data } })
}

function paramsOf({ answers }: Answering['command']): Words['params'] {
  return Object.fromEntries(answers.map(({ id, value }) => [id, value.is === 'default' ? 'default' : value.text]))
}

type Amending = Omit<Saying, 'command'> & { readonly command: Extract<Command, { name: 'amend' }> }

async function amending(intake: Intake, arrival: CommentArrival, saying: Amending): Promise<Make> {
  const { repository, comment } = arrival
  const { person, run, command } = saying
  const { login } = comment.author
  const words = wordsBlob(intake, { login, text: command.text ?? '', params: Object.fromEntries(command.params) })
  const taken = command.review === null ? NO_REVIEW : await reviewFor(intake, repository, { run, ...command.review })
  const switched = await switchedNow(intake, repository)
  const data = { commentId: comment.id, author: person, words: words.sha256, review: taken.review, switched }
  return () => ({
    blobs: [words, ...taken.blobs],
    input: { type: 'AmendAsked', ...saidNow(intake, person), data },
  })
}

type Taken = { readonly review: EventData<'AmendAsked'>['review']; readonly blobs: readonly NewBlob[] }

const NO_REVIEW: Taken = { review: null, blobs: [] }

/** The review as it stands at this moment; what is edited in it later changes nothing. */
async function reviewFor(
  intake: Intake,
  repository: RepositoryRef,
  { run, id }: { readonly run: RunId; readonly id: string | null },
): Promise<Taken> {
  const { state } = await intake.journal.load(run)
  const number = state.pullRequest?.number
  const commit = state.proposed?.commit ?? null
  if (number === undefined || commit === null) return absent('no plan of this run is waiting for a review')
  const read = await intake.github.review(repository, number, { id, commit })
  if (read === null)
    return absent(
      id === null ? 'no review requests changes on the plan commit' : `there is no review ${id} of #${number}`,
    )
  if (read.author === null) return absent('the account of the reviewer is gone')
  const author = await personOf(intake, repository, read.author)
  const words = wordsBlob(intake, { login: read.author.login, text: reviewText(read), params: {} })
  const facts = { id: read.id, author, state: read.state, commit: read.commit, comments: read.comments.length }
  return { review: { is: 'found', ...facts, words: words.sha256 }, blobs: [words] }
}

function absent(because: string): Taken {
  return { review: { is: 'absent', because }, blobs: [] }
}

const MAX_REVIEW = 200_000

/** What a reviewer wrote beside the lines, each with its place. */
function reviewText({ comments }: ReviewRead): string {
  const parts = comments.map(({ path, line, body }) => {
    const place = line === null ? '' : ` line ${line}`
    return `\`${path.replaceAll('`', "'")}\`${place}: ${body}`
  })
  return cutText(parts.join('\n\n'), MAX_REVIEW)
}
