import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Git refused or broke; the message is git's own first line of complaint. */
export class GitFailure extends Error {
  override readonly name = 'GitFailure'
}

type GitOptions = { readonly input?: Uint8Array | string; readonly env?: Readonly<Record<string, string>> }

/** One bare repository, driven through the git binary. */
export type Git = {
  readonly dir: string
  bytes(args: readonly string[], options?: GitOptions): Promise<Buffer>
  /** Output without its last newline. */
  text(args: readonly string[], options?: GitOptions): Promise<string>
  /** Whether the command ended with status 0. */
  succeeds(args: readonly string[]): Promise<boolean>
}

export const ZERO_OID = '0'.repeat(40)

export const isOid = (text: string): boolean => /^[0-9a-f]{40}$/.test(text)

export function openGit(dir: string): Git {
  const bytes = async (args: readonly string[], options: GitOptions = {}): Promise<Buffer> => {
    const ended = await runGit(dir, args, options)
    if (ended.code === 0) return ended.out
    throw new GitFailure(`git ${args[0] ?? ''}: ${ended.err.trim().split('\n')[0] ?? 'failed'}`)
  }
  return {
    dir,
    bytes,
    text: async (args, options) => (await bytes(args, options)).toString('utf8').replace(/\n$/, ''),
    succeeds: async (args) => (await runGit(dir, args, {})).code === 0,
  }
}

/** Keeps an App without the `workflows` permission from pushing workflow files. */
const WORKFLOW_HOOK = `#!/bin/sh
test "$LOCAL_GITHUB_WORKFLOWS" = allowed && exit 0
while read -r old new ref; do
  test "$new" = ${ZERO_OID} && continue
  for commit in $(git rev-list "$new" --not --all); do
    path=$(git diff-tree -r -m --root --no-commit-id --name-only "$commit" -- .github/workflows | head -n 1)
    test -z "$path" && continue
    echo "refusing to allow a GitHub App to create or update workflow $path without workflows permission" >&2
    exit 1
  done
done
`

/** Makes a bare repository whose default branch is the given repository's HEAD, with the same objects. */
export async function importRepository(from: string, dir: string): Promise<{ git: Git; defaultBranch: string }> {
  const source = openGit(from)
  const named = (await source.succeeds(['symbolic-ref', '-q', 'HEAD']))
    ? await source.text(['symbolic-ref', '--short', 'HEAD'])
    : 'main'
  await openGit(tmpdir()).bytes(['init', '--quiet', '--bare', `--initial-branch=${named}`, dir])
  const git = openGit(dir)
  await git.bytes(['fetch', '--quiet', '--update-shallow', from, `+HEAD:refs/heads/${named}`])
  await git.bytes(['config', 'http.receivepack', 'true'])
  await git.bytes(['config', 'uploadpack.allowAnySHA1InWant', 'true'])
  await writeFile(join(dir, 'hooks', 'pre-receive'), WORKFLOW_HOOK, { mode: 0o755 })
  return { git, defaultBranch: named }
}

/** Runs the work with an index file of its own, which is removed afterwards. */
export async function withIndex<T>(work: (env: Readonly<Record<string, string>>) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'local-github-index-'))
  try {
    return await work({ GIT_INDEX_FILE: join(dir, 'index') })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Nothing of the user's own git configuration may leak in. */
export const gitEnvironment = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: tmpdir(),
  LC_ALL: 'C.UTF-8',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_COUNT: '3',
  GIT_CONFIG_KEY_0: 'safe.directory',
  GIT_CONFIG_VALUE_0: '*',
  GIT_CONFIG_KEY_1: 'core.quotePath',
  GIT_CONFIG_VALUE_1: 'false',
  GIT_CONFIG_KEY_2: 'gc.auto',
  GIT_CONFIG_VALUE_2: '0',
  GIT_TERMINAL_PROMPT: '0',
})

type Ended = { readonly code: number; readonly out: Buffer; readonly err: string }

function runGit(dir: string, args: readonly string[], { input, env }: GitOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...args], { cwd: dir, env: { ...gitEnvironment(), ...env } })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      resolve({ code: code ?? 1, out: Buffer.concat(out), err: Buffer.concat(err).toString('utf8') })
    })
    child.stdin.on('error', () => {
      /* git may end before it has read everything; its exit code says what happened */
    })
    child.stdin.end(input)
  })
}
