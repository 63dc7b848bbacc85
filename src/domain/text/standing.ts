import { short } from '../hash.ts'
import type { Documents } from '../packs/documents.ts'
import { readWords } from '../packs/documents.ts'
import { Words } from '../packs/people.ts'
import { isNeutral } from '../run/neutral.ts'
import { isErased, isUntouched, otherAuthor, type Phase, type RunState, reusedSince, told } from '../run/state.ts'
import { prose } from './markdown.ts'
import { sameChange } from './rebase.ts'
import { lineText, waitText } from './waiting.ts'

/** Where a run stands, who acts next, and the exact next words. */
export type Standing = { readonly headline: string; readonly next: string; readonly say: string | null }

type Stand = (state: RunState, documents: Documents) => Standing

function ended(word: string): Stand {
  return (state) => {
    const { end, phase, request } = state
    const { rule, because, next } = end ?? { rule: phase, because: 'the run ended', next: 'say `/agentos plan` again' }
    const say = request?.planner.is === 'rollback' ? '/agentos rollback' : '/agentos plan'
    const executed = isUntouched(state) ? ' and nothing was executed on an approval' : ''
    return {
      headline: `**${isNeutral(rule) ? 'Not planned' : word}**: ${because} (rule \`${rule}\`)`,
      next: `Nothing was merged${executed}. Next: ${next}`,
      say,
    }
  }
}

const standBy: { readonly [P in Phase]: Stand } = {
  absent: () => ({ headline: 'There is no such run', next: 'Ask for one', say: '/agentos plan' }),
  requested: () => ({ headline: '**Reading the request**', next: 'AgentOS acts next', say: null }),
  planning: (state) => ({
    headline: `${state.draft === null ? '**Planning**' : '**Dry run**: the draft is tried in a sandbox, read-only'}${onNewBase(state)}`,
    next: 'AgentOS acts next',
    say: null,
  }),
  blocked: (state) => ({
    headline: `**Blocked: questions are open** · expires ${state.open?.deadline ?? ''}`,
    next: `A person with the right to answer replies on ${place(state)}`,
    say: '/agentos answer\nq1: …',
  }),
  proposed: (state, documents) => ({
    headline: `**Plan ready, waiting for approval** · plan \`${short(state.plan?.hash ?? '')}\` · lane ${state.plan?.lane ?? ''}`,
    next: `Someone ${entitled(state, documents)} approves ${place(state)} at \`${state.proposed?.commit?.slice(0, 10) ?? ''}\` with a review, before ${state.proposed?.deadline ?? ''}`,
    say: '/agentos stop',
  }),
  approved: ({ rebased: { carried } }) => ({
    headline: `**Approved**: every gate is asked again${carried === null ? '' : `. ${sameChange(carried)}`}`,
    next: 'AgentOS acts next',
    say: null,
  }),
  waiting_for_lock: ({ wait }) => ({
    headline: `**Waiting**: ${wait === null ? 'another run holds a path of this plan' : `${waitText(wait)} · ${lineText(wait)}`}`,
    next: 'AgentOS goes on by itself when its turn comes. To end this run',
    say: '/agentos stop',
  }),
  executing: (state) => ({
    headline: reusedSince(state) === null ? '**Executing** what was approved' : '**Delivering** what was approved',
    next: 'AgentOS acts next',
    say: '/agentos stop',
  }),
  delivered: (state) => ({
    headline: `**Delivered**: the approved tree is commit \`${state.delivered?.commit.slice(0, 10) ?? ''}\``,
    next: `People merge ${place(state)} as they always do`,
    say: null,
  }),
  merged: (state) => ({
    headline: `**Merged** as \`${state.merged?.commit.slice(0, 10) ?? ''}\` · ${state.merged?.same === true ? 'what landed is what was approved' : 'what landed differs from what was approved'}`,
    next: 'Nothing is left to do. To take it back',
    say: '/agentos rollback',
  }),
  closed: ({ end }) => ({
    headline: `**Closed** without a merge${end === null ? '' : `: ${end.because}`}`,
    next: 'Nothing is left to do',
    say: '/agentos plan',
  }),
  rolled_back: ({ end }) => ({
    headline: `**Rolled back**: ${end?.because ?? ''}`,
    next: `Nothing is left to do; ${end?.next ?? ''}`,
    say: null,
  }),
  refused: ended('Refused'),
  failed: ended('Failed'),
  cancelled: ended('Stopped'),
  expired: ended('Expired'),
}

export function standing(state: RunState, documents: Documents): Standing {
  return standBy[state.phase](state, documents)
}

/** The same for a comment: why a run ended may quote paths, answers and what tools said. */
export function standingInMarkdown(state: RunState, documents: Documents): Standing {
  if (state.end === null) return standing(state, documents)
  const { rule, because, next } = state.end
  return standing({ ...state, end: { rule, because: prose(because), next: prose(next) } }, documents)
}

/** Who asked: a person by name, or by number once the name was erased, or the rule whose due time had come. */
export function requestedBy(state: RunState, documents: Documents): string {
  const { via, words, requester } = told(state.request, 'the request')
  if (isErased(state, words)) return `user ${requester.id}`
  if (via.is === 'schedule') return `the schedule rule \`${via.rule}\`, due ${via.due}`
  return `@${readWords(documents, words, Words).login}`
}

/** Who may approve, as far as it depends on who asked and who wrote the change. */
export function entitled(state: RunState, documents: Documents): string {
  const isScheduled = told(state.request, 'the request').via.is === 'schedule'
  return isScheduled ? 'with the right to approve' : `other than ${requestedBy(state, documents)}${andAuthor(state)}`
}

/** Names whoever else approves in vain, behind the requester. */
export function andAuthor(state: RunState): string {
  const author = otherAuthor(state)
  return author === null ? '' : ` and the author of #${author.number}`
}

function onNewBase({ rebased: { last, before } }: RunState): string {
  return last === null || before === null ? '' : ` · rebased onto \`${last.base.sha.slice(0, 10)}\``
}

function place(state: RunState): string {
  return state.pullRequest === null ? 'this issue' : `#${state.pullRequest.number}`
}
