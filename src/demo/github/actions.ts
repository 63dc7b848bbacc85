import { parse } from 'yaml'
import { z } from 'zod'
import { ACTIONS_READ, ACTIONS_WRITE, need } from './access.ts'
import { type Commit, readCommit } from './commits.ts'
import { findEntry } from './contents.ts'
import { announce } from './events.ts'
import {
  bodyOf,
  isRecord,
  noContent,
  notFound,
  numberParam,
  ok,
  page,
  param,
  Refused,
  type RepoCall,
  type Repository,
  type Route,
} from './exchange.ts'
import { readTree } from './objects.ts'
import { readRef } from './refs.ts'
import { renderRepository, renderUser } from './render.ts'
import type { UserRow } from './rows.ts'
import { nodeId, type World } from './world.ts'

/** A job that somebody asked Actions to start. */
export type Dispatch = {
  readonly workflowRunId: number
  readonly repositoryId: number
  readonly repositoryOwnerId: number
  readonly owner: string
  readonly repo: string
  /** Path of the workflow file. */
  readonly workflow: string
  readonly ref: string
  readonly sha: string
  readonly inputs: Readonly<Record<string, string>>
  readonly actorId: number
  readonly actorLogin: string
}

export type Conclusion = 'success' | 'failure' | 'cancelled' | 'timed_out'

export type Actions = {
  readonly routes: readonly Route<RepoCall>[]
  readonly onDispatch: (listener: (dispatch: Dispatch) => void) => void
  /** Told when somebody cancels a run through the API. */
  readonly onCancel: (listener: (workflowRunId: number) => void) => void
  readonly startRun: (id: number) => void
  readonly finishRun: (id: number, conclusion: Conclusion) => void
}

type Workflow = {
  readonly id: number
  readonly path: string
  readonly name: string
  readonly inputs: readonly string[] | null
  /** The file's `run-name`, whose expressions each run fills in. */
  readonly runName: string | null
}
type Run = {
  readonly id: number
  readonly repo: Repository
  readonly workflow: Workflow
  readonly ref: string
  readonly sha: string
  readonly head: Commit
  readonly actor: UserRow
  readonly number: number
  readonly title: string
  readonly createdAt: string
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: Conclusion | null
  updatedAt: string
}

const MAX_INPUTS = 25
const DispatchRequest = z.object({
  ref: z.string().min(1),
  inputs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  return_run_details: z.boolean().default(false),
})

type State = {
  readonly world: World
  readonly runs: Map<number, Run>
  readonly workflowIds: Map<string, number>
  readonly dispatched: ((dispatch: Dispatch) => void)[]
  readonly cancelled: ((id: number) => void)[]
}

export function startActions(world: World): Actions {
  const state: State = { world, runs: new Map(), workflowIds: new Map(), dispatched: [], cancelled: [] }
  const known = (id: number): Run => {
    const run = state.runs.get(id)
    if (run === undefined) throw new TypeError(`there is no workflow run ${id}`)
    return run
  }
  return {
    routes: routes(state),
    onDispatch: (listener) => state.dispatched.push(listener),
    onCancel: (listener) => state.cancelled.push(listener),
    startRun: (id) => {
      advance(state, known(id), { status: 'in_progress' })
    },
    finishRun: (id, conclusion) => {
      advance(state, known(id), { status: 'completed', conclusion })
    },
  }
}

function routes(state: State): readonly Route<RepoCall>[] {
  const base = '/repos/:owner/:repo/actions'
  const { world } = state
  return [
    {
      method: 'GET',
      path: `${base}/workflows`,
      answer: async (call) => {
        need(world, call, ACTIONS_READ)
        const found = await workflowsOf(state, call.repo)
        return page(
          call,
          found.map((workflow) => renderWorkflow(state, call.repo, workflow)),
          'workflows',
        )
      },
    },
    {
      method: 'GET',
      path: `${base}/workflows/:workflow`,
      answer: async (call) => {
        need(world, call, ACTIONS_READ)
        return ok(renderWorkflow(state, call.repo, await demandWorkflow(state, call)))
      },
    },
    { method: 'POST', path: `${base}/workflows/:workflow/dispatches`, answer: (call) => dispatch(state, call) },
    ...runRoutes(state),
  ]
}

function runRoutes(state: State): readonly Route<RepoCall>[] {
  const base = '/repos/:owner/:repo/actions'
  const { world } = state
  return [
    { method: 'GET', path: `${base}/runs`, answer: (call) => listRuns(state, call) },
    { method: 'GET', path: `${base}/workflows/:workflow/runs`, answer: (call) => listRuns(state, call) },
    {
      method: 'GET',
      path: `${base}/runs/:run`,
      answer: (call) => {
        need(world, call, ACTIONS_READ)
        return ok(renderRun(state, demandRun(state, call)))
      },
    },
    {
      method: 'POST',
      path: `${base}/runs/:run/cancel`,
      answer: (call) => {
        need(world, call, ACTIONS_WRITE)
        const run = demandRun(state, call)
        if (run.status === 'completed') throw new Refused(409, 'Cannot cancel a workflow run that is completed.')
        advance(state, run, { status: 'completed', conclusion: 'cancelled' })
        for (const tell of state.cancelled) tell(run.id)
        return { status: 202, json: {} }
      },
    },
  ]
}

