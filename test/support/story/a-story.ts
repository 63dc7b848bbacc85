import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { SeededRepository } from '../../../src/demo/github/local-github.ts'
import { openStage, type Stage } from '../../../src/demo/stage.ts'
import { git, type Json, put } from '../../demo/a-local-github.ts'
import { checkExchange, type Fault } from '../github-api/check-exchange.ts'
import { COMPILE_CACHE, putReadyLedger } from '../ready-ledger.ts'

/** A person at GitHub, who does what people do there. */
export type Teller = {
  /** Opens an issue and gives its number. */
  opens(title: string, body?: string): Promise<number>
  /** Comments and gives the comment's id. */
  says(number: number, text: string): Promise<number>
  /** Reviews a pull request, on a commit when one is given, and gives GitHub's answer. */
  reviews(pull: number, event: 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT', commit?: string): Promise<Reply>
  /** Puts a file onto a branch and gives the new commit. */
  commits(branch: string, path: string, content: string): Promise<string>
  does(method: string, path: string, body?: object): Promise<Reply>
}

export type Reply = { readonly status: number; readonly json: Json }

/** One repository on a local GitHub with the real server and the real runner, and what people see of it. */
export type Story = {
  readonly stage: Stage
  /** A working directory of the repository's owner; its branch is `main`. */
  readonly source: string
  readonly dir: string
  readonly ana: Teller
  readonly lee: Teller
  readonly rea: Teller
  as(login: string): Teller
  /** Opens an issue, says `/agentos plan …` on it as Ana, and waits until there is a run. */
  begins(command: string, issue?: { readonly title?: string; readonly body?: string }): Promise<Begun>
  /** The run's account once it is in one of the phases and everything due has been done. */
  until(run: string, ...phases: readonly string[]): Promise<Json>
  view(run: string): Promise<Json>
  /** Waits until nothing is under way: no effect due, no webhook undelivered. */
  settled(run: string): Promise<Json>
  /** Tries again, woken by whatever changes something at GitHub, until the question has an answer. */
  eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<T>
  /** The App's comments on a number, in order. */
  comments(number: number): Promise<readonly string[]>
  /** Waits for a comment of the App on a number that holds the text, and gives it. */
  hears(number: number, text: string): Promise<string>
  checks(sha: string): Promise<readonly Json[]>
  pull(number: number): Promise<Json>
  labels(number: number): Promise<readonly string[]>
  reactions(comment: number): Promise<readonly string[]>
  /** The commit of a branch, undefined where it is gone. */
  head(branch: string): Promise<string | undefined>
  commit(sha: string): Promise<Json>
  /** Where an accepted exchange differs from GitHub's own description of its API. */
  readonly faults: Fault[]
  close(): Promise<void>
}

export type Begun = { readonly issue: number; readonly comment: number; readonly run: string }

export type StoryOptions = {
  readonly files?: Readonly<Record<string, string>>
  /** Whether the repository has the ten-line file; default true. */
  readonly withWorkflow?: boolean
  readonly privatePlan?: 'free' | 'paid'
  readonly env?: Readonly<Record<string, string>>
  readonly starts?: boolean
  /** The server's main file, where it is not the real one. */
  readonly serverFile?: string
  readonly forks?: readonly string[]
  /** Whether small changes of text may take the light lane, as the shipped policy has it; default false: a job executes. */
  readonly light?: boolean
  /** Changes the working directory before its first commit, for what files cannot say. */
  readonly prepare?: (source: string) => Promise<void>
}

/** As GitHub names the App where it acts in a repository, and where it acts as itself. */
export const APP_LOGIN = 'agentos[bot]'
export const isOwn = (actor: string | null): boolean => actor === APP_LOGIN || actor === 'agentos'

export const REPO = '/repos/acme/demo'

const FILES: Readonly<Record<string, string>> = {
  'README.md': '# hello\n\nThis says old words.\n',
  'package.json': '{"name":"demo","version":"1.0.0","scripts":{"test":"node --test"}}\n',
  'test/words.test.js':
    "const test = require('node:test')\nconst assert = require('node:assert')\ntest('words', () => assert.ok(require('../src/words.js').word))\n",
  'src/words.js': "exports.word = 'old'\n",
}

export async function aStory(options: StoryOptions = {}): Promise<Story> {
  const dir = await mkdtemp(join(tmpdir(), 'a-story-'))
  const source = join(dir, 'source')
  await putReadyLedger(join(dir, 'data'))
  const stage = await openStage({
    serverFile: options.serverFile ?? new URL('../../../src/entry/server.ts', import.meta.url).pathname,
    bundle: new URL('../../../dist/action.js', import.meta.url).pathname,
    dataDir: join(dir, 'data'),
    path: process.env['PATH'] ?? '',
    prepare: (workflow) => seed(source, workflow, options),
    ...(options.forks === undefined ? {} : { forks: options.forks }),
    env: { ...COMPILE_CACHE, ...options.env },
    ...(options.privatePlan === undefined ? {} : { privatePlan: options.privatePlan }),
  })
  const faults: Fault[] = []
  stage.github.onRequest(({ body, ...exchange }) => {
    const accepted = isOwn(exchange.actor) && exchange.status >= 200 && exchange.status < 300
    if (accepted)
      faults.push(...checkExchange({ ...exchange, requestBody: body }).filter((fault) => fault.in !== 'response'))
  })
  if (options.starts !== false) await stage.start()
  return {
    ...watching(stage),
    faults,
    source,
    dir,
    close: async () => {
      await stage.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

const POLICY = '.agentos/policy.yml'

/** Stories of a job that executes go on being told where the shipped policy would spare it. */
function closeLightLane(files: Record<string, string>): void {
  files[POLICY] = `${files[POLICY] ?? 'version: 1\n'}lanes: { light: { enabled: false } }\n`
}

async function seed(source: string, workflow: string, options: StoryOptions): Promise<SeededRepository> {
  const withWorkflow = options.withWorkflow === false ? {} : { '.github/workflows/agentos.yml': workflow }
  const files: Record<string, string> = { ...(options.files ?? FILES), ...withWorkflow }
  if (options.light !== true) closeLightLane(files)
  for (const [path, text] of Object.entries(files)) await put(source, path, text)
  await options.prepare?.(source)
  await git(source, 'init', '--quiet', '--initial-branch=main')
  await git(source, 'add', '--all')
  await git(source, 'commit', '--quiet', '--message', 'First commit')
  return {
    owner: 'acme',
    name: 'demo',
    private: true,
    from: source,
    collaborators: [
      { login: 'ana', role: 'write' },
      { login: 'lee', role: 'maintain' },
      { login: 'kim', role: 'write' },
      { login: 'rea', role: 'read' },
    ],
  }
}

const PATIENCE_MS = 240_000
const LOOK_MS = 250

function watching(stage: Stage): Omit<Story, 'source' | 'dir' | 'close' | 'faults'> {
  const waiters = new Set<() => void>()
  stage.github.onRequest(({ method }) => {
    if (method !== 'GET') for (const wake of waiters) wake()
  })
  const woken = () =>
    new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        waiters.delete(done)
        resolve()
      }
      const timer = setTimeout(done, LOOK_MS)
      waiters.add(done)
    })
  const eventually = async <T>(what: string, ask: () => Promise<T | undefined>): Promise<T> => {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const asked = performance.now()
      const answer = await ask()
      if (answer !== undefined) return answer
      if (Date.now() > deadline) throw new Error(`waited in vain for ${what}\n${stage.serverLog().slice(-3000)}`)
      // What is watched shall not be kept from its work by being watched.
      await delay(2 * (performance.now() - asked))
      await woken()
    }
  }
  const as = (login: string) => teller(stage, login)
  const view = async (run: string): Promise<Json> => JSON.parse(await (await stage.ask(`/api/runs/${run}`)).text())
  const settled = (run: string) => eventually(`${run} to come to rest`, async () => restOf(await view(run)))
  const lee = as('lee')
  const comments = async (number: number) => {
    const { json } = await lee.does('GET', `${REPO}/issues/${number}/comments?per_page=100`)
    const own = json.filter((comment) => String(comment['user']?.['login']) === APP_LOGIN)
    return own.map((comment) => String(comment['body']))
  }
  return {
    stage,
    as,
    ana: as('ana'),
    lee,
    rea: as('rea'),
    view,
    eventually,
    settled,
    begins: async (command, issue = {}) => {
      const ana = as('ana')
      const number = await ana.opens(issue.title ?? 'A change', issue.body ?? 'Please change it.')
      const comment = await ana.says(number, command)
      const run = await eventually(`a run of #${number}`, async () => runOf(stage, number))
      return { issue: number, comment, run }
    },
    until: async (run, ...phases) => {
      const reached = await eventually(`${run} to be ${phases.join(' or ')}`, async () => {
        const seen = await view(run)
        const phase = String(seen['phase'])
        if (!phases.includes(phase) && ENDS.has(phase) && restOf(seen) !== undefined)
          throw new Error(`${run} is ${phase}, not ${phases.join(' or ')}: ${JSON.stringify(seen['end'])}`)
        return phases.includes(phase) ? seen : undefined
      })
      return settled(String(reached['run']))
    },
    comments,
    hears: (number, text) =>
      eventually(`a comment on #${number} with “${text}”`, async () =>
        (await comments(number)).findLast((comment) => comment.includes(text)),
      ),
    checks: async (sha) => {
      const { json } = await lee.does('GET', `${REPO}/commits/${sha}/check-runs?per_page=100`)
      return [...(json['check_runs'] ?? [])]
    },
    pull: async (number) => (await lee.does('GET', `${REPO}/pulls/${number}`)).json,
    labels: async (number) =>
      (await lee.does('GET', `${REPO}/issues/${number}/labels`)).json.map((label) => String(label['name'])),
    reactions: async (comment) => {
      const { json } = await lee.does('GET', `${REPO}/issues/comments/${comment}/reactions`)
      return json.map((reaction) => String(reaction['content']))
    },
    head: async (branch) => {
      const { status, json } = await lee.does('GET', `${REPO}/git/ref/heads/${branch}`)
      return status === 200 ? String(json['object']?.['sha']) : undefined
    },
    commit: async (sha) => (await lee.does('GET', `${REPO}/git/commits/${sha}`)).json,
  }
}

