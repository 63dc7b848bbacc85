import type { Repository } from './exchange.ts'
import { GitFailure } from './git.ts'

/** The tree of a clean merge, or undefined when there are conflicts. */
export async function mergeTree(repo: Repository, base: string, head: string): Promise<string | undefined> {
  try {
    return (await repo.git.text(['merge-tree', '--write-tree', base, head])).split('\n')[0]
  } catch (error) {
    if (error instanceof GitFailure) return undefined
    throw error
  }
}
