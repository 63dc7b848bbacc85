import type { MemoryPack } from '../packs/memory-pack.ts'
import { blocked, defineGate, passed } from './gate.ts'

export const memoryPackGate = defineGate<{
  readonly pinned: string | null
  /** The name that what is in the pack comes to. */
  readonly found: string | null
  readonly pack: MemoryPack | null
  readonly base: { readonly sha: string; readonly tree: string | null }
}>({
  name: 'memory-pack',
  redLine: 1,
  title: 'Nothing is planned or executed without a MemoryPack of the base commit',
  judge({ pinned, found, pack, base }) {
    if (pinned === null || pack === null) return blocked('there is no MemoryPack')
    if (found !== pinned) return blocked('the MemoryPack is not the one that was pinned')
    if (pack.base.sha !== base.sha) return blocked(`the MemoryPack is of ${pack.base.sha}, the base is ${base.sha}`)
    if (base.tree !== null && pack.base.tree !== base.tree) return blocked('the MemoryPack is of another tree')
    if (pack.items.length === 0 && pack.emptyBecause === null)
      return blocked('the MemoryPack is empty and does not say why')
    return passed(`${pack.items.length} items pinned to ${base.sha.slice(0, 10)}`)
  },
})
