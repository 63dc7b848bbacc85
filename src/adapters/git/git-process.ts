import { spawn } from 'node:child_process'

/** Git said no, or could not be run. The message holds what was asked and git's own first words, never content. */
export class GitFailed extends Error {
  override readonly name = 'GitFailed'
}

/** One repository's own git folder, absolute. */
export type GitFolder = string

export type GitCall = {
  readonly args: readonly string[]
  readonly input?: Uint8Array
  readonly env?: Readonly<Record<string, string>>
  /** Exit codes other than 0 that are an answer. */
  readonly answers?: readonly number[]
  readonly maxBytes?: number
}

export type GitAnswer = { readonly code: number; readonly stdout: Buffer }

const MAX_BYTES = 1024 * 1024 * 1024
const MAX_STDERR = 4096

/** Nothing of the user's or the machine's configuration, no hooks, no transport, no replaced objects. */
const CONFIG = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.attributesFile=/dev/null',
  'core.protectHFS=true',
  'core.protectNTFS=true',
  'core.splitIndex=false',
  'core.untrackedCache=false',
  'protocol.allow=never',
  'safe.directory=*',
  'i18n.commitEncoding=UTF-8',
  'log.showSignature=false',
  'core.alternateRefsCommand=false',
  'gc.auto=0',
  'maintenance.auto=false',
].flatMap((setting) => ['-c', setting])

const ENVIRONMENT = {
  LC_ALL: 'C',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_GRAFT_FILE: '/dev/null',
  GIT_LITERAL_PATHSPECS: '1',
  GIT_PAGER: 'cat',
  GIT_AUTHOR_NAME: 'AgentOS',
  GIT_AUTHOR_EMAIL: 'agentos@localhost',
  GIT_COMMITTER_NAME: 'AgentOS',
  GIT_COMMITTER_EMAIL: 'agentos@localhost',
} as const

/** Runs git inside a git folder as if there were no working tree, so that no file of one can have a say. */
export async function git(folder: GitFolder, call: GitCall): Promise<GitAnswer> {
  return run(folder, ['--bare', `--git-dir=${folder}`], call)
}

/** Runs git where the git folder is not known yet. */
export async function gitAt(dir: string, call: GitCall): Promise<GitAnswer> {
  return run(dir, [], call)
}

async function run(cwd: string, where: readonly string[], call: GitCall): Promise<GitAnswer> {
  const what = `git ${call.args[0] ?? ''}`
  const env = { PATH: process.env['PATH'] ?? '', ...ENVIRONMENT, ...call.env }
  const child = spawn('git', [...where, ...CONFIG, ...call.args], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] })
  const stdout: Buffer[] = []
  let [size, stderr] = [0, '']
  return await new Promise<GitAnswer>((resolve, reject) => {
    child.on('error', (cause) => reject(new GitFailed(`${what} could not be run`, { cause })))
    child.stdin.on('error', () => child.stdin.destroy())
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('latin1')).slice(0, MAX_STDERR)
    })
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= (call.maxBytes ?? MAX_BYTES)) stdout.push(chunk)
      else child.kill('SIGKILL')
    })
    child.on('close', (code) => {
      if (size > (call.maxBytes ?? MAX_BYTES)) return reject(new GitFailed(`${what} said more than was allowed`))
      if (code === 0 || (code !== null && call.answers?.includes(code) === true)) {
        return resolve({ code, stdout: Buffer.concat(stdout) })
      }
      return reject(new GitFailed(`${what} ended with ${code ?? 'a signal'}: ${firstLine(stderr)}`))
    })
    child.stdin.end(call.input)
  })
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200)
}
