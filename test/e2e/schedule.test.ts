import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openStage, type Stage } from '../../src/demo/stage.ts'
import { git, put } from '../demo/a-local-github.ts'
import { COMPILE_CACHE, putReadyLedger } from '../support/ready-ledger.ts'
import { type MovedClock, movedClock } from '../support/story/moved-clock.ts'

// A rule that is due in every minute, on the real server: only its clock is moved.

const REPO = '/repos/acme/demo'
const MINUTE_MS = 60_000
const PATIENCE_MS = 60_000

let dir: string
let stage: Stage
let clock: MovedClock

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'a-schedule-'))
  clock = await movedClock(dir)
  await putReadyLedger(join(dir, 'data'))
  stage = await openStage({
    serverFile: clock.serverFile,
    bundle: new URL('../../dist/action.js', import.meta.url).pathname,
    dataDir: join(dir, 'data'),
    path: process.env['PATH'] ?? '',
    prepare: (workflow) => seed(join(dir, 'source'), workflow),
    env: { ...COMPILE_CACHE, ...clock.env },
  })
  await stage.start()
}, 300_000)

afterAll(async () => {
  await stage.close()
  await rm(dir, { recursive: true, force: true })
})

async function seed(source: string, workflow: string) {
  const rule = `{ id: each-minute, cron: '* * * * *', recipe: replace-text, params: { find: old, replace: new, paths: README.md }, enabled: true }`
  const files = {
    '.github/workflows/agentos.yml': workflow,
    '.agentos/schedules.yml': `version: 1\nschedules:\n  - ${rule}\n`,
    'README.md': '# hello\n\nThis says old words.\n',
    'package.json': '{"name":"demo","version":"1.0.0","scripts":{"test":"node --test"}}\n',
    'test/words.test.js': "require('node:test')('words', () => {})\n",
  }
  for (const [path, text] of Object.entries(files)) await put(source, path, text)
  await git(source, 'init', '--quiet', '--initial-branch=main')
  await git(source, 'add', '--all')
  await git(source, 'commit', '--quiet', '--message', 'First commit')
  const collaborators = [
    { login: 'ana', role: 'write' },
    { login: 'lee', role: 'maintain' },
  ] as const
  return { owner: 'acme', name: 'demo', private: true, from: source, collaborators }
}

/** Tries again, woken by every request to GitHub, until the question has an answer. */
async function eventually<T>(what: string, ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}\n${stage.serverLog().slice(-3000)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Moves the server's clock to the next minute and waits until it has looked at the default branch. */
async function nextMinute(): Promise<void> {
  const looks = looksSoFar()
  await clock.passes(MINUTE_MS)
  await eventually('a look at the default branch', () => (looksSoFar() > looks ? true : undefined))
}

function looksSoFar(): number {
  return stage.github.requests.filter(
    ({ method, path }) => method === 'GET' && /\/(?:heads|branches)(?:\/|%2F)main$/.test(path),
  ).length
}

const Run = z.object({
  run: z.string(),
  phase: z.string(),
  issue: z.null(),
  pullRequest: z.int().nullable(),
})
type Run = z.infer<typeof Run>

async function runs(): Promise<readonly Run[]> {
  return z.object({ runs: z.array(Run) }).parse(await (await stage.ask('/api/runs')).json()).runs
}

function until(phase: string): Promise<Run> {
  return eventually(`a run that is ${phase}`, async () => (await runs()).find((run) => run.phase === phase))
}

async function read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  return schema.parse((await stage.as('lee', 'GET', `${REPO}${path}`)).body)
}

describe('a rule of schedules.yml on the real server', { timeout: 300_000 }, () => {
  test('begins at its due time, is approved by a person and delivered in the rule’s name', async () => {
    await stage.as('ana', 'POST', `${REPO}/issues`, { title: 'Hello', body: '' })
    await stage.as('ana', 'POST', `${REPO}/issues/1/comments`, { body: '/agentos help' })
    await eventually('the answer', async () => {
      const said = await read('/issues/1/comments', z.array(z.object({ body: z.string() })))
      return said.length > 1 ? said : undefined
    })
    await nextMinute()
    expect(await runs()).toEqual([])
    await nextMinute()
    const { run, pullRequest } = await until('proposed')
    const Pull = z.object({ title: z.string(), body: z.string(), head: z.object({ ref: z.string() }) })
    const pull = await read(`/pulls/${pullRequest}`, Pull)
    expect(pull.body).toMatch(
      /^Requested by the schedule rule `each-minute`, due \d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z\. /,
    )
    expect(pull.body).not.toContain('@')
    expect(pull.title).toBe('Recipe replace-text, by the schedule rule each-minute')
    const review = await stage.as('ana', 'POST', `${REPO}/pulls/${pullRequest}/reviews`, { event: 'APPROVE' })
    expect(review.status).toBe(200)
    expect(await until('delivered')).toMatchObject({ run, pullRequest })
    const { commit } = await read(
      `/commits/${pull.head.ref.replaceAll('/', '%2F')}`,
      z.object({ commit: z.object({ message: z.string() }) }),
    )
    expect(commit.message).toContain('\nRequested-by: schedule each-minute\n')
    expect(commit.message).toMatch(/^Approved-by: @ana$/m)
    expect(commit.message).toMatch(/^Asked for by the schedule rule each-minute, due /m)
    expect(commit.message).not.toContain('Co-authored-by')
  })

  test('does not begin again as long as its pull request is open', async () => {
    await nextMinute()
    expect(await runs()).toHaveLength(1)
  })
})
