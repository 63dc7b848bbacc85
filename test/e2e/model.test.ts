import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { git } from '../demo/a-local-github.ts'
import {
  emptyReply,
  errorAnswer,
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
  type: 'blocker',
  topic: 'word',
  text: 'Which word shall stand there?',
  impact: 'It is what people read.',
  answer: 'text',
  choices: [],
  default: null,
  evidence: ['src/words.js'],
}

/** A model that looks first, asks where the request does not say, and then plans what it was told. */
function plans(request: SeenRequest): Scripted {
  const messages = messagesIn(request)
  const opening = messages[0]?.content ?? ''
  const { request: wanted } = JSON.parse(opening)
  if (String(wanted.goal).includes('used up')) return errorAnswer(429, 'insufficient_quota')
  if (messages.length === 1)
    return said({
      look: [
        { tool: 'read', path: 'src/words.js', line: 1 },
        { tool: 'search', text: 'old', under: '' },
      ],
    })
  const word: unknown = wanted.answers[0]?.answer
  if (typeof word !== 'string') return said({ questions: [question] })
  return said({
    edits: [{ is: 'replace', path: 'src/words.js', search: "'old'", replace: `'${word}'` }],
    verify: [{ command: 'npm test', criteria: [] }],
    evidence: ['test/words.test.js'],
  })
}

let model: ScriptedModel
let story: Story
let base = ''
beforeAll(async () => {
  model = await scriptedModel(plans)
  story = await aStory({
    env: { OPENAI_BASE_URL: model.baseURL, OPENAI_API_KEY: 'sk-of-the-operator', AGENTOS_MODEL: 'scripted' },
  })
  base = await git(story.source, 'rev-parse', 'HEAD')
}, 300_000)
afterAll(async () => {
  await story.close()
  await model.close()
})

describe('words planned with a model, through a webhook', { timeout: 300_000 }, () => {
  it('are looked into, asked about, planned, approved and delivered', async () => {
    const { run } = await story.begins('/agentos plan Say another word in src/words.js')
    const blocked = await story.until(run, 'blocked')
    const number = Number(blocked['pullRequest']?.['number'])
    const asked = await story.hears(number, 'Which word shall stand there?')
    expect(asked).toContain('Model `scripted` at `127.0.0.1:')
    expect(asked).toContain('2 calls, 200 tokens in, 40 out, cost not known')
    await story.lee.says(number, '/agentos answer\nq1: fresh')
    const proposed = await story.until(run, 'proposed')
    const commit = String(proposed['proposed']?.['commit'])
    const checks = JSON.stringify(await story.checks(commit))
    expect(checks).toContain('scripted at 127.0.0.1:')
    const calls = JSON.stringify(proposed).match(/"ask-model"/g) ?? []
    expect(calls.length).toBeGreaterThanOrEqual(4)
    await story.lee.reviews(number, 'APPROVE')
    const delivered = await story.until(run, 'delivered')
    expect(delivered['phase']).toBe('delivered')
    expect(await breaches(story, base)).toEqual([])
    const [, second] = model.seen
    expect(messagesIn(second ?? { path: '', authorization: '', body: '{}' }).at(-1)?.content).toContain(
      "exports.word = 'old'",
    )
  })

  it('end in words that are not red where the quota of the account is used up', async () => {
    const { issue, run } = await story.begins('/agentos plan Do this although all is used up')
    const view = await story.until(run, 'refused')
    expect(view['end']).toMatchObject({ rule: 'model-quota' })
    const card = await story.hears(issue, 'Not planned')
    expect(card).toContain('quota of the model account is used up')
    expect(card).not.toContain('sk-of-the-operator')
  })
})
