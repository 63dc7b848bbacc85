import { z } from 'zod'
import { CHECKS_READ, need, notForApps } from './access.ts'
import { demandCommit, resolveCommit } from './commits.ts'
import { announce } from './events.ts'
import {
  bodyOf,
  created,
  invalid,
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
import { renderApp } from './render.ts'
import { nodeId, pullsOf, type World } from './world.ts'

const MAX_TEXT = 65_535
const MAX_ANNOTATIONS = 50

const CONCLUSIONS = ['action_required', 'cancelled', 'failure', 'neutral', 'success', 'skipped', 'timed_out'] as const
const Annotation = z
  .object({
    path: z.string(),
    start_line: z.int(),
    end_line: z.int(),
    annotation_level: z.enum(['notice', 'warning', 'failure']),
    message: z.string(),
  })
  .loose()
const Output = z.object({
  title: z.string(),
  summary: z.string(),
  text: z.string().optional(),
  annotations: z.array(Annotation).default([]),
})
const Action = z.object({
  label: z.string().max(20),
  description: z.string().max(40),
  identifier: z.string().max(20),
})
const CheckChange = z.object({
  name: z.string().min(1).optional(),
  details_url: z.string().optional(),
  external_id: z.string().optional(),
  status: z.enum(['queued', 'in_progress', 'completed']).optional(),
  started_at: z.string().optional(),
  conclusion: z.enum(CONCLUSIONS).optional(),
  completed_at: z.string().optional(),
  output: Output.optional(),
  actions: z.array(Action).max(3).optional(),
})
type CheckChange = z.infer<typeof CheckChange>
const NewCheck = CheckChange.extend({ name: z.string().min(1), head_sha: z.string() })

type Annotated = z.infer<typeof Annotation>
type Check = {
  readonly id: number
  readonly repoId: number
  readonly headSha: string
  readonly suiteId: number
  name: string
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: string | null
  startedAt: string
  completedAt: string | null
  externalId: string
  detailsUrl: string | null
  title: string | null
  summary: string | null
  text: string | null
  annotations: readonly Annotated[]
}

type Checks = { readonly all: Map<number, Check>; readonly suites: Map<string, number> }

export function checkRoutes(world: World): readonly Route<RepoCall>[] {
  const checks: Checks = { all: new Map(), suites: new Map() }
  const base = '/repos/:owner/:repo'
  return [
    { method: 'POST', path: `${base}/check-runs`, answer: (call) => create(world, checks, call) },
    { method: 'PATCH', path: `${base}/check-runs/:check`, answer: (call) => change(world, checks, call) },
    {
      method: 'GET',
      path: `${base}/check-runs/:check`,
      answer: (call) => {
        need(world, call, CHECKS_READ)
        return ok(render(world, call, demand(checks, call)))
      },
    },
    {
      method: 'GET',
      path: `${base}/check-runs/:check/annotations`,
      answer: (call) => {
        need(world, call, CHECKS_READ)
        const { annotations } = demand(checks, call)
        return page(
          call,
          annotations.map((annotation) => renderAnnotation(world, call.repo, annotation)),
        )
      },
    },
    {
      method: 'POST',
      path: `${base}/check-runs/:check/rerequest`,
      answer: (call) => {
        const check = demand(checks, call)
        announceCheck(world, call, check, 'rerequested')
        return { status: 201, json: {} }
      },
    },
    { method: 'GET', path: `${base}/commits/*ref/check-runs`, answer: (call) => list(world, checks, call) },
  ]
}

async function create(world: World, checks: Checks, call: RepoCall) {
  onlyApps(call)
  const wanted = bodyOf(call, NewCheck)
  await demandCommit(call.repo, wanted.head_sha)
  const key = `${call.repo.row.id}@${wanted.head_sha}`
  const suiteId = checks.suites.get(key) ?? world.newId()
  const check: Check = {
    id: world.newId(),
    repoId: call.repo.row.id,
    headSha: wanted.head_sha,
    suiteId,
    name: wanted.name,
    status: 'queued',
    conclusion: null,
    startedAt: world.now(),
    completedAt: null,
    externalId: '',
    detailsUrl: null,
    title: null,
    summary: null,
    text: null,
    annotations: [],
  }
  apply(world, check, wanted)
  checks.suites.set(key, suiteId)
  checks.all.set(check.id, check)
  announceCheck(world, call, check, 'created')
  if (check.status === 'completed') announceCheck(world, call, check, 'completed')
  return created(render(world, call, check))
}

function change(world: World, checks: Checks, call: RepoCall) {
  onlyApps(call)
  const check = demand(checks, call)
  const before = check.status
  apply(world, check, bodyOf(call, CheckChange))
  if (before !== 'completed' && check.status === 'completed') announceCheck(world, call, check, 'completed')
  return ok(render(world, call, check))
}

/** Judges a change before any of it is applied. */
function apply(world: World, check: Check, wanted: CheckChange): void {
  if (wanted.status === 'completed' && wanted.conclusion === undefined) {
    throw invalid([{ resource: 'CheckRun', code: 'missing_field', field: 'conclusion' }])
  }
  judgeOutput(wanted)
  check.name = wanted.name ?? check.name
  check.externalId = wanted.external_id ?? check.externalId
  check.detailsUrl = wanted.details_url ?? check.detailsUrl
  check.startedAt = wanted.started_at ?? check.startedAt
  applyStatus(world, check, wanted)
  if (wanted.output === undefined) return
  check.title = wanted.output.title
  check.summary = wanted.output.summary
  check.text = wanted.output.text ?? null
  check.annotations = [...check.annotations, ...wanted.output.annotations]
}

/** A conclusion completes a check, whatever its status was. */
function applyStatus(world: World, check: Check, wanted: CheckChange): void {
  if (wanted.conclusion !== undefined) {
    check.status = 'completed'
    check.conclusion = wanted.conclusion
    check.completedAt = wanted.completed_at ?? world.now()
  } else if (wanted.status !== undefined) {
    Object.assign(check, { status: wanted.status, conclusion: null, completedAt: null })
  }
}

function judgeOutput({ output }: CheckChange): void {
  if (output === undefined) return
  const long = [output.summary, output.text ?? ''].some((text) => text.length > MAX_TEXT)
  if (long) throw new Refused(422, `Only ${MAX_TEXT} characters are allowed; output is too long.`)
  if (output.annotations.length > MAX_ANNOTATIONS) {
    throw new Refused(422, `Only ${MAX_ANNOTATIONS} annotations are allowed per request.`)
  }
}

async function list(world: World, checks: Checks, call: RepoCall) {
  need(world, call, CHECKS_READ)
  const query = call.url.searchParams
  const sha = await resolveCommit(call.repo.git, param(call, 'ref'))
  if (sha === undefined) throw new Refused(422, `No commit found for SHA: ${param(call, 'ref')}`)
  const name = query.get('check_name')
  const status = query.get('status')
  const found = [...checks.all.values()]
    .filter((check) => check.repoId === call.repo.row.id && check.headSha === sha)
    .filter((check) => name === null || check.name === name)
    .filter((check) => status === null || check.status === status)
    .sort((one, other) => other.id - one.id)
  const latest = found.filter((check, at) => found.findIndex((other) => other.name === check.name) === at)
  const shown = query.get('filter') === 'all' ? found : latest
  return page(
    call,
    shown.map((check) => render(world, call, check)),
    'check_runs',
  )
}

function render(world: World, { repo }: Pick<RepoCall, 'repo'>, check: Check) {
  const api = `${world.url}/repos/${repo.row.full_name}`
  const html = `${world.url}/${repo.row.full_name}/runs/${check.id}`
  return {
    id: check.id,
    name: check.name,
    node_id: nodeId('CheckRun', check.id),
    head_sha: check.headSha,
    external_id: check.externalId,
    url: `${api}/check-runs/${check.id}`,
    html_url: html,
    details_url: check.detailsUrl ?? html,
    status: check.status,
    conclusion: check.conclusion,
    started_at: check.startedAt,
    completed_at: check.completedAt,
    output: {
      title: check.title,
      summary: check.summary,
      text: check.text,
      annotations_count: check.annotations.length,
      annotations_url: `${api}/check-runs/${check.id}/annotations`,
    },
    check_suite: { id: check.suiteId },
    app: renderApp(world, { checks: 'write' }),
    pull_requests: pullsOf(world, repo.row)
      .filter((pull) => pull.headSha === check.headSha)
      .map((pull) => ({
        id: pull.id,
        number: pull.number,
        url: `${api}/pulls/${pull.number}`,
        head: { ref: pull.headRef, sha: pull.headSha, repo: brief(world, repo) },
        base: { ref: pull.baseRef, sha: pull.baseSha, repo: brief(world, repo) },
      })),
  }
}

const brief = (world: World, { row }: Repository) => ({
  id: row.id,
  url: `${world.url}/repos/${row.full_name}`,
  name: row.name,
})

const renderAnnotation = (world: World, repo: Repository, annotation: Annotated) => ({
  start_column: null,
  end_column: null,
  title: null,
  raw_details: null,
  ...annotation,
  blob_href: `${world.url}/repos/${repo.row.full_name}/git/blobs`,
})

const announceCheck = (world: World, call: RepoCall, check: Check, action: string): void => {
  announce(world, call.repo, call.actor.user, { event: 'check_run', action, check_run: render(world, call, check) })
}

/** Only Apps may write checks. */
function onlyApps(call: RepoCall): void {
  if (call.actor.is !== 'installation') {
    throw new Refused(403, 'You must authenticate via a GitHub App.')
  }
  if (call.actor.permissions['checks'] !== 'write') throw notForApps()
}

function demand(checks: Checks, call: RepoCall): Check {
  const check = checks.all.get(numberParam(call, 'check'))
  if (check?.repoId !== call.repo.row.id) throw notFound()
  return check
}
