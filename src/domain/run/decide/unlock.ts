import { authorityGate } from '../../gates/authority.ts'
import { ask } from '../../gates/gate.ts'
import { type Deliberation, governedBy, recordVerdicts, wordsOf } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { currentGrant, type RunState, told } from '../state.ts'
import { UNREADABLE } from './amend.ts'
import { revokeGrants } from './grants.ts'
import { approveAgain } from './void.ts'

type Asked = EventData<'UnlockAsked'>
type Fault = { readonly rule: string; readonly because: string; readonly next: string } | null

/**
 * Takes the run's locks away. Its Grant is revoked first, so that there are never two writers; a run that was executing asks
 * every gate again and takes its locks again, behind those that wait for them.
 */
export function decideUnlock(d: Deliberation, asked: Asked): void {
  const fault = faultInAuthor(d, asked) ?? faultInReason(d, asked) ?? faultInPhase(d.state())
  if (fault !== null) return d.decide('UnlockDeclined', { ...fault, commentId: asked.commentId })
  const state = d.state()
  const { token } = told(state.locks, 'the locks')
  const isExecuting = state.phase === 'executing'
  if (isExecuting) revokeGrants(d, 'a person unlocked the run')
  d.decide('LocksReleased', { token })
  const { commentId, words, author } = asked
  d.decide('RunUnlocked', { token, by: author.id, words, commentId, job: jobIn(state) })
  if (isExecuting) approveAgain(d)
}

/** The workflow run of a job that has not delivered and cannot any more. */
function jobIn(state: RunState): string | null {
  return state.phase === 'executing' && state.delivery === null ? (currentGrant(state)?.workflowRunId ?? null) : null
}

function faultInAuthor(d: Deliberation, { author, switched }: Asked): Fault {
  if (switched === 'unreadable') return { ...UNREADABLE, next: 'mend `.agentos/` on the default branch' }
  const needed = governedBy(d).policy.roles.unlock
  const stopped = recordVerdicts(d, 'unlock', [
    ask(authorityGate, { command: 'unlock', person: author, needed, scheduled: false, enabled: switched === 'on' }),
  ])
  if (stopped === undefined) return null
  const who = needed === 'maintain' ? 'maintain, or admin where there is no maintain role,' : needed
  return {
    rule: stopped.gate,
    because: stopped.because,
    next: `someone with the role ${who} says \`/agentos unlock REASON\``,
  }
}

function faultInReason(d: Deliberation, { words }: Asked): Fault {
  if (wordsOf(d, words).text.trim() !== '') return null
  return { rule: 'unlock', because: 'no reason was given', next: 'say `/agentos unlock` with the reason behind it' }
}

function faultInPhase({ locks, phase, wait, commitAsked }: RunState): Fault {
  if (wait !== null) {
    const place = wait.number === undefined ? `the pull request of run \`${wait.holder}\`` : `#${wait.number}`
    return {
      rule: 'lock-held',
      because: `this run holds no lock: it waits for run \`${wait.holder}\``,
      next: `say it on ${place}`,
    }
  }
  if (locks === null)
    return {
      rule: 'lock-held',
      because: `this run holds no lock; it is ${phase}`,
      next: 'list all locks with `agentos lock list`',
    }
  if (phase === 'executing' && commitAsked)
    return { rule: 'phase', because: 'the approved commit is being made just now', next: 'say it again in a moment' }
  return null
}
