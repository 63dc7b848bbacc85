import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { OLD_FORM } from '../../src/adapters/git/read-objects.ts'
import type { ControlFile } from '../../src/domain/control/load-manifest.ts'
import type { Stop } from '../../src/entry/local/stop.ts'
import { executePlanned, planPatch, rolledBack } from '../entry/local/a-local-run.ts'
import type { Came } from './engine.ts'
import type { History, RealCommit } from './history.ts'

/**
 * Everything that `plan --patch`, `execute` and `rollback` do, in this process: memory, gates, jobs in the sandbox, commits,
 * evidence and its verification. The trees are git's own, forth and back.
 */
export async function throughPipeline(
  history: History,
  commit: RealCommit,
  { patch, pack }: { readonly patch: Uint8Array; readonly pack: readonly ControlFile[] },
): Promise<Came> {
  const { dir } = history
  const treeAt = (id: string) =>
    history
      .git(['rev-parse', `${id}^{tree}`])
      .toString('latin1')
      .trim()
  history.git(['update-ref', '--no-deref', 'HEAD', commit.parent])
  const planned = await planPatch({ dir, patch, pack })
  if (typeof planned === 'string') return cameOf(planned)
  if (planned.plan.predictedTree !== commit.tree) return different('the predicted tree is not git’s')
  const { result, evidence } = await executePlanned(planned, { dir, pack })
  if (!result.ok || evidence === null) return different(`execute: ${result.ok ? 'no evidence' : said(result.refusal)}`)
  if (treeAt(result.value.commit) !== commit.tree) return different('the committed tree is not git’s')
  const { result: undone } = await rolledBack(evidence, { dir, pack })
  if (!undone.ok) return cameOf(said(undone.refusal), 'rollback: ')
  if (treeAt(undone.value.commit) !== commit.parentTree) return different('rollback made another tree')
  return { is: 'identical' }
}

function said({ rule, because }: Stop): string {
  return `${rule}: ${because}`
}

function different(because: string): Came {
  return { is: 'different', because }
}

/** A change that brings a private key in, and one of more paths than can be locked at once, are no faults of the engine. */
const MAY_REFUSE: ReadonlySet<string> = new Set(['secrets', 'budget'])

function cameOf(refusal: string, where: string = ''): Came {
  if (refusal.includes(OLD_FORM)) return { is: 'refused', rules: ['old-tree'] }
  const rule = refusal.split(': ', 1)[0] ?? ''
  if (MAY_REFUSE.has(rule)) return { is: 'refused', rules: [rule] }
  if (rule !== 'hygiene') return different(`${where}${refusal}`)
  return { is: 'refused', rules: [/\[([a-z-]+)\]/.exec(refusal)?.[1] ?? 'hygiene'] }
}

const CLI = join(import.meta.dirname, '../../src/entry/cli.ts')
const POLICY = 'version: 1\nchecks: []\nworkflows: allowed\nsymlinks: allowed\nsubmodules: allowed\n'

/**
 * The same with the real programs, `agentos plan --patch`, `execute` and `rollback`, under the shipped pack. The base is
 * the parent with a policy of its own on top, so that no project's checks are run; git says which trees that makes.
 */
export async function throughPrograms(history: History, commit: RealCommit, patch: Uint8Array): Promise<Came> {
  const home = mkdtempSync(join(tmpdir(), 'agentos-programs-'))
  const at = (name: string) => join(home, name)
  try {
    const [base, tree] = [withPolicy(history, commit.parentTree, home), withPolicy(history, commit.tree, home)]
    const parent = commitOf(history, base, commit.parent)
    history.git(['update-ref', '--no-deref', 'HEAD', parent])
    writeFileSync(at('patch'), patch)
    const repo = ['--repo', history.dir]
    const planned = await agentos(home, ['plan', ...repo, '--patch', at('patch'), '--out', at('plan.json')])
    if (planned.exit !== 0) return cameOf(refusalIn(planned.text))
    const approval = ['--approved-by', 'Lee', '--out', at('evidence.json')]
    const landed = await agentos(home, ['execute', at('plan.json'), ...repo, ...approval])
    if (landed.exit !== 0) return { is: 'different', because: `execute: ${landed.text}` }
    if (treeIn(landed.text) !== tree) return { is: 'different', because: 'the executed tree is not git’s' }
    const undone = await agentos(home, ['rollback', at('evidence.json'), ...repo, '--out', at('back.json')])
    if (undone.exit !== 0) return { is: 'different', because: `rollback: ${undone.text}` }
    return treeIn(undone.text) === base
      ? { is: 'identical' }
      : { is: 'different', because: 'rollback made another tree' }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function withPolicy({ git }: History, tree: string, home: string): string {
  const env = { GIT_INDEX_FILE: join(home, 'index') }
  const blob = git(['hash-object', '-w', '--stdin'], { input: Buffer.from(POLICY) })
    .toString('latin1')
    .trim()
  git(['read-tree', tree], { env })
  git(['update-index', '--add', '--cacheinfo', `100644,${blob},.agentos/policy.yml`], { env })
  return git(['write-tree'], { env }).toString('latin1').trim()
}

function commitOf({ git }: History, tree: string, parent: string): string {
  const person = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.org' }
  const env = { ...person, GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org' }
  return git(['commit-tree', tree, '-p', parent, '-m', 'Rules'], { env }).toString('latin1').trim()
}

type Ended = { readonly exit: number; readonly text: string }

async function agentos(home: string, args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, HOME: home, AGENTOS_DATA: join(home, 'data') }
  try {
    const call = promisify(execFile)(process.execPath, [CLI, ...args, '--json'], { env, maxBuffer: 1 << 28 })
    return { exit: 0, text: (await call).stdout }
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') throw error
    const stdout = 'stdout' in error ? String(error.stdout) : ''
    const stderr = 'stderr' in error ? String(error.stderr) : ''
    return { exit: error.code, text: `${stdout}\n${stderr}`.slice(0, 2000) }
  }
}

function refusalIn(text: string): string {
  const rule = /"rule":"([^"]+)"/.exec(text)?.[1] ?? ''
  return `${rule}: ${text.slice(0, 400)}`
}

function treeIn(text: string): string {
  return /"tree":"([0-9a-f]{40})"/.exec(text)?.[1] ?? ''
}