async function dispatch(state: State, call: RepoCall) {
  need(state.world, call, ACTIONS_WRITE)
  const workflow = await demandWorkflow(state, call)
  const wanted = bodyOf(call, DispatchRequest)
  const ref = wanted.ref.startsWith('refs/') ? wanted.ref : `refs/heads/${wanted.ref}`
  const sha = await readRef(call.repo, ref)
  if (sha === undefined) throw new Refused(422, `No ref found for: ${wanted.ref}`)
  judgeInputs(workflow, Object.keys(wanted.inputs))
  const head = await readCommit(call.repo.git, sha)
  const now = state.world.now()
  const run: Run = {
    id: state.world.newId(),
    repo: call.repo,
    workflow,
    ref,
    sha,
    head,
    actor: call.actor.user,
    number: state.runs.size + 1,
    title: titleOf(workflow, wanted.inputs),
    createdAt: now,
    updatedAt: now,
    status: 'queued',
    conclusion: null,
  }
  state.runs.set(run.id, run)
  announceRun(state, run, 'requested')
  const started = toDispatch(run, wanted.inputs)
  setImmediate(() => {
    for (const tell of state.dispatched) tell(started)
  })
  if (!wanted.return_run_details) return noContent()
  const { url, html_url } = renderRun(state, run)
  return ok({ workflow_run_id: run.id, run_url: url, html_url })
}

const toDispatch = (run: Run, inputs: z.infer<typeof DispatchRequest>['inputs']): Dispatch => ({
  workflowRunId: run.id,
  repositoryId: run.repo.row.id,
  repositoryOwnerId: run.repo.row.owner_id,
  owner: run.repo.owner,
  repo: run.repo.row.name,
  workflow: run.workflow.path,
  ref: run.ref,
  sha: run.sha,
  inputs: Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value)])),
  actorId: run.actor.id,
  actorLogin: run.actor.login,
})

function judgeInputs(workflow: Workflow, names: readonly string[]): void {
  if (workflow.inputs === null) throw new Refused(422, "Workflow does not have 'workflow_dispatch' trigger")
  if (names.length > MAX_INPUTS) throw new Refused(422, `Invalid request: more than ${MAX_INPUTS} inputs`)
  const unknown = names.filter((name) => workflow.inputs?.includes(name) === false)
  if (unknown.length > 0) throw new Refused(422, `Unexpected inputs provided: ${JSON.stringify(unknown)}`)
}

function listRuns(state: State, call: RepoCall) {
  need(state.world, call, ACTIONS_READ)
  const query = call.url.searchParams
  const wanted = call.params['workflow']
  const status = query.get('status')
  const found = [...state.runs.values()]
    .filter((run) => run.repo.row.id === call.repo.row.id)
    .filter((run) => wanted === undefined || names(run.workflow).includes(wanted))
    .filter((run) => status === null || run.status === status || run.conclusion === status)
    .toReversed()
  return page(
    call,
    found.map((run) => renderRun(state, run)),
    'workflow_runs',
  )
}

function advance(
  state: State,
  run: Run,
  to: { status: 'in_progress' } | { status: 'completed'; conclusion: Conclusion },
) {
  if (run.status === 'completed') return
  Object.assign(run, to, { updatedAt: state.world.now() })
  announceRun(state, run, to.status)
}

function announceRun(state: State, run: Run, action: string): void {
  announce(state.world, run.repo, run.actor, {
    event: 'workflow_run',
    action,
    workflow_run: renderRun(state, run),
    workflow: renderWorkflow(state, run.repo, run.workflow),
  })
}

const names = ({ id, path }: Workflow): readonly string[] => [String(id), path, path.split('/').at(-1) ?? path]

async function demandWorkflow(state: State, call: RepoCall): Promise<Workflow> {
  const wanted = param(call, 'workflow')
  const found = (await workflowsOf(state, call.repo)).find((workflow) => names(workflow).includes(wanted))
  if (found === undefined) throw notFound()
  return found
}

function demandRun(state: State, call: RepoCall): Run {
  const run = state.runs.get(numberParam(call, 'run'))
  if (run?.repo.row.id !== call.repo.row.id) throw notFound()
  return run
}

