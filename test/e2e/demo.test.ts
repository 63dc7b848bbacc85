import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

const run = promisify(execFile)
const CLI = resolve(import.meta.dirname, '../../src/entry/cli.ts')
const MINUTES = 60_000

let place: string
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'demo-test-'))
})
afterAll(() => rm(place, { recursive: true, force: true }))

const Left = z.strictObject({
  repo: z.string(),
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  plan: z.string(),
  evidence: z.string(),
  keys: z.string(),
  page: z.string(),
  refusals: z.array(z.strictObject({ attempt: z.string(), rule: z.string(), because: z.string() })),
})

async function demo(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const home = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' }
  const call = run(process.execPath, [CLI, 'demo', ...args], { env: { ...home, ...env }, maxBuffer: 1 << 26 })
  return call.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
}

async function aProject(): Promise<string> {
  const dir = join(place, 'project')
  await mkdir(join(dir, 'lib'), { recursive: true })
  await writeFile(join(dir, 'lib/greet.js'), "exports.greet = () => 'good day'\n")
  await writeFile(
    join(dir, 'greet.test.js'),
    "require('node:test').test('it greets', () => require('./lib/greet.js').greet())\n",
  )
  await writeFile(
    join(dir, 'package.json'),
    '{ "name": "project", "version": "1.0.0", "scripts": { "test": "node --test" } }\n',
  )
  const git = (...args: string[]) =>
    run('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.invalid', ...args], { cwd: dir })
  await git('init', '--quiet', '--initial-branch=trunk')
  await git('add', '--all')
  await git('commit', '--quiet', '--message', 'Greet')
  return dir
}

/** Every byte, mode and link below a folder, as one hash. */
async function fingerprint(dir: string): Promise<string> {
  const hash = createHash('sha256')
  for (const name of (await readdir(dir, { recursive: true })).sort()) {
    const stat = await lstat(join(dir, name))
    const content = stat.isFile()
      ? await readFile(join(dir, name))
      : stat.isSymbolicLink()
        ? await readlink(join(dir, name))
        : ''
    hash.update(`${name}\0${stat.mode}\0`).update(content)
  }
  return hash.digest('hex')
}

test(
  'the demo plays a recipe on a real repository, leaves it as it was, refuses every attack and leaves what proves it',
  async () => {
    const project = await aProject()
    const before = await fingerprint(project)
    const told = await demo([
      '--repo',
      project,
      '--recipe',
      'replace-text',
      'find=good day',
      'replace=good evening',
      '--yes',
      '--json',
    ])
    expect(told.code, told.stderr).toBe(0)
    expect(await fingerprint(project)).toBe(before)
    const left = Left.parse(JSON.parse(told.stdout.trim().split('\n').at(-1) ?? ''))
    expect(left.refusals.map((refusal) => refusal.rule)).toEqual([
      'review',
      'foreign-push',
      'no-fabrication',
      'sandbox',
      'sandbox',
      'verify',
    ])
    const { stdout: changed } = await run('git', ['-C', left.repo, 'show', '--format=', '--name-only', left.commit])
    expect(changed.trim()).toBe('lib/greet.js')
    const offline = { env: { PATH: process.env['PATH'] ?? '', HOME: place } }
    const verified = await run(
      process.execPath,
      [CLI, 'verify', left.evidence, '--trust', left.keys, '--repo', left.repo],
      offline,
    )
    expect(verified.stdout).toContain('valid')
    expect((await run(process.execPath, [CLI, 'replay', left.evidence], offline)).stdout).toContain(
      'decided again the same',
    )
    const plan = z.looseObject({ planHash: z.string() }).parse(JSON.parse(await readFile(left.plan, 'utf8')))
    expect(await readFile(left.page, 'utf8')).toContain(plan.planHash)
  },
  6 * MINUTES,
)

test('without bubblewrap on the PATH the demo ends with exit 5 and one clear sentence, and starts nothing', async () => {
  const bin = join(place, 'bin')
  await mkdir(bin)
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter((one) => one.startsWith('/')))
    for (const name of await readdir(folder).catch(() => []))
      if (!/^(?:bwrap|apt-get|sudo)$/.test(name))
        await symlink(join(folder, name), join(bin, name)).catch(() => undefined)
  const told = await demo(['--yes'], { PATH: bin })
  expect(told.code).toBe(5)
  expect(told.stderr.trim().split('\n')).toHaveLength(1)
  expect(told.stderr).toMatch(/bubblewrap|bwrap/)
  expect(told.stdout).toBe('')
})

test('a folder that is no git repository is refused in one sentence', async () => {
  const told = await demo(['--repo', place, '--yes'])
  expect(told.code).toBe(2)
  expect(told.stderr).toContain('is no git repository with a commit')
})
