import { afterAll, describe, expect, test } from 'vitest'
import type { Model, ModelCall } from '../../../src/app/planning/model.ts'
import { emptyReply } from '../../support/scripted-model.ts'
import { planWords } from './model-scene.ts'
import { repositoryWith } from './real-scene.ts'

const repository = repositoryWith({
  'README.md': '# Sample\n',
  'docs/a.md': 'old\n',
  'package.json': '{"name":"sample","scripts":{"test":"node --test"}}\n',
})
afterAll(async () => (await repository).remove())

const edits = [{ is: 'replace', path: 'docs/a.md', search: 'old', replace: 'new' }]
const question = {
  type: 'blocker',
  topic: 'tone',
  text: 'How formal?',
  impact: '',
  answer: 'text',
  choices: [],
  default: 'plain',
  evidence: ['README.md'],
}

/** A model in this process that says one thing after another, and keeps what it was told. */
function saying(...replies: readonly object[]): Model & { readonly told: string[] } {
  const told: string[] = []
  return {
    host: 'models.example',
    name: 'asker',
    told,
    ask: async ({ messages }: ModelCall) => {
      told.push(messages.at(-1)?.text ?? '')
      const text = JSON.stringify({ ...emptyReply, ...(replies[told.length - 1] ?? replies.at(-1)) })
      const said = { is: 'text', text, model: 'asker', inputTokens: 1, outputTokens: 1 } as const
      return { is: 'answered', sent: new Uint8Array(), received: new Uint8Array(), said }
    },
  }
}

describe('a question of the planner', () => {
  test('that cites what is not there is sent back, and not asked', async () => {
    const model = saying({ questions: [{ ...question, evidence: ['docs/none.md'] }] }, { questions: [question] })
    const planned = await planWords(await repository, { model })
    expect(model.told[1]).toContain('docs/none.md, which the repository does not have')
    expect(planned.questions).toMatchObject([
      { about: 'tone', evidence: [expect.stringMatching(/^README.md@[0-9a-f]{40}$/)] },
    ])
    expect(planned.state.rounds).toBe(1)
  })

  test('that is no choice offers what would do as suggestions', async () => {
    const model = saying({ questions: [{ ...question, choices: ['plain', 'formal'] }] })
    const { questions } = await planWords(await repository, { model })
    expect(questions).toMatchObject([{ answer: 'text', choices: [], suggestions: ['plain', 'formal'] }])
  })

  test('that still cites what is not there ends planning without anybody being asked', async () => {
    const model = saying({ questions: [{ ...question, evidence: ['docs/none.md'] }] })
    const { state } = await planWords(await repository, { model })
    expect(state).toMatchObject({
      phase: 'refused',
      rounds: 0,
      end: { because: expect.stringContaining('docs/none.md') },
    })
  })

  test('that blocks nothing is settled by the planner in semi_auto, and shown as an assumption', async () => {
    const model = saying({ questions: [{ ...question, type: 'clarification' }] }, { edits })
    const planned = await planWords(await repository, { model })
    expect(model.told[1]).toContain('people are asked blockers only; settle tone yourself')
    expect(planned.draft.assumptions).toEqual([{ about: 'tone', text: 'How formal? (taken: plain)' }])
  })

  test('that was asked and answered is cited by the step that rests on it', async () => {
    const model = saying({ questions: [question] }, { edits })
    const planned = await planWords(await repository, { model, answers: { q1: 'default' } })
    expect(planned.draft.assumptions).toEqual([])
    expect(planned.draft.answers).toMatchObject([{ id: '1.q1', about: 'tone', author: '7', steps: ['edit-1'] }])
    expect(planned.replayed()).toMatchObject({ same: true })
  })

  test.each([
    ['docs/a.md', true],
    ['docs', true],
    ['docs/none.md', true],
    ['../a.md', false],
  ])('for a path is answered by what the base has: %s', async (path, taken) => {
    const model = saying({ questions: [{ ...question, answer: 'path', default: null }] }, { edits })
    const { state } = await planWords(await repository, { model, answers: { q1: path } })
    expect(state.answers).toHaveLength(taken ? 1 : 0)
  })
})
