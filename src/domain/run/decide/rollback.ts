import type { Role } from '../../control/policy.ts'
import { authorityGate } from '../../gates/authority.ts'
import { ask } from '../../gates/gate.ts'
import { readDocument } from '../../packs/documents.ts'
import { Landed, Stands, type Undone } from '../../packs/landed.ts'
import { undoneAt } from '../../packs/undone.ts'
import { type Deliberation, governedBy, recordVerdicts, requestOf } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { isFinal } from '../state.ts'
import { cancelRun, closeRun, rolledBackRun } from './end.ts'

/**
 * Before the merge nothing is on the default branch, so taking a run back ends it: its pull request is closed and its
 * branch deleted, as a stop does it, and a delivered one too.
 */
export function decideRollback(d: Deliberation, asked: EventData<'RollbackAsked'>): void {
  const fault = faultInPhase(d) ?? faultInAuthor(d, asked)
  if (fault !== null) return d.decide('RollbackDeclined', { ...fault, commentId: asked.commentId })
  if (d.state().phase === 'delivered') return closeRun(d, 'a person took it back before it was merged', asked.author.id)
  cancelRun(d, asked.author.id, 'a person took it back before it was merged')
}

type Fault = { readonly rule: string; readonly because: string; readonly next: string } | null

function faultInPhase(d: Deliberation): Fault {
  const { phase, pullRequest, commitAsked } = d.state()
  if (phase === 'merged')
    return { rule: 'phase', because: 'it was merged in the meantime', next: 'say `/agentos rollback` again' }
  if (isFinal(phase))
    return { rule: 'phase', because: `the run is ${phase}: nothing of it is left to take back`, next: PLAN }
  if (phase === 'executing' && commitAsked)
    return { rule: 'phase', because: 'the approved commit is being made just now', next: 'say it again in a moment' }
  if (pullRequest === null)
    return { rule: 'phase', because: 'the run has written nothing yet', next: 'end it with `/agentos stop`' }
  return null
}

const PLAN = 'to begin anew say `/agentos plan`'

function faultInAuthor(d: Deliberation, { author }: EventData<'RollbackAsked'>): Fault {
  const stopped = recordVerdicts(d, 'rollback', [
    ask(authorityGate, {
      command: 'rollback',
      person: author,
      needed: governedBy(d).policy.roles.rollback,
      scheduled: false,
      enabled: true,
    }),
  ])
  return stopped === undefined
    ? null
    : { rule: stopped.gate, because: stopped.because, next: 'someone with that role says it' }
}

/**
 * The rollback of this run was merged: what it had landed stands no longer. Where people merged something else than the
 * rollback, and no path is as it was, nothing was taken back.
 */
export function decideRolledBack(d: Deliberation, told: EventData<'RollbackMerged'>): void {
  const { phase } = d.state()
  if (phase !== 'merged') return d.decide('NothingFollows', { because: `the run is ${phase}` })
  const { by, number, commit, asApproved, paths, restored } = told
  const where = `run ${by}${number === null ? '' : ` (#${number})`}`
  if (!asApproved && paths > 0 && restored === 0)
    return d.decide('NothingFollows', {
      because: `${where} was merged as ${commit}, with another change than it delivered, and restored none of ${paths} paths`,
    })
  rolledBackRun(d, { by, number, commit, because: `${where} took it back with commit ${commit}: ${standing(told)}` })
}

function standing({ paths, restored }: EventData<'RollbackMerged'>): string {
  if (paths === 0) return 'nobody could look what stands at its paths'
  if (restored === paths) return `all ${paths} paths stand as they did before it`
  return `${restored} of ${paths} paths stand as they did before it, the others keep what was changed later`
}

/** What a merged rollback really left at each path; null where this run is none, or nobody could look. */
export function undoneOnMerge(d: Deliberation, { stands }: EventData<'PullRequestEnded'>): Undone | null {
  const { planner } = requestOf(d)
  if (planner.is !== 'rollback' || stands === undefined) return null
  return undoneAt(readDocument(d.documents, planner.landed, Landed), readDocument(d.documents, stands, Stands))
}

/** Asking for a rollback is a right of its own. */
export function askedRight(d: Deliberation): { readonly command: 'plan' | 'rollback'; readonly needed: Role } {
  const command = requestOf(d).planner.is === 'rollback' ? 'rollback' : 'plan'
  return { command, needed: governedBy(d).policy.roles[command] }
}
