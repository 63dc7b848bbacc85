import { helpText, slashCommands } from '../commands/index.ts'
import { parseComment } from '../commands/parse-comment.ts'
import type { Command } from '../commands/slash-command.ts'
import {
  type CommandSeen,
  type DeskDecision,
  type DeskState,
  decideDesk,
  decideForeignPullRequest,
  emptyDesk,
  evolveDesk,
} from '../domain/desk.ts'
import type { RepositoryRef } from '../domain/effects.ts'
import { authorityGate } from '../domain/gates/authority.ts'
import { ask } from '../domain/gates/gate.ts'
import { type RunId, type StreamName, toRunId } from '../domain/ids.ts'
import { type NewBlob, SALT_BYTES, toDocument, toWords } from '../domain/packs/documents.ts'
import { hasRole, type Person, type Words } from '../domain/packs/people.ts'
import { effectKey } from '../domain/run/coordinator.ts'
import { chain } from '../domain/run/envelope.ts'
import type { RunInput } from '../domain/run/events.ts'
import { isFinal } from '../domain/run/state.ts'
import { type ControlPlane, type ControlSource, controlPlaneAt, refusalText } from './control-plane.ts'
import { JournalBusy } from './journal.ts'
import type { EffectQueue, Ledger } from './ledger.ts'
import type { Actor, Arrival, Clock, GithubDesk, Random } from './ports.ts'
import type { Journal } from './recording.ts'

/** Everything that taking in a webhook needs. */
export type Intake = {
  readonly ledger: Ledger
  readonly queue: EffectQueue
  readonly journal: Journal
  readonly github: GithubDesk
  readonly control: ControlSource
  readonly clock: Clock
  readonly random: Random
  readonly instance: string
  readonly engine: { readonly version: string; readonly digest: string }
}

/** `later`: what arrived may be the echo of an effect that is under way, and is judged after that effect's receipt. */
export type Taken = 'done' | 'nothing' | 'later'

type CommentArrival = Extract<Arrival, { is: 'comment' }>

/** Turns one arrival into at most one input of one stream, consuming the delivery in the same transaction. */
export async function takeIn(intake: Intake, arrival: Arrival, deliveryId: string): Promise<Taken> {
  switch (arrival.is) {
    case 'comment':
      return takeComment(intake, arrival, deliveryId)
    case 'comment-changed':
      return takeTampering(intake, arrival, deliveryId)
    case 'review':
      return takeReview(intake, arrival, deliveryId)
    case 'push':
      return takePush(intake, arrival, deliveryId)
    case 'pull-request-closed':
      return takeClosing(intake, arrival, deliveryId)
    case 'pull-request-opened':
      return takeOpening(intake, arrival, deliveryId)
    case 'ignored':
      return 'nothing'
  }
}

async function takeComment(intake: Intake, arrival: CommentArrival, deliveryId: string): Promise<Taken> {
  const { author, body } = arrival.comment
  if (author.kind === 'Bot' && author.id === (await intake.github.ownId())) return 'nothing'
  const parsed = parseComment(body)
  if (parsed.is === 'none') return 'nothing'
  const person = await personOf(intake, arrival.repository, author)
  if (parsed.is === 'refused') {
    const asks = {
      is: 'nothing-understood',
      because: parsed.reason.slice(0, 500),
      suggestion: parsed.suggestion,
    } as const
    return tellAtDesk(intake, arrival, { person, asks, deliveryId })
  }
  return takeCommand(intake, arrival, { command: parsed.command, person, deliveryId })
}

type Asked = { readonly command: Command; readonly person: Person; readonly deliveryId: string }

async function takeCommand(intake: Intake, arrival: CommentArrival, asked: Asked): Promise<Taken> {
  const { command, person, deliveryId } = asked
  if (command.name === 'plan') return takePlan(intake, arrival, { ...asked, command })
  const role = slashCommands.find((one) => one.name === command.name)?.role
  if (command.name === 'help') {
    if (!hasRole(person.role, 'read'))
      return tellAtDesk(intake, arrival, { person, asks: notPermitted('help', person), deliveryId })
    return tellAtDesk(intake, arrival, { person, asks: { is: 'help' }, deliveryId })
  }
  const run = (await deskOf(intake, arrival.repository)).state.runs.get(arrival.number)
  if (run === undefined || role === undefined)
    return tellAtDesk(intake, arrival, { person, asks: { is: 'no-run', command: command.name }, deliveryId })
  if (person.role === 'none')
    return tellAtDesk(intake, arrival, { person, asks: notPermitted(command.name, person), deliveryId })
  return sayToRun(intake, arrival, { ...asked, run })
}

