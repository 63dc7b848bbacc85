import { authorityGate } from '../../gates/authority.ts'
import { commitTraceGate } from '../../gates/commit-trace.ts'
import { ask } from '../../gates/gate.ts'
import { readDocument } from '../../packs/documents.ts'
import { type Deliberation, governedBy, planOf, recordVerdicts, requestOf } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { isFinal } from '../state.ts'
import { trailersIn } from '../trailers.ts'
import { CommitMessage, traceFacts } from './commit.ts'
import { cancelRun, closeRun, failRun, recordReviewPack, refuseRun } from './end.ts'
import { undoneOnMerge } from './rollback.ts'

export function decideStop(d: Deliberation, stop: EventData<'StopAsked'>): void {
  const state = d.state()
  if (isFinal(state.phase) || state.phase === 'delivered' || state.phase === 'merged')
    return d.decide('StopDeclined', {
      rule: 'phase',
      because: `the run is ${state.phase}: there is nothing to stop`,
      commentId: stop.commentId,
    })
  if (state.phase === 'executing' && state.commitAsked)
    return d.decide('StopDeclined', {
      rule: 'phase',
      because: 'the approved commit is being made just now: say it again in a moment',
      commentId: stop.commentId,
    })
  const { roles } = governedBy(d).policy
  const isRequester = stop.author.id === requestOf(d).requester.id
  const stopped = recordVerdicts(d, 'stop', [
    ask(authorityGate, {
      command: 'stop',
      person: stop.author,
      needed: isRequester ? 'read' : roles.stop,
      scheduled: false,
      enabled: true,
    }),
  ])
  if (stopped !== undefined)
    return d.decide('StopDeclined', { rule: stopped.gate, because: stopped.because, commentId: stop.commentId })
  cancelRun(d, stop.author.id, 'a person asked to stop')
}

/** Any head but our own commits means that someone else pushed: what was approved is no longer what stands there. */
export function decideHead(d: Deliberation, moved: EventData<'HeadMoved'>): void {
  const state = d.state()
  if (isFinal(state.phase) || state.phase === 'merged')
    return d.decide('NothingFollows', { because: `the run is ${state.phase}` })
  if (moved.head !== null && state.heads.includes(moved.head))
    return d.decide('NothingFollows', { because: 'the commit is AgentOS’s own' })
  if (state.phase === 'delivered')
    return d.decide('NothingFollows', {
      because: 'people may push on top of what was delivered; the check run stands on the delivery commit alone',
    })
  if (state.approvals.length > 0)
    d.decide('ApprovalVoided', { rule: 'foreign-push', because: 'a commit was pushed that nobody approved' })
  const what = moved.head === null ? 'the branch was deleted' : `${moved.head} was pushed to the run’s branch`
  refuseRun(d, 'foreign-push', `${what}; what was approved no longer stands there and nothing was executed on it`)
}

/** The pull request was merged or closed: what landed is compared with what was delivered. */
export function decidePullRequestEnd(d: Deliberation, ended: EventData<'PullRequestEnded'>): void {
  const state = d.state()
  if (isFinal(state.phase) || state.phase === 'merged')
    return d.decide('NothingFollows', { because: `the run is ${state.phase}` })
  const { delivered } = state
  if (ended.merge === null) return closeRun(d, 'the pull request was closed without a merge')
  if (delivered === null)
    return failRun(d, 'merged-early', `${ended.merge.commit} was merged before AgentOS delivered anything`)
  const { message } = readDocument(d.documents, ended.merge.message, CommitMessage)
  const { expected, chain } = traceFacts(d, planOf(d), 'delivery')
  const stopped = recordVerdicts(d, 'merge', [
    ask(commitTraceGate, { found: trailersIn(message), expected, present: [], chain }),
  ])
  if (state.locks !== null) d.decide('LocksReleased', { token: state.locks.token })
  const same = ended.merge.diffSha256 === delivered.diffSha256
  const because = same ? 'what landed is what was approved' : 'what landed differs from what was approved'
  const undone = undoneOnMerge(d, ended)
  const facts = {
    ...(undone === null ? {} : { undone }),
    ...(stopped === undefined ? {} : { landedAs: ended.merge.commit }),
  }
  if (recordReviewPack(d, { state: 'merged', rule: null, because, ...facts }) === null) return
  d.decide('RunMerged', { commit: ended.merge.commit, same, traced: stopped === undefined })
}
