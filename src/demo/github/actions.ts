import { z } from 'zod'
import { ACTIONS_READ, ACTIONS_WRITE, need } from './access.ts'
import { readCommit } from './commits.ts'
import { announce } from './events.ts'
import { bodyOf, noContent, notFound, numberParam, ok, page, Refused, type RepoCall, type Route } from './exchange.ts'
import { readRef } from './refs.ts'
import { type Conclusion, renderRun, type WorkflowRun } from './workflow-run.ts'
import {
  type DispatchInputs,
  demandWorkflow,
  judgeInputs,
  namesOf,
  type Registered,
  renderWorkflow,
  titleOf,
  workflowsOf,
} from './workflows.ts'
import type { World } from './world.ts'

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

export type Actions = {
  readonly routes: readonly Route<RepoCall>[]
  readonly onDispatch: (listener: (dispatch: Dispatch) => void) => void
  /** Told when somebody cancels a run through the API. */
  readonly onCancel: (listener: (workflowRunId: number) => void) => void
  readonly startRun: (id: number) => void
  readonly finishRun: (id: number, conclusion: Conclusion) => void
}

const DispatchRequest = z.object({
  ref: z.string().min(1),
  inputs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  return_run_details: z.boolean().default(false),
})

type State = Registered & {
  readonly runs: Map<number, WorkflowRun>
  readonly dispatched: ((dispatch: Dispatch) => void)[]
  readonly cancelled: ((id: number) => void)[]
}

export function startActions(world: World): Actions {
  const state: State = { world, runs: new Map(), workflowIds: new Map(), dispatched: [], cancelled: [] }
  const known = (id: number): WorkflowRun => {
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
        return ok(renderRun(state.world, demandRun(state, call)))
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
  const run: WorkflowRun = {
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
  const { url, html_url } = renderRun(state.world, run)
  return ok({ workflow_run_id: run.id, run_url: url, html_url })
}

const toDispatch = (run: WorkflowRun, inputs: DispatchInputs): Dispatch => ({
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

function listRuns(state: State, call: RepoCall) {
  need(state.world, call, ACTIONS_READ)
  const query = call.url.searchParams
  const wanted = call.params['workflow']
  const status = query.get('status')
  const found = [...state.runs.values()]
    .filter((run) => run.repo.row.id === call.repo.row.id)
    .filter((run) => wanted === undefined || namesOf(run.workflow).includes(wanted))
    .filter((run) => status === null || run.status === status || run.conclusion === status)
    .toReversed()
  return page(
    call,
    found.map((run) => renderRun(state.world, run)),
    'workflow_runs',
  )
}

function advance(
  state: State,
  run: WorkflowRun,
  to: { status: 'in_progress' } | { status: 'completed'; conclusion: Conclusion },
) {
  if (run.status === 'completed') return
  Object.assign(run, to, { updatedAt: state.world.now() })
  announceRun(state, run, to.status)
}

function announceRun(state: State, run: WorkflowRun, action: string): void {
  announce(state.world, run.repo, run.actor, {
    event: 'workflow_run',
    action,
    workflow_run: renderRun(state.world, run),
    workflow: renderWorkflow(state, run.repo, run.workflow),
  })
}

function demandRun(state: State, call: RepoCall): WorkflowRun {
  const run = state.runs.get(numberParam(call, 'run'))
  if (run?.repo.row.id !== call.repo.row.id) throw notFound()
  return run
}