function notPermitted(command: string, person: Person): CommandSeen['asks'] {
  return {
    is: 'not-permitted',
    command,
    because: `\`/agentos ${command}\` needs access to this repository; this person has ${person.role}`,
  }
}

async function sayToRun(
  intake: Intake,
  arrival: CommentArrival,
  { command, person, deliveryId, run }: Asked & { readonly run: RunId },
): Promise<Taken> {
  const { repository, comment, number } = arrival
  const words = wordsBlob(intake, { login: comment.author.login, text: comment.body, params: paramsOf(command) })
  await intake.journal.record({
    run,
    repository: repository.id,
    consumes: deliveryId,
    make: ({ locks }) => {
      const { at, by } = { at: intake.clock.now(), by: `github:${person.id}` }
      const blobs = [words]
      if (command.name === 'stop')
        return {
          blobs,
          input: {
            type: 'StopAsked',
            by,
            at,
            data: { commentId: comment.id, author: person, words: words.sha256, locks },
          },
        }
      if (command.name === 'status')
        return {
          blobs: [],
          input: { type: 'StatusAsked', by, at, data: { commentId: comment.id, number, author: person } },
        }
      return {
        blobs,
        input: {
          type: 'AnswerGiven',
          by,
          at,
          data: { commentId: comment.id, author: person, words: words.sha256, wellFormed: true },
        },
      }
    },
  })
  return 'done'
}

function paramsOf(command: Command): Words['params'] {
  if (command.name !== 'answer') return {}
  return Object.fromEntries(
    command.answers.map(({ id, value }) => [id, value.is === 'default' ? 'default' : value.text]),
  )
}

async function takePlan(
  intake: Intake,
  arrival: CommentArrival,
  asked: Asked & { readonly command: Extract<Command, { name: 'plan' }> },
): Promise<Taken> {
  const { repository, comment, issue, number } = arrival
  const { command, person, deliveryId } = asked
  const sha = await intake.github.branchHead(repository, repository.defaultBranch)
  const control = await controlPlaneAt(intake.control, intake.github.reader(repository), sha)
  if (!control.ok) {
    const asks = { is: 'broken-control-plane', because: refusalText(control.refusal).slice(0, 1000) } as const
    return tellAtDesk(intake, arrival, { person, asks, deliveryId })
  }
  const verdict = mayPlan(control.value, person)
  if (verdict !== null) {
    const asks = { is: 'not-permitted', command: 'plan', because: verdict } as const
    return tellAtDesk(intake, arrival, { person, asks, deliveryId })
  }
  const busy = await busyRun(intake, repository, number)
  if (busy !== undefined) {
    const asks = {
      is: 'nothing-understood',
      because: `run \`${busy}\` is under way here; end it with \`/agentos stop\` first`,
      suggestion: '/agentos status',
    } as const
    return tellAtDesk(intake, arrival, { person, asks, deliveryId })
  }
  const words = wordsBlob(intake, {
    login: comment.author.login,
    title: issue.title,
    body: issue.body,
    text: command.text ?? '',
    params: Object.fromEntries(command.recipe?.params ?? []),
  })
  await beginRun(intake, {
    repository,
    number,
    person,
    command,
    words,
    sha,
    commentId: comment.id,
    control: control.value,
    deliveryId,
  })
  return 'done'
}

function mayPlan({ manifest }: ControlPlane, person: Person): string | null {
  const { policy } = manifest
  const asked = ask(authorityGate, {
    command: '`/agentos plan`',
    person,
    needed: policy.roles.plan,
    scheduled: false,
    enabled: policy.enabled,
  })
  return asked.is === 'passed' ? null : asked.because
}

async function busyRun(intake: Intake, repository: RepositoryRef, number: number): Promise<RunId | undefined> {
  const run = (await deskOf(intake, repository)).state.runs.get(number)
  if (run === undefined) return undefined
  const { state } = await intake.journal.load(run)
  return isFinal(state.phase) || state.phase === 'merged' ? undefined : run
}

type Beginning = {
  readonly repository: RepositoryRef
  readonly number: number
  readonly person: Person
  readonly command: Extract<Command, { name: 'plan' }>
  readonly words: NewBlob
  readonly sha: string
  readonly commentId: string
  readonly control: ControlPlane
  readonly deliveryId: string
}

