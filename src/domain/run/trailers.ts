import type { Documents } from '../packs/documents.ts'
import { readWords } from '../packs/documents.ts'
import { Words } from '../packs/people.ts'
import type { Plan } from '../packs/plan.ts'
import { isByRequesterAlone } from './account.ts'
import { type RunState, told } from './state.ts'

type Request = NonNullable<RunState['request']>

export type Trailer = { readonly name: string; readonly value: string }

/** Added by the performer, who alone knows them: the effect's key and the event that requested the commit. */
export const PERFORMER_TRAILERS = ['AgentOS-Step', 'AgentOS-Ledger'] as const

/** The trailers of the run's commit. A plan commit names no approval, since there is none yet. */
export function trailersFor(
  state: RunState,
  plan: Plan,
  documents: Documents,
  purpose: 'plan' | 'delivery' | 'local',
): readonly Trailer[] {
  const request = told(state.request, 'the request')
  const { hash } = told(state.plan, 'the plan')
  const login = loginIn(documents, request.words)
  const approvals = purpose === 'plan' ? [] : state.approvals.map((one) => approverIn(state, documents, one))
  const alone = isByRequesterAlone(state) ? ' (the requester alone)' : ''
  return [
    { name: 'AgentOS-Run', value: request.run },
    { name: 'AgentOS-Intent', value: plan.intent },
    { name: 'AgentOS-Plan', value: hash },
    { name: 'AgentOS-Diff-SHA256', value: plan.diffSha256 },
    { name: 'AgentOS-Manifest', value: plan.manifest },
    { name: 'AgentOS-Drafted-by', value: `${plan.drafter.is} ${plan.drafter.name}@${plan.drafter.version}` },
    { name: 'Requested-by', value: request.via.is === 'schedule' ? `schedule ${request.via.rule}` : `@${login}` },
    ...approvals.map((name) => ({ name: 'Approved-by', value: `@${name}${alone}` })),
    ...(request.venue === 'github' && request.requester.kind === 'User' ? [coAuthor(login, request.requester.id)] : []),
    ...creditFor(request, documents),
  ]
}

/** Whoever wrote the pull request that was taken as the draft is an author of the commit too. */
function creditFor({ planner, requester }: Request, documents: Documents): readonly Trailer[] {
  if (planner.is !== 'pull-request' || planner.author === null || planner.author.id === requester.id) return []
  return [coAuthor(loginIn(documents, planner.author.words), planner.author.id)]
}

function coAuthor(login: string, id: string): Trailer {
  return { name: 'Co-authored-by', value: `${login} <${id}+${login}@users.noreply.github.com>` }
}

/** What `git cherry-pick -x` puts among the trailers. */
const PICKED = /^\(cherry picked from commit [0-9a-f]{40,64}\)$/

/** The trailers of a commit message: `Name: value` lines of its last block, in order. */
export function trailersIn(message: string): readonly Trailer[] {
  const lines = message.trimEnd().split('\n')
  const trailers: Trailer[] = []
  for (let i = lines.length - 1; i >= 0; i -= 1) {
    if (PICKED.test(lines[i] ?? '')) continue
    const found = /^([A-Za-z][A-Za-z0-9-]*): (.+)$/.exec(lines[i] ?? '')
    if (found?.[1] === undefined || found[2] === undefined) break
    trailers.unshift({ name: found[1], value: found[2] })
  }
  return trailers
}

/** An approval that counts on after a rebase names the plan commit that it was given on. */
function approverIn(
  { proposed }: RunState,
  documents: Documents,
  { words, commit }: RunState['approvals'][number],
): string {
  const login = loginIn(documents, words)
  const isCarried = proposed?.commit !== null && proposed?.commit !== undefined && commit !== proposed.commit
  return isCarried ? `${login} (on ${commit?.slice(0, 10) ?? 'no commit'}, the same change on an earlier base)` : login
}

function loginIn(documents: Documents, words: string): string {
  return readWords(documents, words, Words).login
}
