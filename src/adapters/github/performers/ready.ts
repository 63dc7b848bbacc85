import type { Performer } from '../../../app/ports.ts'
import type { GithubAccess, OpenRepository } from '../access.ts'
import { asked } from '../failures.ts'
import { mutateOrFail } from '../graphql.ts'
import { NOT_READY } from './open-pull-request.ts'

/** Ends the draft, or takes away the words that stand for one where there are no drafts. */
export function readyPerformer(access: GithubAccess): Performer<'ready'> {
  return async ({ repository, body }) => {
    const open = await access.open(repository)
    const { octokit, at } = open
    const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}'
    const { data } = await asked(`Reading #${body.number}`, () =>
      octokit.request(route, { ...at, pull_number: body.number }),
    )
    if (data.draft === true) await endDraft(open, body.nodeId)
    if (data.title.startsWith(NOT_READY)) await retitle(open, body.number, data.title.slice(NOT_READY.length))
    return { result: {}, blobs: [] }
  }
}

async function endDraft(open: OpenRepository, pullRequestId: string): Promise<void> {
  await mutateOrFail(open, {
    what: 'Marking the pull request ready',
    text: `mutation ($pullRequestId: ID!) {
      markPullRequestReadyForReview(input: { pullRequestId: $pullRequestId }) { clientMutationId }
    }`,
    variables: { pullRequestId },
  })
}

async function retitle({ octokit, at }: OpenRepository, number: number, title: string): Promise<void> {
  const route = 'PATCH /repos/{owner}/{repo}/pulls/{pull_number}'
  await asked(`Changing the title of #${number}`, () => octokit.request(route, { ...at, pull_number: number, title }))
}
