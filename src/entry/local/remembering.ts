import type { LocalRepository } from '../../adapters/git/local-repository.ts'
import type { ObjectId } from '../../domain/hash.ts'

/** A commit never changes, so what was read of it once need not be read again: each reading starts a process. */
export function remembering(repository: LocalRepository): LocalRepository {
  return {
    ...repository,
    treeOf: once((commit) => repository.treeOf(commit)),
    entries: once((commit) => repository.entries(commit)),
    commit: once((commit) => repository.commit(commit)),
  }
}

function once<T>(read: (commit: ObjectId) => Promise<T>): (commit: ObjectId) => Promise<T> {
  const known = new Map<ObjectId, Promise<T>>()
  return (commit) => {
    const found = known.get(commit) ?? read(commit)
    known.set(commit, found)
    return found
  }
}
