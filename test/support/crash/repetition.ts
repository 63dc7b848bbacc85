import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import type { SeededRepository } from '../../../src/demo/github/local-github.ts'
import { openStage, type Stage } from '../../../src/demo/stage.ts'
import { COMPILE_CACHE, putReadyLedger } from '../ready-ledger.ts'
import { type Ending, endingOf } from './ending.ts'
import { startGithubProxy } from './github-proxy.ts'
import { Shown, type ShownRun } from './shown-run.ts'

/** Where the server dies: at a request to GitHub, or at the nth commit of a kind, both counted over all its lives. */
export type Point =
  | { readonly at: 'request'; readonly request: string; readonly side: 'before' | 'after' }
  | { readonly at: 'commit'; readonly kind: string; readonly number: number; readonly side: 'before' | 'after' }

export type Repetition = {
  readonly ending: Ending
  /** How often the server was killed: none means that the point was not reached. */
  readonly kills: number
  readonly requests: readonly string[]
  readonly commits: readonly string[]
  readonly seconds: number
  readonly log: string
}

/** What every repetition begins with: a data directory that has been opened once, and a fresh database for each, if one is used. */
export type Ground = { readonly template: string; readonly database: (() => Promise<string>) | null }

const root = join(import.meta.dirname, '../../..')

/** Plays the story once from the beginning; at each point the server dies and starts again. */
export async function repeat({ template, database }: Ground, points: readonly Point[] = []): Promise<Repetition> {
  const dir = await mkdtemp(join(tmpdir(), 'agentos-crash-'))
  const begun = Date.now()
  await cp(template, join(dir, 'data'), { recursive: true })
  const stage = await openStage({
    prepare: (workflow) => sample(join(dir, 'repo'), workflow),
    serverFile: join(root, 'src/entry/server.ts'),
    bundle: join(root, 'dist/action.js'),
    dataDir: join(dir, 'data'),
    path: process.env['PATH'] ?? '',
  })
  const proxy = await startGithubProxy(stage.github.url)
  const commits = join(dir, 'commits')
  const watched = { kills: 0, open: true }
  const env = {
    GITHUB_API_URL: proxy.url,
    NODE_OPTIONS: `--import ${join(import.meta.dirname, 'kill-at-commit.ts')}`,
    AGENTOS_TEST_COMMITS: commits,
    AGENTOS_TEST_CRASH: points
      .flatMap((point) => (point.at === 'commit' ? [`${point.kind} ${point.number} ${point.side}`] : []))
      .join(),
    ...COMPILE_CACHE,
    ...(database === null ? {} : await onServer(await database(), template)),
  }
  for (const point of points) if (point.at === 'request') proxy.cutAt(point.request, point.side, () => stage.kill())
  try {
    await begin(stage, env, watched)
    const ending = await Promise.race([play(stage), keepAlive(stage, env, watched)]).catch((error: unknown) => {
      throw new Error(
        `${error instanceof Error ? error.message : 'broken'} after ${watched.kills} kills\n${stage.serverLog().slice(-4000)}`,
      )
    })
    watched.open = false
    const result = {
      ending,
      kills: watched.kills,
      requests: [...proxy.seen],
      commits: (await readFile(commits, 'utf8').catch(() => '')).trim().split('\n'),
      seconds: (Date.now() - begun) / 1000,
      log: stage.serverLog(),
    }
    return result
  } finally {
    watched.open = false
    await stage.kill()
    await stage.close()
    await proxy.close()
    await rm(dir, { recursive: true, force: true })
  }
}

/** With a database of its own the server must be given the key that it would otherwise make. */
async function onServer(databaseUrl: string, template: string): Promise<Readonly<Record<string, string>>> {
  const key = await readFile(join(template, 'signing-key'), 'utf8')
  return { DATABASE_URL: databaseUrl, AGENTOS_SIGNING_KEY: key.trim() }
}

type Watched = { kills: number; open: boolean }

/** The server may die while it starts. */
async function begin(stage: Stage, env: Readonly<Record<string, string>>, watched: Watched): Promise<void> {
  try {
    await stage.start(env)
  } catch (error) {
    watched.kills += 1
    if (watched.kills > MOST_KILLS) throw error
    await begin(stage, env, watched)
  }
}

const MOST_KILLS = 100

/** Starts the server again whenever it dies; rejects when it does not start any more, and never resolves. */
async function keepAlive(stage: Stage, env: Readonly<Record<string, string>>, watched: Watched): Promise<never> {
  for (;;) {
    await stage.exited()
    if (!watched.open) return new Promise<never>(() => undefined)
    watched.kills += 1
    await begin(stage, env, watched)
  }
}

/** A directory that has been opened once: making one anew takes longer than a whole repetition. */
export async function makeTemplate(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'agentos-crash-template-'))
  await putReadyLedger(join(dir, 'data'))
  const stage = await openStage({
    prepare: (workflow) => sample(join(dir, 'repo'), workflow),
    serverFile: join(root, 'src/entry/server.ts'),
    bundle: join(root, 'dist/action.js'),
    dataDir: join(dir, 'data'),
    path: process.env['PATH'] ?? '',
  })
  // Node writes its compiled code when a process ends in peace, which none of the others does.
  await stage.start(COMPILE_CACHE)
  await stage.close()
  return join(dir, 'data')
}

