import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { git } from '../demo/a-local-github.ts'
import {
  emptyReply,
  messagesIn,
  responsesAnswer,
  type Scripted,
  type ScriptedModel,
  type SeenRequest,
  scriptedModel,
} from '../support/scripted-model.ts'
import { aStory, type Story } from '../support/story/a-story.ts'
import { breaches } from '../support/story/breaches.ts'

const said = (parts: Readonly<Record<string, unknown>>) => responsesAnswer(JSON.stringify({ ...emptyReply, ...parts }))
const question = {
  type: 'clarification',
  topic: 'word',
  text: 'Which word reads best?',
  impact: 'It is what people read.',
  answer: 'text',
  choices: [],
  default: 'fresh',
  evidence: ['src/words.js'],
}

const to = (word: string, criteria: readonly string[] = []) =>
  said({
    edits: [{ is: 'replace', path: 'src/words.js', search: "'old'", replace: `'${word}'` }],
    verify: [{ command: 'npm test', criteria }],
  })

/** A model that would rather ask about the word, unless it was answered, told to settle it, or told which one. */
function plans(request: SeenRequest): Scripted {
  const messages = messagesIn(request)
  const { request: wanted } = JSON.parse(messages[0]?.content ?? '')
  if (String(wanted.goal).includes('clear')) return to('clear', String(wanted.goal).includes('tied') ? ['c1'] : [])
  const answer: unknown = wanted.answers[0]?.answer
  if (typeof answer === 'string') return to(answer)
  return messages.length === 1 ? said({ questions: [question] }) : to('fresh')
}

let model: ScriptedModel
let story: Story
let base = ''
beforeAll(async () => {
  model = await scriptedModel(plans)
  story = await aStory({ env: { OPENAI_BASE_URL: model.baseURL, AGENTOS_MODEL: 'scripted' } })
  base = await git(story.source, 'rev-parse', 'HEAD')
}, 300_000)
afterAll(async () => {
  await story.close()
  await model.close()
})

const criterion = { title: 'Say it', body: '- [ ] nobody waits longer than a second' }

describe('the three modes with a model, asked for in a comment', { timeout: 300_000 }, () => {
  it('full_auto refuses what the model would ask, says about what, and the command that would let it go on', async () => {
    const { issue, run } = await story.begins('/agentos plan --mode full_auto Say another word')
    const view = await story.until(run, 'refused')
    expect(view['end']).toMatchObject({ rule: 'question-budget' })
    const card = await story.hears(issue, 'this is unclear: word')
    expect(card).toContain('/agentos plan --mode semi_auto Say another word')
    expect(view['pullRequest']).toBeNull()
    expect(story.stage.runner.jobs).toEqual([])
  })

  it('full_auto refuses a criterion that the model ties to no check', async () => {
    const { issue, run } = await story.begins('/agentos plan --mode full_auto Say a clear word', criterion)
    const view = await story.until(run, 'refused')
    expect(view['end']).toMatchObject({ rule: 'mode' })
    const card = await story.hears(issue, 'tied to no verify step')
    expect(card).toContain('/agentos plan --mode semi_auto Say a clear word')
    expect(story.stage.runner.jobs).toEqual([])
  })

  it('full_auto plans what is clear and has every criterion tied to a check, and waits for approval', async () => {
    const { run } = await story.begins('/agentos plan --mode full_auto Say a clear word, tied to its check', criterion)
    const view = await story.until(run, 'proposed')
    expect(view).toMatchObject({ mode: 'full_auto', approvals: [], delivered: null })
  })

  it('semi_auto sends back what is no blocker, and shows what the model settled as an assumption', async () => {
    const { run } = await story.begins('/agentos plan Say another word')
    const view = await story.until(run, 'proposed')
    expect(view['mode']).toBe('semi_auto')
    const [first, second] = model.seen.slice(-2)
    expect(messagesIn(first ?? NOTHING)).toHaveLength(1)
    expect(messagesIn(second ?? NOTHING).at(-1)?.content).toContain('settle word yourself')
    const number = Number(view['pullRequest']?.['number'])
    const shown = await story.hears(number, 'Taken for granted')
    expect(shown).toContain('Which word reads best? (taken: fresh)')
    expect((await story.comments(number)).join('\n')).not.toContain('**q1**')
  })

  it('interactive asks it, and plans what was answered', async () => {
    const { run } = await story.begins('/agentos plan --mode interactive Say another word')
    const blocked = await story.until(run, 'blocked')
    const number = Number(blocked['pullRequest']?.['number'])
    expect(await story.hears(number, 'Which word reads best?')).toContain('(clarification)')
    await story.lee.says(number, '/agentos answer\nq1: brisk')
    const view = await story.until(run, 'proposed')
    expect(view['diff']).toMatchObject({ text: expect.stringContaining("'brisk'") })
    const shown = (await story.comments(number)).join('\n')
    expect(shown).not.toContain('Taken for granted')
    expect(await breaches(story, base)).toEqual([])
  })
})

const NOTHING: SeenRequest = { path: '', authorization: undefined, body: '{}' }
