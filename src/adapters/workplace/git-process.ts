import { spawn } from 'node:child_process'
import { buffer } from 'node:stream/consumers'

/** Git ended with an error. The message holds git's last words with everything unprintable taken out, and no argument. */
class GitFailed extends Error {
  override readonly name = 'GitFailed'
}

export type GitCall = {
  readonly folder: string
  readonly args: readonly string[]
  /** Settings that go through the environment, so that no process list shows them. */
  readonly config?: Readonly<Record<string, string>>
  readonly input?: Uint8Array | string
  /** Exit codes beside 0 that are answers and no failures. */
  readonly answers?: readonly number[]
}

/** Nothing of the machine's or the user's own settings, no hook, helper, filter or submodule, and no protocol at all. */
const CONFIG = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.excludesFile': '/dev/null',
  'core.attributesFile': '/dev/null',
  'core.protectHFS': 'true',
  'core.protectNTFS': 'true',
  'credential.helper': '',
  'protocol.allow': 'never',
  'submodule.recurse': 'false',
  'fetch.recurseSubmodules': 'false',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'http.followRedirects': 'false',
  'safe.bareRepository': 'explicit',
} as const

/** Runs git in a folder that we made, and gives what it printed. */
export async function git({ folder, args, config = {}, input = '', answers = [] }: GitCall): Promise<Buffer> {
  const child = spawn('git', ['--git-dir=.git', ...args], { cwd: folder, env: environment({ ...CONFIG, ...config }) })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [code, stdout, stderr] = await Promise.all([ended, buffer(child.stdout), buffer(child.stderr)])
  if (code === 0 || (code !== null && answers.includes(code))) return stdout
  throw new GitFailed(`git ${args[0] ?? ''} failed: ${lastWords(stderr)}`)
}

function environment(config: Readonly<Record<string, string>>): Record<string, string> {
  const settings = Object.entries(config)
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], i) => [
        [`GIT_CONFIG_KEY_${i}`, key],
        [`GIT_CONFIG_VALUE_${i}`, value],
      ]),
    ),
  }
}

function lastWords(stderr: Buffer): string {
  const lines = stderr
    .toString('latin1')
    .split('\n')
    .filter((line) => line.trim() !== '')
  return (lines.at(-1) ?? 'it said nothing').replace(/[^\x20-\x7e]/g, ' ').slice(0, 300)
}
