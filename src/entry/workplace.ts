import { basename } from 'node:path'
import type { LocalRepository } from '../adapters/git/local-repository.ts'
import { discardScratch, scratchCopy, scratchFolder } from '../adapters/sandbox/scratch.ts'
import { snapshot } from '../adapters/sandbox/snapshot.ts'
import { readTreeFile } from '../adapters/sandbox/tree-file.ts'
import { writeTreeFile } from '../adapters/workplace/write-tree-file.ts'
import type { BaseCheckout, Workplace } from '../app/runner/ports.ts'
import type { ObjectId } from '../domain/hash.ts'

/** The disk of a job, on this machine. */
export const workplace: Workplace = {
  folder: scratchFolder,
  copy: scratchCopy,
  list: (root) => snapshot(root, (path) => basename(path).toLowerCase() === '.git'),
  read: readTreeFile,
  write: writeTreeFile,
  discard: discardScratch,
}

/** A commit as a job reads it: git gives the objects and never writes a working tree. */
export async function checkoutOf(repository: LocalRepository, commit: ObjectId): Promise<BaseCheckout> {
  return {
    tree: await repository.treeOf(commit),
    entries: await repository.entries(commit),
    read: (blobs) => repository.blobs(blobs),
    exportTo: (target) => repository.exportTree(commit, target),
  }
}
