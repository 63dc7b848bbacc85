import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Analysis, analyseFile } from '../src/domain/memory/analyse-file.ts'
import { chooseExcerpts } from '../src/domain/memory/choose-excerpts.ts'
import { filesToRead } from '../src/domain/memory/choose-files.ts'
import { rankFiles } from '../src/domain/memory/rank-files.ts'
import { type Change, type Entry, type History, historyOf } from './recall/history.ts'
import { bm25, grepRanking, type Scored } from './recall/yardsticks.ts'

const BUDGETS = [8000, 24_000] as const
const PLACES = [5, 10, 20] as const
const RESULTS = join(import.meta.dirname, 'results', 'recall.json')

const kept = new Map<string, string>()

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    commits: { type: 'string', default: '200' },
    out: { type: 'string', default: RESULTS },
    tuned: { type: 'string', default: '' },
  },
})

/** Recall of one method: the mean, over commits, of the share of touched files that it finds, in thousandths. */
type Recall = { readonly method: string; readonly at: Readonly<Record<string, number>> }

if (positionals.length === 0) {
  console.error('usage: node bench/recall.ts [--commits N] [--out FILE] [--tuned NAME,…] NAME=GITDIR…')
  process.exitCode = 2
} else {
  const repositories = positionals.map((one) => measure(one, Number(values.commits)))
  const all = {
    v: 1,
    says: SAYS(),
    budgets: BUDGETS,
    places: PLACES,
    repositories,
    mean: meanOf(repositories.map(({ recall }) => recall)),
    heldOut: meanOf(repositories.filter(({ tunedOn }) => !tunedOn).map(({ recall }) => recall)),
  }
  await mkdir(join(import.meta.dirname, 'results'), { recursive: true })
  await writeFile(values.out, `${JSON.stringify(all, null, 2)}\n`)
  for (const { method, at } of all.heldOut) console.log('held out', method.padEnd(12), JSON.stringify(at))
  for (const { method, at } of all.mean) console.log('mean', method.padEnd(12), JSON.stringify(at))
}

function SAYS(): string {
  return 'share, in thousandths, of the files a commit touched that are found from its message in the tree of its parent'
}

function measure(given: string, most: number) {
  const [name = '', dir = ''] = given.split('=')
  const history = historyOf(dir)
  const changes = history.changes(most)
  const methods = [memoryPack(history), grep(history), plainBm25(history)]
  const sums = methods.map(() => new Map<string, number>())
  let filesRead = 0
  for (const change of changes) {
    const entries = history.entries(change.parent)
    filesRead += filesToRead(entries, change.message).length
    for (const [i, method] of methods.entries()) {
      const ranked = method.rank(entries, change)
      for (const [key, found] of foundBy(history, entries, change, ranked)) {
        const sum = sums[i]
        sum?.set(key, (sum.get(key) ?? 0) + found)
      }
    }
  }
  const recall: Recall[] = methods.map(({ method }, i) => ({
    method,
    at: Object.fromEntries([...(sums[i] ?? [])].map(([key, sum]) => [key, Math.round((1000 * sum) / changes.length)])),
  }))
  for (const { method, at } of recall) console.log(name.padEnd(16), method.padEnd(12), JSON.stringify(at))
  return {
    name,
    /** Whether the weights of the ranking were chosen while looking at this repository. */
    tunedOn: values.tuned.split(',').includes(name),
    head: history.head,
    history: history.count,
    commits: changes.length,
    newest: changes[0]?.commit ?? null,
    oldest: changes.at(-1)?.commit ?? null,
    files: history.entries(history.head).length,
    filesReadOnAverage: Math.round(filesRead / Math.max(1, changes.length)),
    recall,
  }
}

type Method = { readonly method: string; readonly rank: (entries: readonly Entry[], change: Change) => Scored }

/** As a run does it: contents are read of a bounded number of files only. */
function memoryPack(history: History): Method {
  const known = new Map<string, Analysis>()
  return {
    method: 'MemoryPack',
    rank(entries, { message }) {
      const chosen = filesToRead(entries, message)
      const absent = chosen.filter(({ path, blob }) => !known.has(`${path}@${blob}`))
      const texts = textsOf(history, absent)
      for (const { path, blob } of absent) known.set(`${path}@${blob}`, analyseFile(path, texts(blob)))
      const read = new Map(chosen.map(({ path, blob }) => [path, known.get(`${path}@${blob}`)]))
      return rankFiles({ text: message, paths: entries.map(({ path }) => path), analysis: (path) => read.get(path) })
    },
  }
}

function grep(history: History): Method {
  return { method: 'git grep', rank: (_, change) => grepRanking(history, change) }
}

function plainBm25(history: History): Method {
  return { method: 'BM25', rank: bm25(history) }
}

function textsOf(history: History, entries: readonly Entry[]): (blob: string) => string {
  const absent = [...new Set(entries.map(({ blob }) => blob))].filter((blob) => !kept.has(blob))
  if (absent.length > 0) for (const [id, bytes] of history.blobs(absent)) kept.set(id, bytes.toString())
  return (blob) => kept.get(blob) ?? ''
}

/** Every method fills the same budget by the same rule, so that only the order of the files differs. */
function foundBy(
  history: History,
  entries: readonly Entry[],
  change: Change,
  ranked: Scored,
): readonly [string, number][] {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]))
  const share = (paths: ReadonlySet<string>) =>
    change.touched.filter((path) => paths.has(path)).length / change.touched.length
  const near = ranked.slice(0, 80)
  const texts = textsOf(
    history,
    near.flatMap(({ path }) => {
      const e = byPath.get(path)
      return e === undefined || e.size > 1_000_000 ? [] : [e]
    }),
  )
  const read = (path: string) => texts(byPath.get(path)?.blob ?? '')
  return [
    ...PLACES.map((k): [string, number] => [`${k} files`, share(new Set(ranked.slice(0, k).map(({ path }) => path)))]),
    ...BUDGETS.map((budget): [string, number] => {
      const chosen = chooseExcerpts({ text: change.message, ranked: near, read, budget })
      return [`${budget} tokens`, share(new Set(chosen.map(({ path }) => path)))]
    }),
  ]
}

function meanOf(all: readonly (readonly Recall[])[]): readonly Recall[] {
  return (all[0] ?? []).map(({ method, at }, i) => ({
    method,
    at: Object.fromEntries(
      Object.keys(at).map((key) => [
        key,
        Math.round(all.reduce((sum, one) => sum + (one[i]?.at[key] ?? 0), 0) / all.length),
      ]),
    ),
  }))
}
