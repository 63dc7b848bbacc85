import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { SeededRepository } from '../../../src/demo/github/local-github.ts'
import { openStage, type Stage } from '../../../src/demo/stage.ts'
import { COMPILE_CACHE, putReadyLedger } from '../ready-ledger.ts'
import type { Ending } from './ending.ts'
import { startGithubProxy } from './github-proxy.ts'
import type { CrashStory } from './stories.ts'

/** Where the server dies: at a request to GitHub, or at the nth commit of a kind, both counted over all its lives. */
export type Point =
  | { readonly at: 'request'; readonly request: string; readonly side: 'before' | 'after' }
  | { readonly at: 'commit'; readonly kind: string; readonly number: number; readonly side: 'before' | 'after' }

export type Repetition = {
  readonly ending: Ending
  /** How often the server was killed: none means that the point was not reached. */
  readonly kills: number
  /** What the story alone brings forth. */
  readonly requests: readonly string[]
  readonly commits: readonly string[]
  readonly seconds: number
  readonly log: string
}

/** What every repetition tells and begins with: a data directory that has been opened once, and a fresh database for each, if one is used. */
export type Ground = {
  readonly story: CrashStory
  readonly template: string
  readonly database: (() => Promise<string>) | null
}

const root = join(import.meta.dirname, '../../..')

/** Plays the story once from the beginning; at each point the server dies and starts again. */
export async function repeat(
  { story, template, database }: Ground,
  points: readonly Point[] = [],
): Promise<Repetition> {
  const dir = await mkdtemp(join(tmpdir(), 'agentos-crash-'))
  const begun = Date.now()
  await cp(template, join(dir, 'data'), { recursive: true })
  const stage = await openStage({
    prepare: (workflow) => sample(join(dir, 'repo'), { ...story.files, '.github/workflows/agentos.yml': workflow }),
    serverFile: join(root, 'src/entry/server.ts'),
    bundle: join(root, 'dist/action.js'),
    dataDir: join(dir, 'data'),
    path: process.env['PATH'] ?? '',
  })
  const proxy = await startGithubProxy(stage.github.url)
  const commits = join(dir, 'commits')
  const watched = { kills: 0, open: true }
  const committed = async () => (await readFile(commits, 'utf8').catch(() => '')).split('\n').filter(Boolean)
  let own = { requests: 0, commits: 0 }
  const begins = async () => {
    own = { requests: proxy.seen.length, commits: (await committed()).length }
  }
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
    const ending = await Promise.race([story.play(stage, begins), keepAlive(stage, env, watched)]).catch(
      (error: unknown) => {
        throw new Error(
          `${error instanceof Error ? error.message : 'broken'} after ${watched.kills} kills\n${stage.serverLog().slice(-4000)}`,
        )
      },
    )
    watched.open = false
    const result = {
      ending,
      kills: watched.kills,
      requests: proxy.seen.slice(own.requests),
      commits: (await committed()).slice(own.commits),
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
    prepare: (workflow) => sample(join(dir, 'repo'), { '.github/workflows/agentos.yml': workflow }),
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

async function sample(repo: string, files: Readonly<Record<string, string>>): Promise<SeededRepository> {
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
