import { short } from '../hash.ts'
import type { EventData } from '../run/events.ts'
import type { RunState } from '../run/state.ts'

/**
 * Where a reader finds what a text speaks of: as links where the run knows the site that its repository is seen on, else
 * in words. `evidence` and `page` are null for a run on a plain clone.
 */
export type Places = {
  readonly request: string
  readonly pullRequest: string
  readonly review: (id: string) => string
  readonly commit: (sha: string) => string
  readonly evidence: string | null
  readonly page: string | null
}

type Request = EventData<'RequestReceived'>

export function placesOf({ request, pullRequest }: Pick<RunState, 'request' | 'pullRequest'>): Places {
  const to = linksOn(request)
  const pull = pullRequest === null ? null : `pull/${pullRequest.number}`
  const server = request?.venue === 'github' ? request.instance.replace(/\/+$/, '') : null
  const run = request?.run ?? ''
  return {
    request: requestPlace(request, to),
    pullRequest: pullRequest === null ? 'no pull request' : `#${pullRequest.number}`,
    review: (id) => (pull === null ? `review ${id}` : to(`review ${id}`, `${pull}#pullrequestreview-${id}`)),
    commit: (sha) => to(`\`${short(sha)}\``, `commit/${sha}`),
    evidence: server === null ? null : link('the evidence', `${server}/api/runs/${run}/evidence`),
    page: server === null ? null : link('the page of the run', `${server}/runs/${run}`),
  }
}

function requestPlace(request: Request | null, to: (text: string, path: string) => string): string {
  if (request === null || request.via.is === 'cli') return 'this machine'
  if (request.via.is === 'schedule') return `the schedule rule \`${request.via.rule}\``
  if (request.issue === null) return `comment ${request.via.commentId}`
  const { commentId } = request.via
  return to(`the comment in #${request.issue}`, `issues/${request.issue}#issuecomment-${commentId}`)
}

function linksOn(request: Request | null): (text: string, path: string) => string {
  const home = homeOf(request)
  return (text, path) => (home === null ? text : link(text, `${home}/${path}`))
}

/** Where people see the repository; null where the run does not know. */
export function homeOf(request: Request | null): string | null {
  if (request?.venue !== 'github' || request.site === undefined || !ADDRESS.test(request.site)) return null
  const { owner, name } = request.repository
  return `${request.site}/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`
}

/** An address in which nothing ends a link. */
const ADDRESS = /^https?:\/\/[\w.:[\]-]+(?:\/[\w.%#~-]*)*$/

/** What is no plain address stays words. */
function link(text: string, address: string): string {
  return ADDRESS.test(address) ? `[${text}](${address})` : text
}
