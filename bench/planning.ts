import { draftIn } from '../test/app/planning/real-scene.ts'
import type { Benchmark } from './compare.ts'
import { generatedFiles, repositoryOf } from './generated.ts'

const FILES = 1000
const FIND = 'value9 = 9'

export const planning: Benchmark = {
  says: 'memory and draft of the recipe replace-text, no model, against git finding the same text',
  async open() {
    const repository = await repositoryOf(generatedFiles(FILES))
    const params = { find: FIND, replace: 'value9 = 8', paths: 'src/**' }
    return {
      comparisons: [
        {
          about: `${FILES} files`,
          unit: 'drafts',
          items: 1,
          contenders: [
            { name: 'git grep', run: () => repository.git.run(['grep', '-lF', FIND, repository.head, '--', 'src']) },
            {
              name: 'recipe draft',
              async run() {
                const drafted = await draftIn(repository, { planner: { is: 'recipe', name: 'replace-text' }, params })
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
