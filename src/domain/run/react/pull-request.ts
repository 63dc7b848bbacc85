import type { Effect } from '../../effects.ts'
import type { Documents } from '../../packs/documents.ts'
import { readDocument } from '../../packs/documents.ts'
import { Intent } from '../../packs/intent.ts'
import { entitled, requestedBy } from '../../text/standing.ts'
import { type RunState, told } from '../state.ts'

/**
 * The request in one line, for a title and a commit. Such a line ends up in other people's logs, where the words of the
 * request must close no issue, call nobody and leave out no check.
 */
export function titleFor(goal: string): string {
  const line =
    goal
      .split('\n')
      .find((one) => one.trim() !== '')
      ?.trim() ?? 'the requested change'
  const plain = line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').replace(/^#+\s*/, '')
  const inert = withoutEffect(plain)
  return inert.length <= 72 ? inert : `${inert.slice(0, 71).toWellFormed()}…`
}

function withoutEffect(line: string): string {
  const words = line
    .replace(/\[/g, '(')
    .replace(/\]/g, ')')
    .replace(/@(?=\w)|#(?=\d)/g, '')
    .replace(/\bgh-(?=\d)/gi, 'gh ')
    .replace(/:(?=\/\/)/g, ': ')
    .replace(/^skip-checks:/i, 'skip-checks')
    .trim()
  return words === '' ? 'the requested change' : words
}

/** A branch's name stands in events, which nobody can erase: it says what is done by recipe or kind, never in people's words. */
export function branchFor(state: RunState, documents: Documents): string {
  const { issue, planner, run } = told(state.request, 'the request')
  const { kind } = readDocument(documents, told(state.intent, 'the intent'), Intent)
  const what = planner.is === 'recipe' ? planner.name : planner.is === 'rollback' ? 'rollback' : kind
  const slug = what.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return `agentos/${issue === null ? '' : `${issue}-`}${slug === 'unknown' ? '' : `${slug}-`}${run}`
}

export function openPullRequest(state: RunState, documents: Documents): Effect {
  const request = told(state.request, 'the request')
  const { goal } = readDocument(documents, told(state.intent, 'the intent'), Intent)
  const issue = request.issue === null ? '' : ` in #${request.issue}`
  return {
    kind: 'open-pull-request',
    body: {
      branch: branchFor(state, documents),
      base: { ref: request.base.ref, sha: request.base.sha, tree: told(state.memory, 'the MemoryPack').tree },
      message: `Begin the run ${request.run}\n\nNothing is changed yet.\n\n\nAgentOS-Run: ${request.run}\nskip-checks: true\n`,
      title: titleFor(goal),
      body: `Requested by ${requestedBy(state, documents)}${issue}.${takenFrom(request.planner)} AgentOS plans here, asks here, and changes nothing before someone ${entitled(state, documents)} approves.\n\n<sub>run \`${request.run}\`</sub>`,
    },
  }
}

function takenFrom(planner: NonNullable<RunState['request']>['planner']): string {
  if (planner.is === 'pull-request') return ` The draft is the change of #${planner.number} at ${planner.head}.`
  if (planner.is === 'rollback') return ` It takes back run \`${planner.run}\`, which landed as ${planner.commit}.`
  return ''
}
