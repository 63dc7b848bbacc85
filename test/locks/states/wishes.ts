/** What one run of the model wants, and what that covers: told by hand, so that the product's own keys are held against it. */
export type Wish = {
  readonly run: string
  readonly issue: number
  readonly paths: readonly string[]
  readonly covers: readonly string[]
}

/** Three runs of which each two want something in common, each two another thing: a task, a folder, another spelling. */
export const WISHES: readonly Wish[] = [
  { run: 'aaaaaaaaaa', issue: 1, paths: ['lib/b.txt'], covers: ['issue 1', 'file lib/b.txt'] },
  { run: 'bbbbbbbbbb', issue: 2, paths: ['c.txt', 'lib'], covers: ['issue 2', 'file c.txt', 'file lib/b.txt'] },
  { run: 'cccccccccc', issue: 1, paths: ['C.txt'], covers: ['issue 1', 'file c.txt'] },
]

/** A fourth that wants one thing of the second and one of its own. */
export const FOURTH: Wish = {
  run: 'dddddddddd',
  issue: 4,
  paths: ['lib/b.txt', 'z.txt'],
  covers: ['issue 4', 'file lib/b.txt', 'file z.txt'],
}
