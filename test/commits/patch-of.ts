import type { History, RealCommit } from './history.ts'

/** In turn as git quotes names and as it does not, with and without copies. */
export function patchOf({ git }: History, { id, parent }: RealCommit, turn: number): Buffer {
  const names = ['-c', `core.quotePath=${turn % 2 === 0}`]
  const copies = turn % 3 === 0 ? ['-C'] : []
  const plain = ['--binary', '--full-index', '--no-ext-diff', '--no-textconv', '--no-color']
  return git([...names, 'diff', '-M', ...copies, ...plain, parent, id])
}
