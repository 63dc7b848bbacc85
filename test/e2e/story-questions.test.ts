import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { git, type Json } from '../demo/a-local-github.ts'
import { aStory, type Begun, type Story } from '../support/story/a-story.ts'
import { breaches } from '../support/story/breaches.ts'

let story: Story
let base = ''
beforeAll(async () => {
  story = await aStory()
  base = await git(story.source, 'rev-parse', 'HEAD')
}, 300_000)
afterAll(() => story.close())

const pullOf = (view: Json) => Number(view['pullRequest']?.['number'])
const answersIn = (view: Json) =>
  [...(view['timeline'] ?? [])].filter((event) => String(event['type']) === 'AnswersTaken')

/** Answers what is still open and waits for the plan. */
async function plansAfter(begun: Begun, number: number, reply: string): Promise<Json> {
  await story.ana.says(number, reply)
  return story.until(begun.run, 'proposed')
}

describe('a recipe that was not told everything', { timeout: 300_000 }, () => {
  let begun: Begun
  let number = 0

  it('asks on a draft pull request and guesses nothing', async () => {
    begun = await story.begins('/agentos plan --recipe replace-text paths=README.md')
    const view = await story.until(begun.run, 'blocked')
    number = pullOf(view)
    const pull = await story.pull(number)
    expect(pull).toMatchObject({ draft: true, state: 'open' })
    const [questions] = (await story.comments(number)).filter((text) => text.includes('**Blocked: 2 questions**'))
    expect(questions).toContain('q1: …')
    expect(questions).toContain('q2: …')
    const checks = await story.checks(String(pull['head']?.['sha']))
    expect(checks).toMatchObject([{ name: 'agentos/plan', status: 'completed', conclusion: 'action_required' }])
    expect(await story.labels(number)).toEqual(['agentos:blocked'])
    expect(story.stage.runner.jobs).toEqual([])
    const begin = await story.commit(String(pull['head']?.['sha']))
    expect(begin['tree']?.['sha']).toBe(await git(story.source, 'rev-parse', 'HEAD^{tree}'))
    expect(String(begin['message']).trimEnd().endsWith('\nskip-checks: true')).toBe(true)
  })

  it.each([
    ['an unknown question', '/agentos answer\nq7: new', 'there is no question q7'],
    ['a reply without a line', '/agentos answer\nnew words please', 'every line is an answer'],
    ['one question answered twice in one reply', '/agentos answer\nq1: a\nq1: b', 'q1 is answered twice'],
    ['a default where there is none', '/agentos answer\nq1: default', 'q1: this question has no default'],
  ])('does not take %s, and says so', async (_what, reply, said) => {
    await story.ana.says(number, reply)
    await story.hears(number, said)
    const view = await story.settled(begun.run)
    expect(String(view['phase'])).toBe('blocked')
    expect(answersIn(view)).toEqual([])
  })

  it('does not take the answer of somebody who may only read', async () => {
    await story.rea.says(number, '/agentos answer\nq1: old\nq2: new')
    await story.hears(number, 'needs write')
    const view = await story.settled(begun.run)
    expect(String(view['phase'])).toBe('blocked')
    expect(answersIn(view)).toEqual([])
  })

  it('keeps open what a reply leaves out, and what it took stays answered', async () => {
    await story.lee.says(number, '/agentos answer\nq1: old')
    await story.hears(number, 'Still open: q2')
    await story.lee.says(number, '/agentos answer\nq1: other')
    await story.hears(number, 'q1 is answered already')
    const view = await story.settled(begun.run)
    expect(String(view['phase'])).toBe('blocked')
    expect(answersIn(view)).toHaveLength(1)
  })

  it('plans from the answers as soon as nothing is open', async () => {
    const view = await plansAfter(begun, number, '/agentos answer\nq2: fresh')
    expect(view['plan']?.['document']?.['answers']).toHaveLength(2)
    expect(String(view['diff']?.['text'])).toContain('+This says fresh words.')
    expect(await story.labels(number)).toEqual(['agentos:review'])
    expect(await story.comments(number)).toHaveLength(
      new Set((await story.comments(number)).map((text) => text.split('<!--').at(-1))).size,
    )
  })

  it('does not take an answer when no question is open any more', async () => {
    await story.ana.says(number, '/agentos answer\nq2: stale')
    await story.hears(number, 'no question is open')
    const view = await story.settled(begun.run)
    expect(String(view['phase'])).toBe('proposed')
    expect(String(view['diff']?.['text'])).not.toContain('stale')
  })

  it('makes another plan of another answer', async () => {
    const first = await story.view(begun.run)
    const again = await story.begins('/agentos plan --recipe replace-text paths=README.md find=old')
    const blocked = await story.until(again.run, 'blocked')
    const view = await plansAfter(again, pullOf(blocked), '/agentos answer\nq1: shiny')
    expect(String(view['diff']?.['text'])).toContain('+This says shiny words.')
    expect(view['plan']?.['hash']).not.toBe(first['plan']?.['hash'])
    expect(view['plan']?.['document']?.['predictedTree']).not.toBe(first['plan']?.['document']?.['predictedTree'])
  })
})

describe('plain words where no model is set up', { timeout: 300_000 }, () => {
  it('become a choice of recipes, then that recipe’s questions, then a plan', async () => {
    const begun = await story.begins('/agentos plan Please say newer words')
    const first = await story.until(begun.run, 'blocked')
    const number = pullOf(first)
    const asked = (await story.comments(number)).join('\n')
    for (const name of ['replace-text', 'add-file', 'replace-call', 'run-command']) expect(asked).toContain(name)
    await story.ana.says(number, '/agentos answer\nq1: make-it-so')
    await story.hears(number, 'answer with one of')
    await story.ana.says(number, '/agentos answer\nq1: add-file')
    await story.hears(number, 'Where is the new file')
    await story.settled(begun.run)
    await story.ana.says(number, '/agentos answer\nq1: ../outside.txt\nq2: hello')
    await story.hears(number, 'answer with a path inside the repository')
    const view = await plansAfter(begun, number, '/agentos answer\nq1: docs/new.txt\nq2: hello')
    expect(view['plan']?.['document']?.['edits']?.map((edit) => String(edit['path']))).toEqual(['docs/new.txt'])
    expect(await breaches(story, base)).toEqual([])
  })
})