async function beginRun(intake: Intake, begin: Beginning): Promise<void> {
  const { repository, person, command, words, control } = begin
  const run = toRunId(intake.random(10))
  const input: RunInput = {
    type: 'RequestReceived',
    by: `github:${person.id}`,
    at: intake.clock.now(),
    data: {
      run,
      venue: 'github',
      via: { is: 'comment', commentId: begin.commentId },
      instance: intake.instance,
      repository,
      issue: begin.number,
      requester: person,
      words: words.sha256,
      mode: command.mode,
      planner: command.recipe === null ? { is: 'words' } : { is: 'recipe', name: command.recipe.name },
      base: { ref: `refs/heads/${repository.defaultBranch}`, sha: begin.sha },
      manifest: control.hash,
      engine: intake.engine,
    },
  }
  await intake.journal.record({
    run,
    repository: repository.id,
    consumes: begin.deliveryId,
    make: () => ({ input, blobs: [words, control.document] }),
  })
}

async function takeTampering(
  intake: Intake,
  arrival: Extract<Arrival, { is: 'comment-changed' }>,
  deliveryId: string,
): Promise<Taken> {
  const own = await intake.github.ownId()
  if (arrival.comment.author.id !== own || arrival.sender.id === own) return 'nothing'
  const run = (await deskOf(intake, arrival.repository)).state.runs.get(arrival.number)
  if (run === undefined) return 'nothing'
  const { comment, what, sender } = arrival
  await recordOnRun(intake, { run, repository: arrival.repository, deliveryId }, (at) => ({
    type: 'CommentTampered',
    by: `github:${sender.id}`,
    at,
    data: { commentId: comment.id, what, sender: sender.id },
  }))
  return 'done'
}

async function takeReview(
  intake: Intake,
  arrival: Extract<Arrival, { is: 'review' }>,
  deliveryId: string,
): Promise<Taken> {
  const run = (await deskOf(intake, arrival.repository)).state.runs.get(arrival.number)
  if (run === undefined) return 'nothing'
  if (await isMoving(intake, run)) return 'later'
  const { review, repository } = arrival
  const author = await personOf(intake, repository, review.author)
  const words = wordsBlob(intake, { login: review.author.login, text: '', params: {} })
  await intake.journal.record({
    run,
    repository: repository.id,
    consumes: deliveryId,
    make: ({ locks }) => ({
      blobs: [words],
      input: {
        type: 'ReviewSeen',
        by: `github:${arrival.sender.id}`,
        at: intake.clock.now(),
        data: { reviewId: review.id, author, state: review.state, commit: review.commit, words: words.sha256, locks },
      },
    }),
  })
  return 'done'
}

async function takePush(intake: Intake, arrival: Extract<Arrival, { is: 'push' }>, deliveryId: string): Promise<Taken> {
  const run = runInBranch(arrival.branch)
  if (run === undefined) return 'nothing'
  const { state } = await intake.journal.load(run)
  if (state.request?.repository.id !== arrival.repository.id) return 'nothing'
  if (await isMoving(intake, run)) return 'later'
  await intake.journal.record({
    run,
    repository: arrival.repository.id,
    consumes: deliveryId,
    make: ({ locks }) => ({
      blobs: [],
      input: {
        type: 'HeadMoved',
        by: `github:${arrival.sender.id}`,
        at: intake.clock.now(),
        data: { head: arrival.after, sender: arrival.sender.id, locks },
      },
    }),
  })
  return 'done'
}

async function takeClosing(
  intake: Intake,
  arrival: Extract<Arrival, { is: 'pull-request-closed' }>,
  deliveryId: string,
): Promise<Taken> {
  const { repository, mergeCommit, sender } = arrival
  const run = (await deskOf(intake, repository)).state.runs.get(arrival.number)
  if (run === undefined || sender.id === (await intake.github.ownId())) return 'nothing'
  if (await isMoving(intake, run)) return 'later'
  const landed = mergeCommit === null ? null : await intake.github.commit(repository, mergeCommit)
  const message = landed === null ? null : toDocument({ v: 1, message: landed.message })
  await intake.journal.record({
    run,
    repository: repository.id,
    consumes: deliveryId,
    make: ({ locks }) => ({
      blobs: message === null ? [] : [message],
      input: {
        type: 'PullRequestEnded',
        by: `github:${sender.id}`,
        at: intake.clock.now(),
        data: {
          sender: sender.id,
          merge:
            mergeCommit === null || message === null
              ? null
              : { commit: mergeCommit, message: message.sha256, diffSha256: landed?.diffSha256 ?? null },
          locks,
        },
      },
    }),
  })
  return 'done'
}

