import { execFileSync, spawnSync } from 'node:child_process'

/** A commit as ground truth: its message says what was wanted, its files are what should have been found. */
export type Change = {
  readonly commit: string
  readonly parent: string
  readonly message: string
  /** Files of the parent that the commit changed or deleted. */
  readonly touched: readonly string[]
}

export type Entry = { readonly path: string; readonly mode: string; readonly blob: string; readonly size: number }

const TRAILER = /^[A-Z][A-Za-z-]+(?:-by|-Id): .*$/gm

/** Read access to a clone's history, by git itself. */
export function historyOf(dir: string) {
  const git = (...args: readonly string[]) => execFileSync('git', ['-C', dir, ...args], { maxBuffer: 1 << 30 })
  return {
    head: git('rev-parse', 'HEAD').toString().trim(),
    count: Number(git('rev-list', '--count', 'HEAD').toString()),
    changes: (most: number) => changesIn(git, most),
    entries: (commit: string) => entriesOf(git('ls-tree', '-r', '-l', '-z', '--full-tree', commit).toString()),
    blobs: (ids: readonly string[]) => blobsOf(dir, ids),
    grep: (commit: string, word: string) => grepIn(dir, commit, word),
  }
}

export type History = ReturnType<typeof historyOf>

type Git = (...args: readonly string[]) => Buffer

/** The newest commits with one parent and a message of three words or more that touch a file which was there before. */
function changesIn(git: Git, most: number): readonly Change[] {
  const format = '--format=%x01%H%x02%P%x02%B%x02'
  const log = git(
    'log',
    '--no-merges',
    '--no-renames',
    '--raw',
    '-z',
    '--abbrev=40',
    format,
    '-n',
    String(most * 3),
    'HEAD',
  )
  const changes = log.toString().split('\u0001').slice(1).flatMap(toChange)
  return changes.slice(0, most)
}

function toChange(text: string): readonly Change[] {
  const [commit = '', parents = '', body = '', raw = ''] = text.split('\u0002')
  const message = body.replaceAll(TRAILER, '').trim()
  const fields = raw.split('\0')
  const touched = fields.flatMap((field, i) => (/^\n*:\d{6} \d{6} .* [MDT]$/.test(field) ? [fields[i + 1] ?? ''] : []))
  if (parents.includes(' ') || parents === '' || touched.length === 0) return []
  if ((message.match(/[A-Za-z]{2,}/g) ?? []).length < 3) return []
  return [{ commit, parent: parents, message, touched }]
}

function entriesOf(listing: string): readonly Entry[] {
  return listing.split('\0').flatMap((line) => {
    const [, mode, blob, size, path] = /^(\d{6}) \w+ ([0-9a-f]{40})\s+(\S+)\t(.*)$/s.exec(line) ?? []
    return mode === undefined || blob === undefined || path === undefined
      ? []
      : [{ path, mode, blob, size: size === '-' ? 0 : Number(size) }]
  })
}

function blobsOf(dir: string, ids: readonly string[]): ReadonlyMap<string, Buffer> {
  const input = ids.map((id) => `${id}\n`).join('')
  const out = execFileSync('git', ['-C', dir, 'cat-file', '--batch'], { input, maxBuffer: 1 << 30 })
  const blobs = new Map<string, Buffer>()
  let at = 0
  for (const id of ids) {
    const start = out.indexOf(10, at) + 1
    const size = Number(out.toString('latin1', at, start - 1).split(' ')[2])
    blobs.set(id, out.subarray(start, start + size))
    at = start + size + 1
  }
  return blobs
}

/** `git grep -c`: how many lines of each file hold a word. */
function grepIn(dir: string, commit: string, word: string): ReadonlyMap<string, number> {
  const args = ['-C', dir, 'grep', '-I', '-i', '-F', '-c', '-z', '-e', word, commit]
  const { stdout } = spawnSync('git', args, { maxBuffer: 1 << 28 })
  const counts = new Map<string, number>()
  for (const [, path = '', lines = ''] of stdout.toString().matchAll(/[0-9a-f]{40}:([^\0]*)\0(\d+)\n/g))
    counts.set(path, Number(lines))
  return counts
}
