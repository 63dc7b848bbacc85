import type { Repository } from './exchange.ts'
import { ZERO_OID } from './git.ts'
import type { World } from './world.ts'

const STATUS = new Map([
  ['A', 'added'],
  ['D', 'removed'],
  ['M', 'modified'],
  ['T', 'changed'],
  ['R', 'renamed'],
  ['C', 'copied'],
])

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

type Change = {
  readonly status: string
  readonly oid: string
  readonly path: string
  readonly previous: string | undefined
}

/** The files that differ between two commits, as pull requests, commits and compare show them. */
export async function diffFiles(world: World, repo: Repository, from: string | undefined, to: string) {
  const range = [from ?? EMPTY_TREE, to]
  const changes = parseRaw(await repo.git.text(['diff-tree', '-r', '-M', '-z', '--full-index', '--raw', ...range]))
  const counts = parseCounts(await repo.git.text(['diff-tree', '-r', '-M', '-z', '--numstat', ...range]))
  const patches = splitPatch(await repo.git.text(['diff-tree', '-r', '-M', '-p', '--full-index', ...range]))
  const html = `${world.url}/${repo.row.full_name}`
  return changes.map((change, index) => {
    const { additions, deletions } = counts[index] ?? { additions: 0, deletions: 0 }
    const path = change.path.split('/').map(encodeURIComponent).join('/')
    const patch = patches[index]
    return {
      sha: change.oid,
      filename: change.path,
      status: change.status,
      additions,
      deletions,
      changes: additions + deletions,
      blob_url: `${html}/blob/${to}/${path}`,
      raw_url: `${html}/raw/${to}/${path}`,
      contents_url: `${world.url}/repos/${repo.row.full_name}/contents/${path}?ref=${to}`,
      ...(patch === undefined ? {} : { patch }),
      ...(change.previous === undefined ? {} : { previous_filename: change.previous }),
    }
  })
}

function parseRaw(text: string): readonly Change[] {
  const parts = text.split('\0')
  const changes: Change[] = []
  for (let at = 0; at < parts.length; ) {
    const [before, after, letters] = rawFields(parts[at] ?? '')
    const status = STATUS.get(letters.charAt(0))
    if (status === undefined) break
    const moved = /^[RC]/.test(letters)
    const path = parts[at + (moved ? 2 : 1)] ?? ''
    const oid = after === ZERO_OID ? before : after
    changes.push({ status, oid, path, previous: moved ? parts[at + 1] : undefined })
    at += moved ? 3 : 2
  }
  return changes
}

const rawFields = (line: string): readonly [before: string, after: string, letters: string] => {
  const [, , before = '', after = '', letters = ''] = line.split(' ')
  return [before, after, letters]
}

function parseCounts(text: string): readonly { additions: number; deletions: number }[] {
  const parts = text.split('\0')
  const counts: { additions: number; deletions: number }[] = []
  for (let at = 0; at < parts.length; ) {
    const [added, removed, path] = (parts[at] ?? '').split('\t')
    if (added === undefined || removed === undefined) break
    counts.push({ additions: Number(added) || 0, deletions: Number(removed) || 0 })
    at += path === '' ? 3 : 1
  }
  return counts
}

/** One entry a file, in the order of the raw listing; a binary file or a pure move has none. */
function splitPatch(text: string): readonly (string | undefined)[] {
  return text
    .split(/^(?=diff --git )/m)
    .filter((part) => part.startsWith('diff --git '))
    .map((part) => /^@@ [\s\S]*$/m.exec(part)?.[0].replace(/\n$/, ''))
}
