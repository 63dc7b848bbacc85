import { aStory, REPO } from '../test/support/story/a-story.ts'
import type { Benchmark } from './compare.ts'

const SEEN = /\/issues\/comments\/\d+\/reactions$/

/** From a person's comment on GitHub, through the webhook, the ledger and the queue, to the reaction that GitHub receives. */
export const eyes: Benchmark = {
  says: 'a comment until 👀 stands on it, on the real server with the embedded ledger, beside the bare comment',
  async open() {
    const story = await aStory()
    const issue = await story.ana.opens('A change', 'Please change it.')
    const says = (body: string) => story.ana.does('POST', `${REPO}/issues/${issue}/comments`, { body })
    const seen = () => story.stage.github.requests.filter(({ path }) => SEEN.test(path)).length
    return {
      comparisons: [
        {
          about: 'a command',
          unit: 'comments',
          items: 1,
          contenders: [
            { name: 'comment', run: () => says('nothing to do') },
            {
              name: 'comment with eyes',
              async run() {
                const before = seen()
                await says('/agentos help')
                await story.eventually('eyes', async () => (seen() > before ? true : undefined))
              },
            },
          ],
        },
      ],
      close: () => story.close(),
    }
  },
}
