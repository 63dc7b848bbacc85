import type { TreeEntry } from '../../../src/app/ports.ts'
import type { WholeClone } from '../../../src/app/verify-repository.ts'
import { EVIDENCE_REF } from '../../../src/domain/evidence.ts'
import { applyEdits, blobId } from '../../../src/domain/git-objects.ts'
import { sha1Hex } from '../../../src/domain/hash.ts'
import type { Edit, Entry } from '../../../src/domain/patch/edit.ts'

/** A commit as a test makes it: its id is given, since the stories' commits are named after what they hold. */
export type Made = {
  readonly id: string
  readonly parents?: readonly string[]
  readonly message?: string
  readonly entries: readonly Entry[]
}

/** A clone in memory, complete but for the file system: commits, files and refs. */
export function aClone() {
  const commits = new Map<string, Required<Made>>()
  const blobs = new Map<string, Uint8Array>()
  const refs = new Map<string, string>()
  let whole = true
  const reachable = (tips: readonly string[]): Set<string> => {
    const seen = new Set<string>()
    const open = [...tips]
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (seen.has(id)) continue
      seen.add(id)
      open.push(...(commits.get(id)?.parents ?? []))
    }
    return seen
  }
  const everything = () => reachable([...refs].flatMap(([name, id]) => (name === EVIDENCE_REF ? [] : [id])))
  const commitAt = (id: string) => {
    const found = commits.get(id)
    if (found === undefined) throw new Error(`there is no commit ${id}`)
    return found
  }
  const reader: WholeClone = {
    resolve: async (rev) => refs.get(rev) ?? (commits.has(rev) ? rev : undefined),
    commit: async (id) => {
      const { parents, message, entries } = commitAt(id)
      return { tree: treeOf(entries), parents, message: Buffer.from(message) }
    },
    entries: async (id) => commitAt(id).entries.map((entry): TreeEntry => ({ ...entry, size: 1 })),
    blobs: async (ids) => new Map(ids.flatMap((id) => [blobs.get(id)].flatMap((one) => (one ? [[id, one]] : [])))),
    isWhole: async () => whole,
    history: async (tips) => (tips === 'all' ? everything() : reachable(tips)),
    namingRuns: async () => [...everything()].filter((id) => /^agentos-run[ \t]*:/im.test(commitAt(id).message)),
  }
  return {
    reader,
    refs,
    add: ({ parents = [], message = 'A commit\n', ...made }: Made) =>
      void commits.set(made.id, { parents, message, ...made }),
    /** Puts files on top of a ref, as one commit, and takes one away. */
    push: (ref: string, files: Readonly<Record<string, Uint8Array>>, { without = '' } = {}): string => {
      const before = refs.get(ref)
      for (const bytes of Object.values(files)) blobs.set(blobId(bytes), bytes)
      const kept = (before === undefined ? [] : commitAt(before).entries).filter(
        ({ path }) => files[path] === undefined && path !== without,
      )
      const added = Object.entries(files).map(([path, bytes]) => ({
        path,
        mode: '100644' as const,
        blob: blobId(bytes),
      }))
      const id = sha1Hex(`push ${commits.size}`)
      const entries = [...kept, ...added]
      commits.set(id, { id, parents: before === undefined ? [] : [before], message: 'Keep\n', entries })
      refs.set(ref, id)
      return id
    },
    makeShallow: () => {
      whole = false
    },
  }
}

export function entriesAfter(base: readonly Entry[], edits: readonly Edit[]): readonly Entry[] {
  const applied = applyEdits(base, edits)
  if (!applied.ok) throw new Error(applied.refusal.because)
  return applied.value.entries
}

function treeOf(entries: readonly Entry[]): string {
  const applied = applyEdits(entries, [])
  return applied.ok ? applied.value.treeId : ''
}
