import { basisIn, draftOn } from '../test/app/planning/real-scene.ts'
import type { Benchmark } from './compare.ts'
import { generatedFiles, repositoryOf } from './generated.ts'

const FILES = 1000
const FIND = 'value9 = 9'

export const planning: Benchmark = {
  says: 'memory and draft of the recipe replace-text, no model, against git finding the same text',
  async open() {
    const repository = await repositoryOf(generatedFiles(FILES))
    const params = { find: FIND, replace: 'value9 = 8', paths: 'src/**' }
    const request = { planner: { is: 'recipe', name: 'replace-text' }, params } as const
    const basis = await basisIn(repository, request)
    return {
      comparisons: [
        {
          about: `${FILES} files`,
          unit: 'drafts',
          items: 1,
          contenders: [
            { name: 'git grep', run: () => repository.git.run(['grep', '-lF', FIND, repository.head, '--', 'src']) },
            { name: 'control plane and MemoryPack', run: () => basisIn(repository, request) },
            {
              name: 'draft on them',
              async run() {
                const drafted = await draftOn(repository, basis)
                if (drafted.is !== 'draft') throw new Error(`not a draft: ${drafted.is}`)
              },
            },
          ],
        },
      ],
      close: async () => repository.remove(),
    }
  },
}
