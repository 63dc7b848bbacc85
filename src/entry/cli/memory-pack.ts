import { hashOf } from '../../domain/hash.ts'
import { filesForMemory, toMemoryPack } from '../../domain/packs/memory.ts'
import { type CliCommand, done, needed, noWords, stopped, text } from './command.ts'

export const memoryPack: CliCommand = {
  usage: 'agentos memory pack --repo DIR',
  summary: 'Show what is known about a clone at its HEAD, each item with its source.',
  exits: [0, 2, 3],
  options: { repo: text },
  async run(given) {
    noWords(given)
    const { openGoverned } = await import('../local/open-local.ts')
    const clone = await openGoverned(needed(given, 'repo'))
    if (!clone.ok) return stopped(clone.refusal)
    const { repository, base } = clone.value
    const [tree, entries] = await Promise.all([repository.treeOf(base), repository.entries(base)])
    const blobs = await repository.blobs([...new Set(filesForMemory(entries).map((entry) => entry.blob))])
    const pack = toMemoryPack({ sha: base, tree, entries, read: (blob) => blobs.get(blob) }, [])
    const shown = { hash: hashOf(pack), pack }
    return done(shown, JSON.stringify(shown, null, 2))
  },
}
