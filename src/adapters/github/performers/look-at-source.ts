import type { Performer } from '../../../app/ports.ts'
import type { GithubAccess } from '../access.ts'
import { pullRequestAt } from '../pull-request.ts'

/** Where the pull request that a draft was taken from stands by now: told to reviewers, decisive for nothing. */
export function lookAtSourcePerformer(access: GithubAccess): Performer<'look-at-source'> {
  return async ({ repository, body }) => {
    const pull = await pullRequestAt(await access.open(repository), body.number)
    const result = pull === null ? { head: null, state: 'gone' as const } : { head: pull.head, state: pull.state }
    return { result, blobs: [] }
  }
}
