import { type ActionEnd, runAction } from './action-process.ts'
import type { Dispatch, LocalGithub } from './github/local-github.ts'
import type { LocalOidc } from './oidc.ts'
import { readWorkflowCall, type WorkflowCall } from './workflow-file.ts'

export type LocalRunnerOptions = {
  readonly github: LocalGithub
  readonly oidc: LocalOidc
  /** The built Action, `dist/action.js`. */
  readonly bundle: string
  /** The PATH of the jobs: without `bwrap` on it they have no sandbox. */
  readonly path: string
  /** What the runner's owner or the user's workflow sets for every job. */
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  /** Claims that a job's token has instead of the true ones; for trying what a false one leads to. */
  readonly claims?: (dispatch: Dispatch) => Readonly<Record<string, string>>
}

/** A job that came to its end; `refused` when the user's file does not let it begin. */
export type JobRecord = {
  readonly workflowRunId: number
  readonly inputs: Readonly<Record<string, string>>
  readonly end: ActionEnd | { readonly conclusion: 'refused'; readonly because: string }
}

/** Runs the jobs of a local GitHub, each in a process of its own, with nothing but what the dispatch and the user's file say. */
export type LocalRunner = {
  readonly jobs: readonly JobRecord[]
  onJob(listener: (job: JobRecord) => void): void
  /** Resolves when no job is running. */
  settled(): Promise<void>
  /** Ends every job that is running. */
  close(): Promise<void>
}

const TIMEOUT_MS = 15 * 60_000

export function startLocalRunner(options: LocalRunnerOptions): LocalRunner {
  const jobs: JobRecord[] = []
  const listeners: ((job: JobRecord) => void)[] = []
  const running = new Map<number, { readonly abort: AbortController; readonly done: Promise<void> }>()
  const state = { isOpen: true }
  options.github.onDispatch((dispatch) => {
    if (!state.isOpen) return
    const abort = new AbortController()
    const done = perform(options, dispatch, abort.signal).then((job) => {
      running.delete(dispatch.workflowRunId)
      jobs.push(job)
      for (const tell of listeners) tell(job)
    })
    running.set(dispatch.workflowRunId, { abort, done })
  })
  options.github.onCancel((id) => running.get(id)?.abort.abort())
  const settled = async () => {
    while (running.size > 0) await Promise.all(Array.from(running.values(), ({ done }) => done))
  }
  return {
    jobs,
    onJob: (listener) => listeners.push(listener),
    settled,
    close: async () => {
      state.isOpen = false
      for (const { abort } of running.values()) abort.abort()
      await settled()
    },
  }
}

async function perform(options: LocalRunnerOptions, dispatch: Dispatch, signal: AbortSignal): Promise<JobRecord> {
  const { github } = options
  const { workflowRunId, inputs } = dispatch
  github.startRun(workflowRunId)
  const token = github.installationToken(dispatch.owner, dispatch.repo, { contents: 'read', metadata: 'read' })
  const call = readWorkflowCall(await userFile(github, dispatch, token), inputs)
  if (!call.ok) {
    github.finishRun(workflowRunId, 'failure')
    return { workflowRunId, inputs, end: { conclusion: 'refused', because: call.refusal } }
  }
  const end = await runJobProcess(options, { dispatch, call: call.value, token, signal })
  github.finishRun(workflowRunId, end.conclusion)
  return { workflowRunId, inputs, end }
}

type Starting = {
  readonly dispatch: Dispatch
  readonly call: WorkflowCall
  readonly token: string
  readonly signal: AbortSignal
}

async function runJobProcess(
  options: LocalRunnerOptions,
  { dispatch, call, token, signal }: Starting,
): Promise<ActionEnd> {
  const { oidc, bundle, path, timeoutMs = TIMEOUT_MS } = options
  const endpoint = oidc.admit({ ...claimsOf(dispatch, call), ...options.claims?.(dispatch) })
  const asking = call.mayAskForToken
    ? { ACTIONS_ID_TOKEN_REQUEST_URL: endpoint.requestUrl, ACTIONS_ID_TOKEN_REQUEST_TOKEN: endpoint.requestToken }
    : {}
  try {
    const env = { ...options.env, ...environment(options, dispatch), ...asking }
    return await runAction({ bundle, inputs: { ...call.inputs, token }, env, path, timeoutMs, signal })
  } finally {
    oidc.forget(endpoint)
  }
}

function environment({ github }: LocalRunnerOptions, dispatch: Dispatch): Readonly<Record<string, string>> {
  return {
    GITHUB_SERVER_URL: github.url,
    GITHUB_API_URL: github.url,
    GITHUB_REPOSITORY: `${dispatch.owner}/${dispatch.repo}`,
    GITHUB_REPOSITORY_ID: String(dispatch.repositoryId),
    GITHUB_REPOSITORY_OWNER: dispatch.owner,
    GITHUB_REPOSITORY_OWNER_ID: String(dispatch.repositoryOwnerId),
    GITHUB_REF: dispatch.ref,
    GITHUB_SHA: dispatch.sha,
    GITHUB_RUN_ID: String(dispatch.workflowRunId),
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_EVENT_NAME: 'workflow_dispatch',
    GITHUB_ACTOR: dispatch.actorLogin,
    GITHUB_ACTOR_ID: String(dispatch.actorId),
  }
}

function claimsOf(dispatch: Dispatch, { workflow, commit }: WorkflowCall): Readonly<Record<string, string>> {
  const repository = `${dispatch.owner}/${dispatch.repo}`
  return {
    sub: `repo:${repository}:ref:${dispatch.ref}`,
    repository,
    repository_id: String(dispatch.repositoryId),
    repository_owner: dispatch.owner,
    repository_owner_id: String(dispatch.repositoryOwnerId),
    workflow_ref: `${repository}/${dispatch.workflow}@${dispatch.ref}`,
    job_workflow_ref: workflow,
    job_workflow_sha: commit,
    run_id: String(dispatch.workflowRunId),
    run_attempt: '1',
    actor: dispatch.actorLogin,
    actor_id: String(dispatch.actorId),
    event_name: 'workflow_dispatch',
    ref: dispatch.ref,
    sha: dispatch.sha,
    runner_environment: 'self-hosted',
  }
}

/** The workflow file that Actions would run: the one at the dispatched commit. */
async function userFile({ url }: LocalGithub, dispatch: Dispatch, token: string): Promise<string> {
  const { owner, repo, workflow, sha } = dispatch
  const response = await fetch(`${url}/repos/${owner}/${repo}/contents/${workflow}?ref=${sha}`, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/vnd.github.raw+json' },
  })
  return response.ok ? response.text() : ''
}
