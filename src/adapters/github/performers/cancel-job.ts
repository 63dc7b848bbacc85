import type { Performer } from '../../../app/ports.ts'
import type { GithubAccess } from '../access.ts'
import { rejectionIn, toFailure } from '../failures.ts'
import { toNumber } from '../number.ts'

/** A job that has ended, or is gone, needs no cancelling. */
const OVER: ReadonlySet<number | undefined> = new Set([404, 409])

export function cancelJobPerformer(access: GithubAccess): Performer<'cancel-job'> {
  return async ({ repository, body }) => {
    const { octokit, at } = await access.open(repository)
    const run_id = toNumber(body.workflowRunId)
    try {
      await octokit.request('POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel', { ...at, run_id })
    } catch (error) {
      if (!OVER.has(rejectionIn(error)?.status)) throw toFailure('Cancelling the job', error)
    }
    return { result: {}, blobs: [] }
  }
}
