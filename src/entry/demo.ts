import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { GitFailed } from '../adapters/git/git-process.ts'
import { localRepository } from '../adapters/git/local-repository.ts'
import { copyRepository, writeSample } from '../demo/sample.ts'
import { openStage, type Stage } from '../demo/stage.ts'
import { canonicalJson, isCanonical } from '../domain/canonical.ts'
import { type ControllerKey, TrustedKeys } from '../domain/evidence.ts'
import type { RunSeen } from './demo/api.ts'
import { NotRefused, tryToBreakIt } from './demo/break-it.ts'
import { type Request, tellStory } from './demo/story.ts'
import { type Teller, teller } from './demo/teller.ts'
import { ensureMachine } from './setup.ts'

const run = promisify(execFile)
const ROOT = resolve(import.meta.dirname, '../..')

export type DemoOptions = {
  /** A local git repository to play on; a copy is taken. Null plays on the sample. */
  readonly repo: string | null
  readonly recipe: { readonly name: string; readonly params: Readonly<Record<string, string>> } | null
  readonly text: string | null
  readonly yes: boolean
  readonly json: boolean
}

/** Plays the whole story on this machine. Exit codes: 0 told, 1 the work failed, 2 no such repository, 3 refused, 4 people said no, 5 a part is missing. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const alone = options.yes || options.json || !process.stdin.isTTY
  const tell = teller({ json: options.json, alone })
  const machine = await ensureMachine()
  const bundle = join(ROOT, 'dist/action.js')
  if (machine.is === 'unready') return missing(machine.because)
  if (!existsSync(bundle)) return missing('The Action is not built. Run: npm run build:action')
  if (options.repo !== null && !(await hasCommit(options.repo))) return unusable(options.repo)
  const folder = await mkdtemp(join(tmpdir(), 'agentos-demo-'))
  const stage = await setStage(options, folder, bundle)
  try {
    return await play({ options, tell, stage, folder })
  } finally {
    await stage.close()
  }
}

function missing(because: string): number {
  process.stderr.write(`${because}\n`)
  return 5
}

async function hasCommit(dir: string): Promise<boolean> {
  try {
    return (await (await localRepository(resolve(dir))).resolve('HEAD')) !== undefined
  } catch (error) {
    if (error instanceof GitFailed || (error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      return false
    throw error
  }
}

function unusable(dir: string): number {
  process.stderr.write(`${dir} is no git repository with a commit to play on. Nothing was started.\n`)
  return 2
}

function setStage(options: DemoOptions, folder: string, bundle: string): Promise<Stage> {
  const repository = join(folder, 'repository')
  return openStage({
    serverFile: join(ROOT, 'src/entry/server.ts'),
    bundle,
    dataDir: join(folder, 'data'),
    path: process.env['PATH'] ?? '',
    env: modelEnvironment(),
    prepare: async (workflow) => {
      const extra = { '.github/workflows/agentos.yml': workflow }
      await mkdir(repository, { recursive: true })
      if (options.repo === null) await writeSample(repository, extra)
      else await copyRepository(resolve(options.repo), repository, extra)
      const people = [
        { login: 'ana', role: 'write' },
        { login: 'lee', role: 'maintain' },
      ] as const
      return {
        owner: 'acme',
        name: options.repo === null ? 'tidy-temp' : 'copy',
        private: true,
        collaborators: people,
        from: repository,
      }
    },
  })
}

/** The server gets a model only where the person who starts the demo has one. */
function modelEnvironment(): Readonly<Record<string, string>> {
  const names = ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'AGENTOS_MODEL']
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name] ?? '']])),
  )
}

type Playing = { readonly options: DemoOptions; readonly tell: Teller; readonly stage: Stage; readonly folder: string }

