import { comparePaths } from '../patch/edit.ts'
import type { Listed } from './choose-files.ts'
import { isTest, kindOf } from './file-kind.ts'
import { isProgramming, languageOf } from './languages.ts'

/** What the repository is written in, most bytes first; copies of others' code and lock files do not count. */
export function languagesIn(
  entries: readonly Listed[],
): { readonly name: string; readonly files: number; readonly bytes: number }[] {
  const own = entries.filter(({ path }) => !['made', 'lock'].includes(kindOf(path)))
  const groups = Map.groupBy(own, ({ path }) => languageOf(path))
  return [...groups]
    .flatMap(([name, files]) =>
      name === null
        ? []
        : [
            {
              name,
              files: files.length,
              bytes: files.reduce((sum, { size }) => Math.min(sum + size, Number.MAX_SAFE_INTEGER), 0),
            },
          ],
    )
    .sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1))
    .slice(0, 60)
}

const MOST_FOLDERS = 20

/** How many test files there are, and the folders that hold them, most first: where a new test belongs. */
export function testLayoutOf(entries: readonly Listed[]): { readonly files: number; readonly folders: string[] } {
  const tests = entries.filter(({ path }) => isTest(path) && isProgramming(languageOf(path)))
  const folders = Map.groupBy(tests, ({ path }) => path.slice(0, Math.max(0, path.lastIndexOf('/'))) || '.')
  const most = [...folders].sort(([a, x], [b, y]) => y.length - x.length || comparePaths(a, b))
  return { files: tests.length, folders: most.slice(0, MOST_FOLDERS).map(([folder]) => folder) }
}
