import { type Intended, type Performer, TryLater, WillNotWork } from '../../../app/ports.ts'
import type { Sha256 } from '../../../domain/hash.ts'
import type { EffectKey } from '../../../domain/ids.ts'
import type { Documents, NewBlob } from '../../../domain/packs/documents.ts'
import type { GithubAccess, OpenRepository } from '../access.ts'
import { asked, rejectionIn, toFailure } from '../failures.ts'

const WORKFLOW = 'agentos.yml'
const LOOK_AGAIN_MS = 5_000

/** Signs the Grant that a document holds; the envelope is what the job will claim. */
export type SignGrant = (grant: Sha256, documents: Documents) => NewBlob

/** Starts the job on the default branch. A second start is harmless: the first claim uses up the Grant. */
export function dispatchPerformer(access: GithubAccess, signGrant: SignGrant): Performer<'dispatch'> {
  return async (intended) => {
    const { repository, body, documents, key, attempt } = intended
    const open = await access.open(repository)
    const envelope = signGrant(body.grant, documents)
    const { botId } = await access.own()
    const earlier = attempt > 1 ? await runOf(open, key, botId) : undefined
    const workflowRunId = earlier ?? (await start(open, intended)) ?? (await runOf(open, key, botId))
    if (workflowRunId === undefined) throw new TryLater('GitHub does not say which job it started', LOOK_AGAIN_MS)
    return { result: { workflowRunId, envelope: envelope.sha256 }, blobs: [envelope] }
  }
}

/** The id of the run; undefined where this GitHub does not answer it. */
async function start(
  { octokit, at, defaultBranch }: OpenRepository,
  { key, body }: Intended<'dispatch'>,
): Promise<string | undefined> {
  try {
    const { data } = await octokit.request('POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches', {
      ...at,
      workflow_id: WORKFLOW,
      ref: defaultBranch,
      inputs: { grant: body.grantId, effect: key, mode: body.purpose },
      return_run_details: true,
    })
    return runIdIn(data)
  } catch (error) {
    throw toDispatchFailure(error)
  }
}

/** Older servers answer 204 without a body. */
function runIdIn(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || !('workflow_run_id' in data)) return undefined
  return typeof data.workflow_run_id === 'number' ? String(data.workflow_run_id) : undefined
}

function toDispatchFailure(error: unknown): Error {
  const rejection = rejectionIn(error)
  if (rejection?.status !== 404 && rejection?.status !== 422) return toFailure('Starting the job', error)
  const said = rejection.status === 404 ? 'it is not there' : rejection.message.replaceAll(/\s+/g, ' ').slice(0, 200)
  const what = `The workflow .github/workflows/${WORKFLOW} cannot be started: ${said}`
  return new WillNotWork(`${what}. Copy the ten-line file from the AgentOS documentation to the default branch.`, {
    cause: error,
  })
}

/** The workflow's `run-name` carries the effect's key. */
async function runOf({ octokit, at }: OpenRepository, key: EffectKey, botId: string): Promise<string | undefined> {
  const route = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs'
  const options = { ...at, workflow_id: WORKFLOW, event: 'workflow_dispatch', per_page: 100 }
  const { data } = await asked('Looking for the job', () => octokit.request(route, options))
  const own = data.workflow_runs.find(
    (run) => run.display_title.split(/\s+/).includes(key) && String(run.actor?.id) === botId,
  )
  return own === undefined ? undefined : String(own.id)
}
