import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { git } from '../demo/a-local-github.ts'
import { aStory, type Story } from '../support/story/a-story.ts'
import { breaches } from '../support/story/breaches.ts'

let story: Story
let base = ''
beforeAll(async () => {
  story = await aStory({ privatePlan: 'free' })
  base = await git(story.source, 'rev-parse', 'HEAD')
}, 300_000)
afterAll(() => story.close())

const UNCLEAR = '/agentos plan --recipe replace-text'
const CLEAR = '--recipe replace-text find=old replace=new paths=README.md'
const cardOf = async (issue: number) =>
  (await story.comments(issue)).find((text) => text.includes('<!-- agentos:card')) ?? ''

describe('the three modes, asked for in a comment', { timeout: 300_000 }, () => {
  it('full_auto refuses what is unclear, and says the command that would let it go on', async () => {
    const { issue, run } = await story.begins(`${UNCLEAR} --mode full_auto`)
    const view = await story.until(run, 'refused')
    expect(view['end']).toMatchObject({ rule: 'question-budget' })
    expect(await cardOf(issue)).toContain('/agentos plan --mode semi_auto')
    expect(await cardOf(issue)).toContain('full_auto asks nothing')
    expect(view['pullRequest']).toBeNull()
    expect(story.stage.runner.jobs).toEqual([])
  })

  it('semi_auto, the default, asks what blocks it', async () => {
    const { run } = await story.begins(UNCLEAR)
    const view = await story.until(run, 'blocked')
    expect(view['mode']).toBe('semi_auto')
  })

  it('interactive asks too', async () => {
    const { run } = await story.begins(`${UNCLEAR} --mode interactive`)
    const view = await story.until(run, 'blocked')
    expect(view['mode']).toBe('interactive')
  })

  it('does not know a fourth mode', async () => {
    const issue = await story.ana.opens('Another')
    await story.ana.says(issue, `/agentos plan --mode reckless ${CLEAR}`)
    await story.hears(issue, '--mode is one of interactive, semi_auto, full_auto')
  })

  it('full_auto plans what is clear and tested, and a person approves it all the same', async () => {
    const { run } = await story.begins(`/agentos plan --mode full_auto ${CLEAR}`)
    const proposed = await story.until(run, 'proposed')
    const number = Number(proposed['pullRequest']?.['number'])
    const commit = String(proposed['proposed']?.['commit'])
    await story.ana.reviews(number, 'APPROVE')
    await story.hears(number, 'the requester cannot approve their own request')
    const still = await story.settled(run)
    expect(still['phase']).toBe('proposed')
    expect(await story.head(String(still['pullRequest']?.['branch']))).toBe(commit)
    await story.lee.reviews(number, 'APPROVE')
    const view = await story.until(run, 'delivered')
    expect(view['approvals']).toMatchObject([{ commit, userId: String(story.stage.github.userId('lee')) }])
    expect(await breaches(story, base)).toEqual([])
  })
})

describe('a private repository on the free plan, which has no drafts', { timeout: 300_000 }, () => {
  it('gets an ordinary pull request that says it is not ready, until it is', async () => {
    const { run } = await story.begins('/agentos plan --recipe add-file path=docs/hullo.txt content=hullo', {
      title: 'Say hullo',
    })
    const proposed = await story.until(run, 'proposed')
    const number = Number(proposed['pullRequest']?.['number'])
    expect(await story.pull(number)).toMatchObject({ draft: false, title: '[not ready] Say hullo', state: 'open' })
    await story.lee.reviews(number, 'APPROVE')
    await story.until(run, 'delivered')
    expect(await story.pull(number)).toMatchObject({ draft: false, title: 'Say hullo', state: 'open' })
  })
})

describe('a repository without tests', { timeout: 300_000 }, () => {
  it('is refused to full_auto, and planned in semi_auto with the reason that nothing verifies it', async () => {
    const main = await story.lee.commits('main', 'package.json', '{"name":"demo","version":"1.0.0"}\n')
    const command = '--recipe add-file path=docs/more.txt content=more'
    const refused = await story.begins(`/agentos plan --mode full_auto ${command}`)
    const view = await story.until(refused.run, 'refused')
    expect(view['end']).toMatchObject({ rule: 'mode' })
    expect(await cardOf(refused.issue)).toContain('full_auto needs a verify step')
    expect(view['pullRequest']).toBeNull()
    const planned = await story.begins(`/agentos plan ${command}`)
    const proposed = await story.until(planned.run, 'proposed')
    const said = await story.comments(Number(proposed['pullRequest']?.['number']))
    expect(said.join('\n')).toContain('**No step verifies this change:**')
    expect(await breaches(story, main)).toEqual([])
  })
})
