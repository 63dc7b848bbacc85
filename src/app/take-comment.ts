import { helpText } from '../commands/index.ts'
import { parseComment } from '../commands/parse-comment.ts'
import type { Command } from '../commands/slash-command.ts'
import { type CommandSeen, decideDesk } from '../domain/desk.ts'
import type { RepositoryRef } from '../domain/effects.ts'
import { hasRole, type Person } from '../domain/packs/people.ts'
import type { Planner } from '../domain/run/inputs.ts'
import { isFinal } from '../domain/run/state.ts'
import { atDesk } from './at-desk.ts'
import { beginRun } from './begin-run.ts'
import { type ControlPlane, controlPlaneAt, refusalText } from './control-plane.ts'
import { deniedRun } from './denied-run.ts'
import { deskOf, type Intake, personOf, type Taken, wordsBlob } from './intake-parts.ts'
import type { Arrival } from './ports.ts'
import { isUnmerged, targetOf } from './rollback/rollback-target.ts'
import { mergedUnseen, takeRollback } from './rollback/take-rollback.ts'
import { isForRun, sayToRun } from './say-to-run.ts'
import { type Source, sourceOf } from './take-source.ts'

type CommentArrival = Extract<Arrival, { is: 'comment' }>

export async function takeComment(intake: Intake, arrival: CommentArrival, deliveryId: string): Promise<Taken> {
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
  if (command.name === 'help') {
    if (!hasRole(person.role, 'read'))
      return tellAtDesk(intake, arrival, { person, asks: notPermitted('help', person), deliveryId })
    return tellAtDesk(intake, arrival, { person, asks: { is: 'help' }, deliveryId })
  }
  if (command.name === 'rollback') return takeBack(intake, arrival, { ...asked, command })
  const run = (await deskOf(intake, arrival.repository)).state.runs.get(arrival.number)
  if (run === undefined || !isForRun(command))
    return tellAtDesk(intake, arrival, { person, asks: { is: 'no-run', command: command.name }, deliveryId })
  if (person.role === 'none')
    return tellAtDesk(intake, arrival, { person, asks: notPermitted(command.name, person), deliveryId })
  await sayToRun(intake, arrival, { command, person, deliveryId, run })
  return 'done'
}

type RollbackAsked = Asked & { readonly command: Extract<Command, { name: 'rollback' }> }

async function takeBack(intake: Intake, arrival: CommentArrival, asked: RollbackAsked): Promise<Taken> {
  const { person, deliveryId, command } = asked
  const target = await targetOf(intake, arrival.repository, arrival.number)
  if (target === null)
    return tellAtDesk(intake, arrival, { person, asks: { is: 'no-run', command: 'rollback' }, deliveryId })
  if (person.role === 'none')
    return tellAtDesk(intake, arrival, { person, asks: notPermitted('rollback', person), deliveryId })
  if (isUnmerged(target.state)) {
    const fault = await mergedUnseen(intake, arrival.repository, target.state)
    if (fault !== null) return tellAtDesk(intake, arrival, { person, asks: fault, deliveryId })
    await sayToRun(intake, arrival, { command, person, deliveryId, run: target.run })
    return 'done'
  }
  const asks = await takeRollback(intake, arrival, { ...asked, ...target })
  return asks === null ? 'done' : tellAtDesk(intake, arrival, { person, asks, deliveryId })
}

function notPermitted(command: string, person: Person): CommandSeen['asks'] {
  return {
    is: 'not-permitted',
    command,
    because: `\`/agentos ${command}\` needs access to this repository; this person has ${person.role}`,
  }
}

type PlanAsked = Asked & { readonly command: Extract<Command, { name: 'plan' }> }

async function takePlan(intake: Intake, arrival: CommentArrival, asked: PlanAsked): Promise<Taken> {
  const { repository, number } = arrival
  const { person, deliveryId } = asked
  const sha = await intake.github.branchHead(repository, repository.defaultBranch)
  const control = await controlPlaneAt(intake.control, intake.github.reader(repository), sha)
  if (!control.ok) {
    const asks = { is: 'broken-control-plane', because: refusalText(control.refusal).slice(0, 1000) } as const
    return tellAtDesk(intake, arrival, { person, asks, deliveryId })
  }
  const fault = deniedRun('plan', control.value, person) ?? (await busyFault(intake, repository, number))
  if (fault !== null) return tellAtDesk(intake, arrival, { person, asks: fault, deliveryId })
  const { from } = asked.command
  const source = from === null ? null : await sourceOf(intake, repository, { number: from, base: sha })
  if (source?.ok === false) {
    return tellAtDesk(intake, arrival, { person, asks: { is: 'no-source', ...source.refusal }, deliveryId })
  }
  await beginPlanning(intake, arrival, { ...asked, sha, control: control.value, source: source?.value ?? null })
  return 'done'
}

async function busyFault(
  intake: Intake,
  repository: RepositoryRef,
  number: number,
): Promise<CommandSeen['asks'] | null> {
  const run = (await deskOf(intake, repository)).state.runs.get(number)
  if (run === undefined) return null
  const { state } = await intake.journal.load(run)
  if (isFinal(state.phase) || state.phase === 'merged') return null
  return {
    is: 'nothing-understood',
    because: `run \`${run}\` is under way here; end it with \`/agentos stop\` first`,
    suggestion: '/agentos status',
  }
}

type Beginning = PlanAsked & {
  readonly sha: string
  readonly control: ControlPlane
  readonly source: Source | null
}

async function beginPlanning(intake: Intake, arrival: CommentArrival, begin: Beginning): Promise<void> {
  const { issue, number } = arrival
  const { command, source } = begin
  const { title, body } = source?.words ?? issue
  const { labels } = issue
  const params = Object.fromEntries(command.recipe?.params ?? [])
  await beginRun(intake, arrival, {
    ...begin,
    issue: number,
    words: { title, body, text: command.text ?? '', params, labels: [...labels] },
    mode: command.mode,
    planner: source?.planner ?? plannerFor(command),
    blobs: source?.blobs ?? [],
  })
}

function plannerFor({ recipe }: PlanAsked['command']): Planner {
  return recipe === null ? { is: 'words' } : { is: 'recipe', name: recipe.name }
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