async function play({ options, tell, stage, folder }: Playing): Promise<number> {
  tell.line('AgentOS, live: a local GitHub, the real server, the real Action in its sandbox.')
  tell.progress('the server starts with an embedded database')
  await stage.start()
  const request = requestFrom(options)
  const told = await tellStory({ stage, teller: tell, request })
  if (told.is === 'stopped') {
    tell.heading('The story ends here')
    tell.line(`  ${told.run.standing.headline}\n  ${told.run.standing.next}`)
    return told.exit
  }
  const left = await leave(stage, folder, told.run)
  await tellResult(tell, left, told.run)
  try {
    const refusals = await tryToBreakIt({
      stage,
      teller: tell,
      request,
      delivered: told.run,
      evidence: left.evidenceBytes,
      keys: left.keys,
    })
    await tellProof(tell, left, folder)
    if (options.json) process.stdout.write(`${JSON.stringify({ ...left.paths, refusals })}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof NotRefused)) throw error
    process.stderr.write(`Something that must be refused was not: ${error.message}\n`)
    return 1
  }
}

function requestFrom({ repo, recipe, text }: DemoOptions): Request {
  if (recipe !== null) {
    const params = Object.entries(recipe.params).map(([name, value]) => `${name}=${quoted(value)}`)
    return {
      title: `Run the recipe ${recipe.name}`,
      body: '',
      comment: ['/agentos plan --recipe', recipe.name, ...params].join(' '),
      answers: {},
    }
  }
  if (text !== null)
    return {
      title: text.split('\n')[0]?.slice(0, 100) ?? 'A request',
      body: '',
      comment: `/agentos plan ${text}`,
      answers: {},
    }
  if (repo !== null) {
    const comment =
      '/agentos plan --recipe add-file path=AGENTOS-DEMO.md content="This file was planned, approved, executed and proven."'
    return { title: 'Add a note about this demo', body: '', comment, answers: {} }
  }
  return {
    title: 'Replace fs.rmdirSync with fs.rmSync',
    body: 'fs.rmdirSync(…, { recursive: true }) is deprecated.\n\n- [ ] no call of fs.rmdirSync is left\n- [ ] the tests pass',
    comment: '/agentos plan --recipe replace-call old=fs.rmdirSync new=fs.rmSync',
    answers: { 'param:paths': 'src/**' },
  }
}

function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`
}

type Left = {
  readonly paths: {
    readonly repo: string
    readonly commit: string
    readonly plan: string
    readonly evidence: string
    readonly keys: string
    readonly page: string
  }
  readonly evidenceBytes: Uint8Array
  readonly keys: readonly ControllerKey[]
  readonly review: string
}

/** What the demo leaves behind for people and outside checks: a clone, the plan, the evidence, the keys and a page. */
async function leave(stage: Stage, folder: string, run_: RunSeen): Promise<Left> {
  const { owner, name } = stage.repository
  const repo = join(folder, 'clone')
  const clone = new URL(stage.github.cloneUrl(owner, name))
  clone.username = 'x-access-token'
  clone.password = stage.github.token('lee')
  const branch = run_.pullRequest?.branch ?? 'main'
  await run('git', ['clone', '--quiet', '--branch', branch, clone.href, repo])
  await run('git', ['-C', repo, 'remote', 'remove', 'origin'])
  const { stdout } = await run('git', ['-C', repo, 'rev-parse', 'HEAD'])
  const paths = {
    repo,
    commit: stdout.trim(),
    plan: join(folder, 'plan.json'),
    evidence: join(folder, 'evidence.json'),
    keys: join(folder, 'keys.json'),
    page: join(folder, 'run.html'),
  }
  await writeFile(
    paths.evidence,
    new Uint8Array(await (await stage.ask(`/api/runs/${run_.run}/evidence`)).arrayBuffer()),
  )
  await writeFile(paths.keys, await (await stage.ask('/.well-known/agentos/keys.json')).text())
  await writeFile(paths.page, await (await stage.ask(`/runs/${run_.run}`)).text())
  const document = { ...run_.plan?.document, planHash: run_.plan?.hash }
  if (isCanonical(document)) await writeFile(paths.plan, canonicalJson(document))
  const keys = TrustedKeys.parse(JSON.parse(await readFile(paths.keys, 'utf8'))).keys
  return { paths, evidenceBytes: await readFile(paths.evidence), keys, review: await reviewText(stage, paths.commit) }
}

/** The ReviewPack as people read it: the check run on the delivered commit. */
async function reviewText(stage: Stage, commit: string): Promise<string> {
  const { owner, name } = stage.repository
  const { body } = await stage.as(
    'lee',
    'GET',
    `/repos/${owner}/${name}/commits/${commit}/check-runs?check_name=agentos%2Freview`,
  )
  const found = /"summary":"((?:[^"\\]|\\.)*)"/.exec(JSON.stringify(body))
  return found === null ? 'there is no check run agentos/review' : String(JSON.parse(`"${found[1] ?? ''}"`))
}

async function tellResult(tell: Teller, left: Left, seen: RunSeen): Promise<void> {
  tell.heading('5. What was approved is what landed')
  const { stdout } = await run('git', ['-C', left.paths.repo, 'show', '--stat', '--format=commit %H%n%n%B', 'HEAD'])
  tell.block(stdout)
  tell.line('  The ReviewPack, check run agentos/review:')
  tell.block(left.review)
  tell.line(`  Run ${seen.run}: ${seen.timeline.length} events on record.`)
}

/** The real commands, in processes of their own, with nothing but the files. */
async function tellProof(tell: Teller, left: Left, folder: string): Promise<void> {
  tell.heading('7. Prove it, offline')
  const cli = join(ROOT, 'src/entry/cli.ts')
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder }
  for (const args of [
    ['verify', left.paths.evidence, '--trust', left.paths.keys, '--repo', left.paths.repo],
    ['replay', left.paths.evidence],
  ]) {
    const { stdout } = await run(process.execPath, [cli, ...args], { env, maxBuffer: 1 << 26 })
    tell.line(`  $ agentos ${args.join(' ')}`)
    tell.block(stdout)
  }
  tell.heading('Left for you')
  for (const [name, path] of Object.entries(left.paths)) tell.line(`  ${name.padEnd(9)} ${path}`)
}
