import { parse } from 'yaml'
import { findEntry } from './contents.ts'
import { isRecord, notFound, param, Refused, type RepoCall, type Repository } from './exchange.ts'
import { readTree } from './objects.ts'
import { readRef } from './refs.ts'
import { nodeId, type World } from './world.ts'

const MAX_INPUTS = 25

/** A workflow file of a repository's default branch. */
export type Workflow = {
  readonly id: number
  readonly path: string
  readonly name: string
  readonly inputs: readonly string[] | null
  /** The file's `run-name`, whose expressions each run fills in. */
  readonly runName: string | null
}
/** What is given for a workflow's inputs. */
export type DispatchInputs = Readonly<Record<string, string | number | boolean>>

/** The ids that workflow files were given, by repository and path. */
export type Registered = { readonly world: World; readonly workflowIds: Map<string, number> }

export async function demandWorkflow(registered: Registered, call: RepoCall): Promise<Workflow> {
  const wanted = param(call, 'workflow')
  const found = (await workflowsOf(registered, call.repo)).find((workflow) => namesOf(workflow).includes(wanted))
  if (found === undefined) throw notFound()
  return found
}

/** The workflow files of the default branch; only those can be dispatched. */
export async function workflowsOf(registered: Registered, repo: Repository): Promise<readonly Workflow[]> {
  const head = await readRef(repo, `refs/heads/${repo.row.default_branch}`)
  const folder = head === undefined ? undefined : await findEntry(repo, head, '.github/workflows')
  if (folder?.type !== 'tree') return []
  const files = (await readTree(repo, folder.sha, false)).filter(({ path }) => /\.ya?ml$/.test(path))
  return Promise.all(
    files.map(async (file) => {
      const path = `.github/workflows/${file.path}`
      const text = (await repo.git.bytes(['cat-file', 'blob', file.sha])).toString('utf8')
      return { id: workflowId(registered, repo, path), path, ...readWorkflow(path, text) }
    }),
  )
}

function workflowId(registered: Registered, repo: Repository, path: string): number {
  const key = `${repo.row.id}:${path}`
  const id = registered.workflowIds.get(key) ?? registered.world.newId()
  registered.workflowIds.set(key, id)
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
export function titleOf({ name, runName }: Workflow, inputs: DispatchInputs): string {
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

export function renderWorkflow({ world }: Registered, repo: Repository, workflow: Workflow) {
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

/** By what a workflow may be asked for: its id, its path or its file's name. */
export const namesOf = ({ id, path }: Workflow): readonly string[] => [String(id), path, path.split('/').at(-1) ?? path]

/** Refuses inputs that the workflow does not declare, as GitHub does. */
export function judgeInputs(workflow: Workflow, names: readonly string[]): void {
  if (workflow.inputs === null) throw new Refused(422, "Workflow does not have 'workflow_dispatch' trigger")
  if (names.length > MAX_INPUTS) throw new Refused(422, `Invalid request: more than ${MAX_INPUTS} inputs`)
  const unknown = names.filter((name) => workflow.inputs?.includes(name) === false)
  if (unknown.length > 0) throw new Refused(422, `Unexpected inputs provided: ${JSON.stringify(unknown)}`)
}
