import { aStory, type Story } from '../test/support/story/a-story.ts'
import type { Benchmark, Contender } from './compare.ts'

/** One path for each plan, since a delivered run keeps its locks until people merge. */
const PLANS = 12
const TEST = "const test = require('node:test')\ntest('words', () => undefined)\n"

function files(): Readonly<Record<string, string>> {
  const changed = Array.from({ length: PLANS }, (_, n) => [
    [`src/light-${n}.js`, "exports.word = 'old'\n"],
    // The shipped policy keeps configuration out of the light lane.
    [`src/standard-${n}.config.json`, '{ "word": "old" }\n'],
  ]).flat()
  return {
    ...Object.fromEntries(changed),
    'package.json': '{"name":"demo","version":"1.0.0","scripts":{"test":"node --test"}}\n',
    'test/words.test.js': TEST,
  }
}

/** From a person's approval on GitHub to the delivery commit on the branch: the same change of one line, in both lanes. */
export const lanes: Benchmark = {
  says: 'an approval until the delivery commit, on the real server with the local GitHub and the real Action, in both lanes',
  async open() {
    const story = await aStory({ light: true, files: files() })
    return {
      comparisons: [
        {
          about: 'one line, one check',
          unit: 'plans',
          items: 1,
          contenders: [
            contender(story, 'standard', (n) => `src/standard-${n}.config.json`),
            contender(story, 'light', (n) => `src/light-${n}.js`),
          ],
        },
      ],
      close: () => story.close(),
    }
  },
}

/** The plan is proposed before the clock starts, and the run comes to rest before the next one begins. */
function contender(story: Story, lane: string, pathOf: (n: number) => string): Contender {
  let next = 0
  let run = ''
  let number = 0
  return {
    name: `${lane} lane`,
    async ready() {
      if (run !== '') await story.settled(run)
      const asked = `/agentos plan --recipe replace-text find=old replace=new paths=${pathOf(next)}`
      next += 1
      run = (await story.begins(asked, { title: `${lane} ${next}` })).run
      const view = await story.until(run, 'proposed')
      if (String(view['plan']?.['document']?.['lane']) !== lane) throw new Error(`the plan is not in the ${lane} lane`)
      number = Number(view['pullRequest']?.['number'])
    },
    async run() {
      await story.lee.reviews(number, 'APPROVE')
      await story.eventually('the delivery', async () => {
        const view = await story.view(run)
        return String(view['phase']) === 'delivered' ? true : undefined
      })
    },
  }
}