async function recordOnRun(
  intake: Intake,
  about: { readonly run: RunId; readonly repository: RepositoryRef; readonly deliveryId: string },
  input: (at: string) => RunInput,
): Promise<void> {
  await intake.journal.record({
    run: about.run,
    repository: about.repository.id,
    consumes: about.deliveryId,
    make: () => ({ input: input(intake.clock.now()), blobs: [] }),
  })
}

/** Whether an effect that moves the branch or closes the pull request has been begun and has no receipt yet. */
async function isMoving(intake: Intake, run: RunId): Promise<boolean> {
  const listed = await intake.queue.list(`run/${run}`)
  return listed.some((effect) => effect.status === 'attempted' && MOVING.has(effect.type))
}

const MOVING: ReadonlySet<string> = new Set(['open-pull-request', 'commit', 'close'])

async function deskOf(intake: Intake, repository: RepositoryRef) {
  const stream: StreamName = `desk/${repository.id}`
  const events = await intake.ledger.read(stream)
  return { stream, events, state: events.reduce<DeskState>(evolveDesk, emptyDesk) }
}

async function personOf(intake: Intake, repository: RepositoryRef, actor: Actor): Promise<Person> {
  const role = actor.kind === 'User' ? await intake.github.role(repository, actor.login) : 'none'
  return { id: actor.id, kind: actor.kind, role }
}

function wordsBlob(intake: Intake, said: Partial<Words> & Pick<Words, 'login' | 'text' | 'params'>): NewBlob {
  const { login, title = '', body = '', text, params } = said
  const full: Words = { login, title: title.slice(0, 1024), body, text, params }
  return toWords(JSON.parse(JSON.stringify(full).toWellFormed()), intake.random(SALT_BYTES))
}

/** Records a command that belongs to no run, and its one visible answer. */
async function tellAtDesk(
  intake: Intake,
  { repository, comment, number }: CommentArrival,
  {
    person,
    asks,
    deliveryId,
  }: { readonly person: Person; readonly asks: CommandSeen['asks']; readonly deliveryId: string },
): Promise<Taken> {
  const words = wordsBlob(intake, { login: comment.author.login, text: comment.body, params: {} })
  const seen: CommandSeen = {
    repository,
    commentId: comment.id,
    number,
    author: person,
    words: words.sha256,
    asks,
    help: asks.is === 'help' ? helpText() : '',
  }
  await atDesk(intake, repository, { deliveryId, blobs: [words], decide: (state, at) => decideDesk(state, seen, at) })
  return 'done'
}

/** A pull request that is no run's gets its check at once; a run's own has the checks of the run. */
async function takeOpening(
  intake: Intake,
  arrival: Extract<Arrival, { is: 'pull-request-opened' }>,
  deliveryId: string,
): Promise<Taken> {
  const { repository, number, head, headBranch } = arrival
  const run = runInBranch(headBranch)
  if (run !== undefined && (await intake.journal.load(run)).state.request?.repository.id === repository.id)
    return 'nothing'
  await atDesk(intake, repository, {
    deliveryId,
    blobs: [],
    decide: (_state, at) => decideForeignPullRequest({ repository, number, head }, at),
  })
  return 'done'
}

function runInBranch(branch: string): RunId | undefined {
  return /^agentos\/(?:.*-)?([0-9a-hjkmnp-tv-z]{10})$/.exec(branch)?.[1]
}

const MOST_TRIES = 20

type DeskCall = {
  readonly deliveryId: string
  readonly blobs: readonly NewBlob[]
  readonly decide: (state: DeskState, at: string) => DeskDecision
}

async function atDesk(
  intake: Intake,
  repository: RepositoryRef,
  { deliveryId, blobs, decide }: DeskCall,
): Promise<void> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { stream, events: past, state } = await deskOf(intake, repository)
    const { events, effects } = decide(state, intake.clock.now())
    const placed = chain(stream, past.at(-1), events)
    const seq = placed.at(-1)?.seq ?? 0
    const outcome = await intake.ledger.append({
      expect: [{ stream, seq: past.length }],
      events: placed,
      effects: effects.map((effect, ordinal) => ({
        key: effectKey(repository.id, seq, ordinal),
        stream,
        type: effect.kind,
        body: JSON.parse(JSON.stringify(effect.body)),
        dueAt: null,
      })),
      blobs,
      consumes: deliveryId,
    })
    if (outcome.is !== 'moved') return
  }
  throw new JournalBusy(`the desk of ${repository.id} moved ${MOST_TRIES} times under this writer`)
}
