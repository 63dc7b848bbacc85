import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

/** A commit with one parent and what git says of both: the ground truth. */
export type RealCommit = {
  readonly id: string
  readonly parent: string
  readonly tree: string
  readonly parentTree: string
}

/** A copy of a repository that may be written into; it has all of its objects of its own. */
export type History = {
  readonly name: string
  readonly dir: string
  readonly count: number
  /** Up to this many commits: every kind of odd one first, spread over the history, then the newest. */
  readonly pick: (most: number) => readonly RealCommit[]
  readonly git: (args: readonly string[], call?: GitCall) => Buffer
  readonly remove: () => void
}

export type GitCall = { readonly input?: Uint8Array; readonly env?: Readonly<Record<string, string>> }

export function copyOf(source: string): History {
  const dir = mkdtempSync(join(tmpdir(), 'agentos-commits-'))
  const git: History['git'] = (args, call) => run(dir, args, call)
  git(['clone', '-q', '--bare', '--no-tags', '--config', 'gc.auto=0', source, '.'])
  const all = git(['rev-list', '--no-merges', '--min-parents=1', 'HEAD']).toString('latin1').trim().split('\n')
  return {
    name: nameOf(source),
    dir,
    count: all.length,
    pick: (most) => toCommits(git, spread(oddOnes(git), Math.floor(most / 2)).concat(all), most),
    git,
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

function run(dir: string, args: readonly string[], { input, env }: GitCall = {}): Buffer {
  return execFileSync('git', args, {
    cwd: dir,
    maxBuffer: 1 << 30,
    input: input ?? new Uint8Array(),
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'], LC_ALL: 'C', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', ...env },
  })
}

/** `owner+name/repo`, `name.git` and `name/.git` are all called by their name. */
function nameOf(source: string): string {
  const own = basename(source)
  return (own === 'repo' || own === '.git' ? basename(dirname(source)) : own).replace(/\.git$/, '').replace('+', '/')
}

/** Renames, changes of mode or kind, links, submodules, paths beyond ASCII, and files that are seldom text. */
const ODD =
  /^:(?:\d{6} \d{6} \S+ \S+ R|100644 100755|100755 100644|\d{6} 1[26]0000|1[26]0000 )|[^\x20-\x7e\t]|\.(?:png|jpe?g|gif|ico|woff2?|jar|gz|zip|bin|pdf|ttf|eot)$/u

function oddOnes(git: History['git']): readonly string[] {
  const options = ['--no-merges', '--min-parents=1', '--raw', '-M', '--abbrev=40', '--format=@%H', 'HEAD']
  const log = git(['-c', 'core.quotePath=false', 'log', ...options]).toString('utf8')
  return log.split(/^@/m).flatMap((text) => {
    const [id = '', ...lines] = text.split('\n')
    return lines.some((line) => ODD.test(line)) ? [id] : []
  })
}

/** Evenly over the whole list, so that no time of a project is left out. */
function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all
  return Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)]).flatMap((one) => one ?? [])
}

function toCommits(git: History['git'], ids: readonly string[], most: number): readonly RealCommit[] {
  const picked = [...new Set(ids)].slice(0, most)
  const format = ['log', '--no-walk=unsorted', '--stdin', '--format=%H %P %T']
  const known = git(format, { input: Buffer.from(`${picked.join('\n')}\n`) })
    .toString('latin1')
    .trim()
    .split('\n')
  const parents = known.map((line) => line.split(' ')[1] ?? '')
  const trees = git(format, { input: Buffer.from(`${parents.join('\n')}\n`) })
    .toString('latin1')
    .trim()
    .split('\n')
  const treeOf = new Map(trees.map((line) => [line.slice(0, 40), line.slice(-40)]))
  return known
    .map((line) => {
      const [id = '', parent = '', tree = ''] = line.split(' ')
      return { id, parent, tree, parentTree: treeOf.get(parent) ?? '' }
    })
    .filter(({ tree, parentTree }) => tree !== parentTree)
}