async function sample(repo: string, workflow: string): Promise<SeededRepository> {
  const files = {
    'README.md': '# hello old world\n',
    'src/a.js': "exports.x = 'old'\n",
    'package.json': '{"name":"t","version":"1.0.0","scripts":{"test":"node --test"}}\n',
    'test/a.test.js': "const t=require('node:test');t('a',()=>{})\n",
    '.github/workflows/agentos.yml': workflow,
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(repo, path)), { recursive: true })
    await writeFile(join(repo, path), text)
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: repo, stdio: 'pipe' })
  git('init', '-q', '-b', 'main')
  git('add', '-A')
  git('commit', '-qm', 'first')
  const collaborators = [
    { login: 'ana', role: 'write' },
    { login: 'lee', role: 'maintain' },
  ] as const
  return { owner: 'acme', name: 'demo', private: true, from: repo, collaborators }
}

const Listed = z.object({
  runs: z.array(z.looseObject({ run: z.string(), phase: z.string(), pullRequest: z.number().nullable() })),
})

/** The whole story: a request that lacks something, the answer, the approval, the delivery, the merge. */
async function play(stage: Stage): Promise<Ending> {
  await stage.as('ana', 'POST', '/repos/acme/demo/issues', { title: 'Say new', body: 'Replace old with new' })
  await stage.as('ana', 'POST', '/repos/acme/demo/issues/1/comments', {
    body: '/agentos plan --recipe replace-text find=old paths=**',
  })
  const { run } = await reach(stage, 'blocked')
  await settled(stage, run)
  const { pullRequest } = await reach(stage, 'blocked')
  await stage.as('lee', 'POST', `/repos/acme/demo/issues/${pullRequest}/comments`, {
    body: '/agentos answer\nq1: new',
  })
  await reach(stage, 'proposed')
  await settled(stage, run)
  await stage.as('lee', 'POST', `/repos/acme/demo/pulls/${pullRequest}/reviews`, { event: 'APPROVE' })
  await reach(stage, 'delivered')
  await settled(stage, run)
  await stage.as('lee', 'PUT', `/repos/acme/demo/pulls/${pullRequest}/merge`, { merge_method: 'squash' })
  await reach(stage, 'merged')
  return endingOf(stage, { run, shown: await settled(stage, run) })
}

/** A busy machine takes long to start a server; what never comes is told by the effects that are open. */
const LONGEST_MS = 120_000

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + LONGEST_MS
  let last: unknown
  while (Date.now() < end) {
    const asked = performance.now()
    const found = await Promise.race([look(), delay(5000, undefined)]).catch((error: unknown) => {
      last = error
      return undefined
    })
    if (found !== undefined) return found
    // What is watched shall not be kept from its work by being watched.
    await delay(50 + 2 * (performance.now() - asked))
  }
  throw new Error(`it never came to this: ${what}`, { cause: last })
}

/** The phases that the story rests in, in order. */
const RESTS = ['blocked', 'proposed', 'delivered', 'merged']

async function reach(stage: Stage, phase: string) {
  let seen = 'no run'
  return until(phase, async () => {
    const { runs } = Listed.parse(await (await stage.ask('/api/runs')).json())
    if (runs.length > 1) seen = `${runs.length} runs`
    const [run] = runs
    seen = run?.phase ?? seen
    return run !== undefined && RESTS.indexOf(run.phase) >= RESTS.indexOf(phase) ? run : undefined
  }).catch((error: unknown) => {
    throw new Error(`it never was ${phase}, but ${seen}`, { cause: error })
  })
}

/** Resolves when nothing is under way any more. */
async function settled(stage: Stage, run: string): Promise<ShownRun> {
  let open = ''
  return until('settled', async () => {
    await stage.github.webhooksSettled()
    await stage.runner.settled()
    const shown = Shown.parse(await (await stage.ask(`/api/runs/${run}`)).json())
    const pending = shown.effects.filter(
      ({ kind, status }) => kind !== 'timer' && (status === 'due' || status === 'attempted'),
    )
    const unheard = unheardDeliveries(stage)
    open = JSON.stringify({ pending, unheard })
    return pending.length === 0 && unheard.length === 0 ? shown : undefined
  }).catch((error: unknown) => {
    throw new Error(`it never settled: ${open}`, { cause: error })
  })
}

function unheardDeliveries(stage: Stage): readonly string[] {
  const heard = new Set(
    stage.github.deliveries.filter(({ statusCode }) => statusCode !== null && statusCode < 300).map(({ guid }) => guid),
  )
  return stage.github.deliveries
    .filter(({ guid }) => !heard.has(guid))
    .map(({ event, guid, statusCode }) => `${event} ${guid} ${statusCode}`)
}
