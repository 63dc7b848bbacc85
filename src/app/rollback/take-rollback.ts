import type { Command } from '../../commands/slash-command.ts'
import type { CommandSeen } from '../../domain/desk.ts'
import type { RepositoryRef } from '../../domain/effects.ts'
import type { RunId } from '../../domain/ids.ts'
import { toDocument } from '../../domain/packs/documents.ts'
import type { Landed } from '../../domain/packs/landed.ts'
import type { Person } from '../../domain/packs/people.ts'
import { isFinal, type RunState, told } from '../../domain/run/state.ts'
import { beginRun } from '../begin-run.ts'
import { type ControlPlane, controlPlaneAt, refusalText } from '../control-plane.ts'
import { deniedRun } from '../denied-run.ts'
import { deskOf, type Intake } from '../intake-parts.ts'
import type { Expectation } from '../ledger.ts'
import type { Arrival } from '../ports.ts'
import { type NoRollback, readLanded } from './read-landed.ts'
import type { Target } from './rollback-target.ts'

type CommentArrival = Extract<Arrival, { is: 'comment' }>

type Asked = Target & {
  readonly command: Extract<Command, { name: 'rollback' }>
  readonly person: Person
  readonly deliveryId: string
}

/** Begins the run that takes a merged one back, on the default branch as it stands; or says why it cannot be. */
export async function takeRollback(
  intake: Intake,
  arrival: CommentArrival,
  asked: Asked,
): Promise<CommandSeen['asks'] | null> {
  const { repository } = arrival
  const sha = await intake.github.branchHead(repository, repository.defaultBranch)
  const control = await controlPlaneAt(intake.control, intake.github.reader(repository), sha)
  if (!control.ok) return { is: 'broken-control-plane', because: refusalText(control.refusal).slice(0, 1000) }
  const denied = deniedRun('rollback', control.value, asked.person)
  if (denied !== null) return denied
  const fault = faultInPhase(asked.state)
  if (fault !== null) return toAsks(fault)
  const reader = intake.github.reader(repository)
  const commitAt = (commit: string) => intake.github.commitAt(repository, commit)
  const landed = await readLanded({ reader, commitAt }, asked)
  if (!landed.ok) return toAsks(landed.refusal)
  const rival = await beginAlone(intake, arrival, { ...asked, sha, control: control.value, landed: landed.value })
  return rival === null ? null : toAsks(rival)
}

const MOST_TRIES = 5

/** Two people may ask in the same moment: the desk on which no rival was seen is still that desk when the run begins. */
async function beginAlone(intake: Intake, arrival: CommentArrival, beginning: Beginning): Promise<NoRollback | null> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { stream, events, state } = await deskOf(intake, arrival.repository)
    const rival = state.rollbacks.get(beginning.run)
    const fault = rival === undefined ? null : await faultInRival(intake, rival)
    if (fault !== null) return fault
    const upon = { stream, seq: events.length }
    if (await begin(intake, arrival, beginning, upon)) return null
    if ((await deskOf(intake, arrival.repository)).events.length === upon.seq) return null
  }
  return {
    because: 'too much else was asked for in this repository at the same time',
    next: 'say it again in a moment',
  }
}

/** People may have merged what was delivered, and the news of it is still under way: then closing it would be wrong. */
export async function mergedUnseen(
  intake: Intake,
  repository: RepositoryRef,
  { phase, pullRequest }: RunState,
): Promise<CommandSeen['asks'] | null> {
  if (phase !== 'delivered' || pullRequest === null) return null
  const { number } = pullRequest
  const now = await intake.github.pullRequest(repository, number)
  if (now?.state !== 'merged') return null
  return toAsks({ because: `#${number} was merged a moment ago`, next: 'say it again in a moment' })
}

function toAsks({ because, next }: NoRollback): CommandSeen['asks'] {
  return { is: 'no-rollback', because: because.slice(0, 500).toWellFormed(), next: next.slice(0, 500) }
}

function faultInPhase({ phase, end }: RunState): NoRollback | null {
  if (phase === 'merged') return null
  if (phase === 'rolled_back')
    return {
      because: `it is rolled back already: ${end?.because ?? ''}`,
      next: end?.next ?? 'ask for the change anew with `/agentos plan`',
    }
  return {
    because: `the run is ${phase}: nothing of it was merged, so there is nothing to take back`,
    next: 'to begin anew say `/agentos plan`',
  }
}

/** One rollback of a run at a time: a second would take back the same again. */
async function faultInRival(intake: Intake, rival: RunId): Promise<NoRollback | null> {
  const { phase, pullRequest } = (await intake.journal.load(rival)).state
  if (isFinal(phase)) return null
  const where = pullRequest === null ? `run \`${rival}\`` : `#${pullRequest.number}`
  return {
    because: `its rollback is under way already: run \`${rival}\`, ${where}, is ${phase}`,
    next: pullRequest === null ? 'wait for it, or end it with `/agentos stop`' : `go on at ${where}`,
  }
}

type Beginning = Asked & { readonly sha: string; readonly control: ControlPlane; readonly landed: Landed }

/** The card stands where the run that is taken back was asked for. */
async function begin(
  intake: Intake,
  arrival: CommentArrival,
  beginning: Beginning,
  upon: Expectation,
): Promise<boolean> {
  const { run, state, landed, command } = beginning
  const document = toDocument(landed)
  const where = landed.number === null ? '' : ` of pull request ${landed.number}`
  return beginRun(intake, arrival, {
    ...beginning,
    upon,
    issue: told(state.request, 'the request').issue ?? arrival.number,
    words: {
      title: `Take back run ${run}${where}, merged as ${landed.after.slice(0, 10)}`,
      body: '',
      text: command.reason ?? '',
      params: {},
      labels: [],
    },
    mode: null,
    planner: { is: 'rollback', run, commit: landed.after, landed: document.sha256 },
    blobs: [document],
  })
}