const ENDS: ReadonlySet<string> = new Set(['refused', 'failed', 'cancelled', 'expired', 'closed', 'merged'])

/** The account of a run of which nothing is due but timers; undefined while something is under way. */
function restOf(view: Json): Json | undefined {
  const effects = [...(view['effects'] ?? [])]
  const waiting = effects.filter((effect) => String(effect['kind']) !== 'timer' && isOpen(String(effect['status'])))
  return waiting.length === 0 ? view : undefined
}

function isOpen(status: string): boolean {
  return status === 'due' || status === 'attempted'
}

/** The newest run of an issue or pull request. */
export async function runOf(stage: Stage, number: number): Promise<string | undefined> {
  const list: Json = JSON.parse(await (await stage.ask('/api/runs')).text())
  const run = list['runs']?.find((row) => Number(row['issue']) === number || Number(row['pullRequest']) === number)
  return run === undefined ? undefined : String(run['run'])
}

function teller(stage: Stage, login: string): Teller {
  const does = async (method: string, path: string, body?: object): Promise<Reply> => {
    const answer = await fetch(`${stage.github.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${stage.github.token(login)}`,
        accept: 'application/vnd.github+json',
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, json: JSON.parse(text === '' ? '{}' : text) }
  }
  const must = async (method: string, path: string, body: object): Promise<Json> => {
    const { status, json } = await does(method, path, body)
    if (status >= 300) throw new Error(`${method} ${path} as ${login} answered ${status}: ${JSON.stringify(json)}`)
    return json
  }
  return {
    does,
    opens: async (title, body = '') => Number((await must('POST', `${REPO}/issues`, { title, body }))['number']),
    says: async (number, text) =>
      Number((await must('POST', `${REPO}/issues/${number}/comments`, { body: text }))['id']),
    reviews: (pull, event, commit) =>
      does('POST', `${REPO}/pulls/${pull}/reviews`, {
        event,
        ...(event === 'APPROVE' ? {} : { body: 'A word about this.' }),
        ...(commit === undefined ? {} : { commit_id: commit }),
      }),
    commits: async (branch, path, content) => {
      const found = await does('GET', `${REPO}/contents/${path}?ref=${branch}`)
      const sha = found.status === 200 ? { sha: String(found.json['sha']) } : {}
      const { commit } = await must('PUT', `${REPO}/contents/${path}`, {
        message: `Change ${path}`,
        content: Buffer.from(content).toString('base64'),
        branch,
        ...sha,
      })
      return String(commit?.['sha'])
    },
  }
}
