import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Recorded } from '../../../src/demo/github/local-github.ts'
import type { Json } from '../../demo/a-local-github.ts'
import { isOwn, REPO, type Story } from './a-story.ts'

/** What the App may ever write, by method and path: its own branches, pull requests, comments, checks, labels and jobs. */
const WRITES: readonly RegExp[] = [
  /^POST \/app\/installations\/\d+\/access_tokens$/,
  /^POST \/repos\/acme\/demo\/git\/(blobs|trees|commits|refs)$/,
  /^PATCH \/repos\/acme\/demo\/git\/refs\/agentos(\/|%2F)evidence$/,
  /^POST \/repos\/acme\/demo\/pulls$/,
  /^PATCH \/repos\/acme\/demo\/pulls\/\d+$/,
  /^POST \/repos\/acme\/demo\/pulls\/\d+\/requested_reviewers$/,
  /^POST \/repos\/acme\/demo\/issues\/\d+\/(comments|labels)$/,
  /^PATCH \/repos\/acme\/demo\/issues\/comments\/\d+$/,
  /^POST \/repos\/acme\/demo\/issues\/(comments\/)?\d+\/reactions$/,
  /^DELETE \/repos\/acme\/demo\/issues\/\d+\/labels\/agentos/,
  /^POST \/repos\/acme\/demo\/labels$/,
  /^(POST|PATCH) \/repos\/acme\/demo\/check-runs(\/\d+)?$/,
  /^POST \/repos\/acme\/demo\/actions\/(workflows\/agentos\.yml\/dispatches|runs\/\d+\/cancel)$/,
  /^POST \/graphql$/,
]

/**
 * Which invariants do not hold, in words; none in a world as it should be. I1 and I8: before a live-verified approval
 * nothing is written but the run's own. I2: one execution at most leads to a commit. I5: no secret is anywhere. Every
 * request is one that GitHub describes.
 */
export async function breaches(story: Story, expectedMain: string): Promise<readonly string[]> {
  const asked = story.stage.github.requests
  const own = asked.filter(({ actor }) => isOwn(actor))
  const list: Json = JSON.parse(await (await story.stage.ask('/api/runs')).text())
  const runs = [...(list['runs'] ?? [])].map((row) => String(row['run']))
  const views = await Promise.all(runs.map((run) => story.view(run)))
  const main = await story.head('main')
  return [
    ...story.faults.map((fault) => `GitHub does not describe this request: ${JSON.stringify(fault)}`),
    ...own.filter(isWrite).flatMap(faultInWrite),
    ...views.flatMap((view) => faultsInRun(view, asked)),
    ...(main === expectedMain ? [] : [`main was moved to ${main} by nobody of the story`]),
    ...(await leaks(story)),
  ]
}

function isWrite({ method }: Recorded): boolean {
  return method !== 'GET' && method !== 'HEAD'
}

function faultInWrite({ method, path, body }: Recorded): readonly string[] {
  if (!WRITES.some((allowed) => allowed.test(`${method} ${path}`))) return [`the App wrote ${method} ${path}`]
  const text = JSON.stringify(body)
  const refs = [...text.matchAll(/refs\/heads\/([^"\\]+)/g)].map(([, branch = '']) => branch)
  const foreign = refs.filter((branch) => !branch.startsWith('agentos/'))
  const isRefWrite = path === '/graphql' || path === `${REPO}/git/refs`
  return isRefWrite && foreign.length > 0 ? [`the App wrote to ${foreign.join(', ')}`] : []
}

/** Execution and delivery come after a person other than the requester approved and GitHub was asked about it again. */
function faultsInRun(view: Json, asked: readonly Recorded[]): readonly string[] {
  const run = String(view['run'])
  const faults: string[] = []
  const approved = asked.findIndex((one) => isApprovalOf(view, one))
  const asksAgain = asked.findIndex(
    (one, index) => approved >= 0 && index > approved && isOwn(one.actor) && one.path.endsWith('/permission'),
  )
  const executions = asked.flatMap((one, index) => (isExecution(run, one) || isDelivery(run, one) ? [index] : []))
  const early = executions.filter((index) => asksAgain < 0 || index < asksAgain)
  if (early.length > 0) faults.push(`${run}: executed or delivered without a live-verified approval`)
  const events = [...(view['timeline'] ?? [])].map((event) => String(event['type']))
  const delivered = events.filter((type) => type === 'RunDelivered').length
  const requested = events.filter((type) => type === 'DeliveryRequested').length
  if (delivered > 1 || requested > 1) faults.push(`${run}: ${requested} deliveries were asked for, ${delivered} made`)
  const ends = events.filter((type) => /^Run(Closed|Refused|Failed|Cancelled|Expired|Merged)$/.test(type))
  if (ends.length > 1) faults.push(`${run}: ${ends.join(' and ')}`)
  return faults
}

function isApprovalOf(view: Json, { method, path, body, status }: Recorded): boolean {
  const pull = view['pullRequest']?.['number']
  return (
    method === 'POST' &&
    status === 200 &&
    path === `${REPO}/pulls/${String(pull)}/reviews` &&
    JSON.stringify(body).includes('"APPROVE"')
  )
}

function isExecution(run: string, { method, path, body, status }: Recorded): boolean {
  const text = JSON.stringify(body)
  return (
    method === 'POST' &&
    path.endsWith('/dispatches') &&
    status < 300 &&
    text.includes(`"${run}-`) &&
    text.includes('"execute"')
  )
}

function isDelivery(run: string, { method, path, body }: Recorded): boolean {
  const text = JSON.stringify(body)
  return (
    method === 'POST' &&
    path.endsWith('/git/commits') &&
    text.includes(`AgentOS-Run: ${run}`) &&
    !text.includes('skip-checks')
  )
}

/** No key, seed, secret or token in a request, in the server's log or in a file of the store. */
async function leaks({ stage, dir }: Story): Promise<readonly string[]> {
  const data = join(dir, 'data')
  const seed = (await readFile(join(data, 'signing-key'), 'utf8')).trim()
  const pem = stage.github.app.privateKey.split('\n').filter((line) => line.length > 40 && !line.startsWith('-----'))
  const secrets = [seed, pem[1] ?? 'no key', stage.github.app.webhookSecret]
  const faults: string[] = []
  const look = (where: string, text: string) => {
    for (const secret of secrets) if (text.includes(secret)) faults.push(`${where} holds a secret`)
    if (/gh[sp]_[A-Za-z0-9_]{8,}/.test(text)) faults.push(`${where} holds a token`)
  }
  const own = stage.github.requests.filter(({ actor }) => isOwn(actor))
  look('a request of the App', JSON.stringify(own.map(({ path, body }) => [path, body])))
  look('the log', stage.serverLog())
  for (const file of await readdir(data, { recursive: true, withFileTypes: true })) {
    if (!file.isFile() || file.name === 'signing-key') continue
    look(`the file ${file.name}`, (await readFile(join(file.parentPath, file.name))).toString('latin1'))
  }
  return faults
}
