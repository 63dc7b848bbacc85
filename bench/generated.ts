import { localRepository } from '../src/adapters/git/local-repository.ts'
import { commitTrees, realGit, type TestTree } from '../test/domain/patch/real-git.ts'

/** Numbers that look random and are the same in every run. */
export function dice(seed: number): (sides: number) => number {
  let state = seed >>> 0
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

/** A JavaScript project of so many files, the same in every run. */
export function generatedFiles(count: number): ReadonlyMap<string, string> {
  const roll = dice(count)
  const files = new Map([
    ['package.json', JSON.stringify({ name: 'generated', scripts: { test: 'node --test', lint: 'eslint .' } })],
    ['package-lock.json', '{}\n'],
    ['README.md', '# Generated\n'],
    ['CONTRIBUTING.md', 'Run the tests.\n'],
    ['.github/CODEOWNERS', '* @acme/all\n'],
    ['.agentos/memory/style.md', 'Two spaces.\n'],
  ])
  for (let i = files.size; i < count; i += 1) {
    const lines = Array.from({ length: 10 + roll(40) }, (_, line) => `export const value${line} = ${roll(1000)}`)
    files.set(`src/part${i % 97}/module${i}.js`, `${lines.join('\n')}\n`)
  }
  return files
}

/** A bare repository with one commit of these files. */
export async function repositoryOf(files: ReadonlyMap<string, string>) {
  const git = realGit()
  const tree: TestTree = new Map(
    [...files].map(([path, text]) => [path, { mode: '100644', bytes: new TextEncoder().encode(text) }]),
  )
  const [head] = commitTrees(git, [tree])
  if (head === undefined) throw new Error('nothing was committed')
  return { git, head, dir: git.dir, reader: await localRepository(git.dir), remove: git.remove }
}
