import type { MemoryPack } from '../../domain/packs/memory-pack.ts'
import type { Sketch } from './sketch.ts'

const NO_TESTS = 'the repository declares no test command'

/** The repository's own tests as the check of a draft, with the file that declares them; or the reason why there is none. */
export function repositoryTests(memory: MemoryPack): Pick<Sketch, 'verify' | 'noVerify' | 'evidence'> {
  if (memory.testCommand === null) return { verify: [], noVerify: NO_TESTS, evidence: [] }
  const source = memory.items.find((item) => item.name === 'test command')?.source
  const evidence = source?.is === 'file' ? [`${source.path}@${source.blob}`] : []
  return { verify: [{ argv: memory.testCommand, criteria: [] }], noVerify: null, evidence }
}
