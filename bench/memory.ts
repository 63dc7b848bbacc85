import { memoryOf } from '../test/app/planning/real-scene.ts'
import type { Benchmark } from './compare.ts'
import { generatedFiles, repositoryOf } from './generated.ts'

const FILES = 10_000

export const memory: Benchmark = {
  says: 'the MemoryPack of a repository, against git listing its files',
  async open() {
    const repository = await repositoryOf(generatedFiles(FILES))
    return {
      comparisons: [
        {
          about: `${FILES} files`,
          unit: 'packs',
          items: 1,
          contenders: [
            { name: 'git ls-tree', run: () => repository.git.run(['ls-tree', '-r', '-l', '-z', repository.head]) },
            { name: 'MemoryPack', run: () => memoryOf(repository) },
          ],
        },
      ],
      close: async () => repository.remove(),
    }
  },
}
