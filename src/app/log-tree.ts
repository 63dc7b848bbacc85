import type { Sha256 } from '../domain/hash.ts'
import { EMPTY_ROOT, eventLeaf, nodeOf, type RootOver, splitOf, type TreeHead } from '../domain/merkle.ts'
import { wholeLog } from './audit-ledger.ts'
import { type Ledger, LedgerCorrupt } from './ledger.ts'

/** The log as it stands at one moment. What is read from it stays true while the log grows on. */
export type LogAt = { readonly head: TreeHead; readonly rootOver: RootOver }

/** The log as an RFC 6962 tree, kept in memory: each event is read and hashed once. */
export type LogTree = { readonly now: () => Promise<LogAt> }

/**
 * Every full subtree is kept, so that a proof costs a few look-ups however long the log is. A log that does not go on where
 * it ended before was rewritten under the running server: that is an error and never a new tree.
 */
export function logTree(ledger: Pick<Ledger, 'log'>): LogTree {
  const leaves: Sha256[] = []
  const levels: Sha256[][] = [leaves]
  const rootOver: RootOver = (from, to) => rootIn(levels, from, to)
  const add = (pos: number, leaf: Sha256): void => {
    if (leaves[pos - 1] === leaf) return
    if (pos !== leaves.length + 1) throw new LedgerCorrupt(`the log has another event at position ${pos} than before`)
    addLeaf(levels, leaf)
  }
  return {
    now: async () => {
      const before = leaves.length
      let last = 0
      for await (const { pos, event } of wholeLog(ledger, Math.max(1, before))) {
        add(pos, eventLeaf(event.hash))
        last = pos
      }
      if (last < before) throw new LedgerCorrupt(`the log reached position ${before} and ends earlier by now`)
      const size = leaves.length
      return { head: { size, root: rootOver(0, size) }, rootOver }
    },
  }
}

/** A level holds the roots of the full subtrees of its height, from left to right. */
function addLeaf(levels: Sha256[][], leaf: Sha256): void {
  let hash = leaf
  for (let height = 0; ; height += 1) {
    const level = levels[height] ?? []
    levels[height] = level
    const before = level.length % 2 === 1 ? level.at(-1) : undefined
    level.push(hash)
    if (before === undefined) return
    hash = nodeOf(before, hash)
  }
}

function rootIn(levels: readonly (readonly Sha256[])[], from: number, to: number): Sha256 {
  const span = to - from
  if (span === 0) return EMPTY_ROOT
  const height = Math.log2(span)
  const kept = Number.isInteger(height) && from % span === 0 ? levels[height]?.[from / span] : undefined
  if (kept !== undefined) return kept
  if (span < 2) throw new RangeError(`the log has no position ${to}`)
  const middle = from + splitOf(span)
  return nodeOf(rootIn(levels, from, middle), rootIn(levels, middle, to))
}
