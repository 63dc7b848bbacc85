import type { Commit } from './commits.ts'
import type { Repository } from './exchange.ts'
import { renderRepository, renderUser } from './render.ts'
import type { UserRow } from './rows.ts'
import type { Workflow } from './workflows.ts'
import { nodeId, type World } from './world.ts'

export type Conclusion = 'success' | 'failure' | 'cancelled' | 'timed_out'

/** A run of a workflow; its state changes while it goes on. */
export type WorkflowRun = {
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

/** A run as the API shows it. */
export function renderRun(world: World, run: WorkflowRun) {
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

function runLinks(api: string, run: WorkflowRun) {
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

const headOf = (run: WorkflowRun) => ({
  id: run.sha,
  tree_id: run.head.tree,
  message: run.head.message,
  timestamp: run.head.committer.date,
  author: { name: run.head.author.name, email: run.head.author.email },
  committer: { name: run.head.committer.name, email: run.head.committer.email },
})
