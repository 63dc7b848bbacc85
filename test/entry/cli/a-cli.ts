import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { COMPILE_CACHE } from '../../support/ready-ledger.ts'

const CLI = join(import.meta.dirname, '../../../src/entry/cli.ts')

export type Ended = { readonly exit: number | null; readonly stdout: string; readonly stderr: string }
export type CallOptions = {
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  readonly started?: (pid: number) => void
  /** Another copy of the program; the checkout's own where it is absent. */
  readonly cli?: string
}

/** A folder of its own for each test, with a clone in it, and the real command line as a process. */
export type Desk = {
  readonly home: string
  readonly clone: string
  readonly at: (name: string) => string
  readonly git: (...args: readonly string[]) => string
  readonly write: (path: string, content: string | Uint8Array) => void
  readonly commit: (message?: string) => string
  readonly agentos: (args: readonly string[], options?: CallOptions) => Promise<Ended>
}

export function deskForEachTest(files: Readonly<Record<string, string | Uint8Array>>): Desk {
  let home = ''
  const at = (name: string) => join(home, name)
  const desk: Desk = {
    get home() {
      return home
    },
    get clone() {
      return at('clone')
    },
    at,
    git: (...args) => runGit(at('clone'), args),
    write: (path, content) => writeTo(at('clone'), path, content),
    commit: (message = 'Next') => {
      runGit(at('clone'), ['add', '-A'])
      runGit(at('clone'), ['commit', '-q', '-m', message])
      return runGit(at('clone'), ['rev-parse', 'HEAD'])
    },
    agentos: (args, options) => runAgentos(home, args, options),
  }
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'agentos-cli-test-'))
    for (const [path, content] of Object.entries(files)) writeTo(at('clone'), path, content)
    runGit(at('clone'), ['init', '-q', '-b', 'main'])
    desk.commit('First')
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))
  return desk
}

/** What must not change whatever happens: HEAD, the working tree, and every branch. */
export function stateOf({ git }: Desk): string {
  return [git('rev-parse', 'HEAD'), git('status', '--porcelain'), git('for-each-ref')].join('\n')
}

export function json(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null) throw new TypeError('not an object')
  return Object.fromEntries(Object.entries(value))
}

export function jsonFile(file: string): Record<string, unknown> {
  return json(readFileSync(file, 'utf8'))
}

function writeTo(root: string, path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

function runGit(dir: string, args: readonly string[]): string {
  const person = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'core.autocrlf=false']
  return execFileSync('git', [...person, ...args], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
    .toString()
    .trimEnd()
}

function runAgentos(
  home: string,
  args: readonly string[],
  { input, env, started, cli = CLI }: CallOptions = {},
): Promise<Ended> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: home,
    env: { PATH, HOME, ...COMPILE_CACHE, AGENTOS_DATA: join(home, 'data'), ...env },
  })
  started?.(child.pid ?? 0)
  const out: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      out[name] += text
    })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exit) => resolve({ exit, ...out }))
  })
}