/** The workflow files of the default branch; only those can be dispatched. */
async function workflowsOf(state: State, repo: Repository): Promise<readonly Workflow[]> {
  const head = await readRef(repo, `refs/heads/${repo.row.default_branch}`)
  const folder = head === undefined ? undefined : await findEntry(repo, head, '.github/workflows')
  if (folder?.type !== 'tree') return []
  const files = (await readTree(repo, folder.sha, false)).filter(({ path }) => /\.ya?ml$/.test(path))
  return Promise.all(
    files.map(async (file) => {
      const path = `.github/workflows/${file.path}`
      const text = (await repo.git.bytes(['cat-file', 'blob', file.sha])).toString('utf8')
      return { id: workflowId(state, repo, path), path, ...readWorkflow(path, text) }
    }),
  )
}

function workflowId(state: State, repo: Repository, path: string): number {
  const key = `${repo.row.id}:${path}`
  const id = state.workflowIds.get(key) ?? state.world.newId()
  state.workflowIds.set(key, id)
  return id
}

function readWorkflow(path: string, text: string): Pick<Workflow, 'name' | 'inputs' | 'runName'> {
  const file: unknown = parse(text)
  if (!isRecord(file)) return { name: path, inputs: null, runName: null }
  const name = typeof file['name'] === 'string' ? file['name'] : path
  const runName = typeof file['run-name'] === 'string' ? file['run-name'] : null
  return { name, inputs: inputsOf(file['on']), runName }
}

/** What Actions calls a run that was dispatched: its file's `run-name`, else the workflow's name. */
function titleOf({ name, runName }: Workflow, inputs: z.infer<typeof DispatchRequest>['inputs']): string {
  const title = (runName ?? '').replace(/\$\{\{\s*inputs\.([\w-]+)\s*\}\}/g, (_, input: string) =>
    String(inputs[input] ?? ''),
  )
  return title.trim() === '' ? name : title
}

/** The inputs that `workflow_dispatch` declares, or null where it is not a trigger. */
function inputsOf(on: unknown): readonly string[] | null {
  if (on === 'workflow_dispatch' || (Array.isArray(on) && on.includes('workflow_dispatch'))) return []
  if (!isRecord(on) || !('workflow_dispatch' in on)) return null
  const declared = isRecord(on['workflow_dispatch']) ? on['workflow_dispatch']['inputs'] : undefined
  return isRecord(declared) ? Object.keys(declared) : []
}

function renderWorkflow({ world }: State, repo: Repository, workflow: Workflow) {
  const self = `${world.url}/repos/${repo.row.full_name}/actions/workflows/${workflow.id}`
  const html = `${world.url}/${repo.row.full_name}`
  return {
    id: workflow.id,
    node_id: nodeId('Workflow', workflow.id),
    name: workflow.name,
    path: workflow.path,
    state: 'active',
    created_at: repo.row.created_at,
    updated_at: repo.row.created_at,
    url: self,
    html_url: `${html}/blob/${repo.row.default_branch}/${workflow.path}`,
    badge_url: `${html}/workflows/${encodeURIComponent(workflow.name)}/badge.svg`,
  }
}

function renderRun(state: State, run: Run) {
  const { world } = state
  const api = `${world.url}/repos/${run.repo.row.full_name}`
  const self = `${api}/actions/runs/${run.id}`
  const actor = renderUser(world, run.actor)
  const repository = renderRepository(world, run.repo.row)
  return {
    id: run.id,
    name: run.workflow.name,
    node_id: nodeId('WorkflowRun', run.id),
    check_suite_id: run.id,
    check_suite_node_id: nodeId('CheckSuite', run.id),
    head_branch: run.ref.replace(/^refs\/(heads|tags)\//, ''),
    head_sha: run.sha,
    path: run.workflow.path,
    display_title: run.title,
    run_number: run.number,
    run_attempt: 1,
    event: 'workflow_dispatch',
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: run.workflow.id,
    url: self,
    html_url: `${world.url}/${run.repo.row.full_name}/actions/runs/${run.id}`,
    pull_requests: [],
    created_at: run.createdAt,
    updated_at: run.updatedAt,
    run_started_at: run.createdAt,
    actor,
    triggering_actor: actor,
    referenced_workflows: [],
    ...runLinks(api, run),
    head_commit: headOf(run),
    repository,
    head_repository: repository,
  }
}

function runLinks(api: string, run: Run) {
  const self = `${api}/actions/runs/${run.id}`
  return {
    jobs_url: `${self}/jobs`,
    logs_url: `${self}/logs`,
    check_suite_url: `${api}/check-suites/${run.id}`,
    artifacts_url: `${self}/artifacts`,
    cancel_url: `${self}/cancel`,
    rerun_url: `${self}/rerun`,
    previous_attempt_url: null,
    workflow_url: `${api}/actions/workflows/${run.workflow.id}`,
  }
}

const headOf = (run: Run) => ({
  id: run.sha,
  tree_id: run.head.tree,
  message: run.head.message,
  timestamp: run.head.committer.date,
  author: { name: run.head.author.name, email: run.head.author.email },
  committer: { name: run.head.committer.name, email: run.head.committer.email },
})
