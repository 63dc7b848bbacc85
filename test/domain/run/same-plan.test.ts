import { describe, expect, it } from 'vitest'
import { toWords } from '../../../src/domain/packs/documents.ts'
import type { Words } from '../../../src/domain/packs/people.ts'
import type { Question } from '../../../src/domain/packs/question-pack.ts'
import { told } from '../../../src/domain/run/state.ts'
import { aQuestion } from '../../support/a-question.ts'
import { lee, mia } from '../../support/builders.ts'
import {
  type Asking,
  allSettled,
  answered,
  claimed,
  given,
  handedOver,
  later,
  type Play,
  planOf,
  requested,
  type Scene,
  settled,
  until,
  world,
} from '../../support/given.ts'

const QUESTION: Question = aQuestion({
  about: 'topic',
  default: 'this one',
})

const asks = world((it) => {
  it.questions = [QUESTION]
})

/** The same words under another salt. */
const salted =
  (salt: number, words: Partial<Words>, asking: Asking = {}): Scene =>
  (play) => {
    const full = { login: 'ana', title: '', body: '', text: '', params: {}, labels: [], ...words }
    const blob = toWords(full, new Uint8Array(32).fill(salt))
    play.shelf.put(blob)
    const { words: put } = play.shelf
    Object.assign(play.shelf, { words: () => blob.sha256 })
    requested(asking)(play)
    Object.assign(play.shelf, { words: put })
  }

const NEW = { quotes: 'salted' } as const

const toPlan: readonly Scene[] = [claimed(), handedOver(), allSettled]
const hashOf = (play: Play) => told(play.state.plan, 'the plan').hash

describe('the hash of a plan', () => {
  it('is the same for the same recorded words in two runs, whatever their comment, issue and time', () => {
    const words = { text: 'Replace fs.rmdir with fs.rm', title: 'Old calls', body: 'You must not log.' }
    const one = given(salted(1, words, NEW), allSettled).when(...toPlan).play
    const other = { ...NEW, issue: 77, via: { is: 'comment', commentId: '7007' } } as const
    const two = given(later(86_400_000), salted(1, words, other), allSettled).when(...toPlan).play
    expect(hashOf(one)).toBe(hashOf(two))
    expect(hashOf(given(salted(2, words, NEW), allSettled).when(...toPlan).play)).not.toBe(hashOf(one))
  })

  it('is the same for the same words under any salt, in two runs that salt nothing but words', () => {
    const words = { text: 'Replace fs.rmdir with fs.rm', title: 'Old calls', body: 'You must not log.' }
    const one = given(salted(1, words), allSettled).when(...toPlan).play
    const other = { issue: 77, via: { is: 'comment', commentId: '7007' } } as const
    const two = given(later(86_400_000), salted(2, words, other), allSettled).when(...toPlan).play
    expect(one.state.request?.words).not.toBe(two.state.request?.words)
    expect(one.state.intent).toBe(two.state.intent)
    expect(planOf(one).memory).toBe(planOf(two).memory)
    expect(hashOf(one)).toBe(hashOf(two))
  })

  it.each<[string, Partial<Words>]>([
    ['words of the comment', { text: 'Replace fs.rmdir with fs.rm!' }],
    ['an issue', { body: 'More.' }],
    ['hidden words', { text: 'Replace fs.rmdir with fs.rm<!-- x -->' }],
    ['labels', { labels: ['bug'] }],
    ['parameters', { params: { find: 'x' } }],
  ])('is another for other %s', (_what, words) => {
    const usual = { text: 'Replace fs.rmdir with fs.rm' }
    const one = given(salted(1, usual), allSettled).when(...toPlan).play
    const two = given(salted(1, { ...usual, ...words }), allSettled).when(...toPlan).play
    expect(hashOf(one)).not.toBe(hashOf(two))
  })

  it('follows from what was answered and by whom, not from the comment or the time of it', () => {
    const plan = (...scenes: readonly Scene[]) =>
      hashOf(given(asks, requested(), allSettled, ...scenes, allSettled).when(...toPlan).play)
    const newPlan = (...scenes: readonly Scene[]) =>
      hashOf(given(asks, requested(NEW), allSettled, ...scenes, allSettled).when(...toPlan).play)
    expect(newPlan(later(3_600_000), answered({ q1: 'that one' }, { commentId: '9999' }))).toBe(
      newPlan(answered({ q1: 'that one' })),
    )
    expect(newPlan(answered({ q1: 'another' }))).not.toBe(newPlan(answered({ q1: 'that one' })))
    const usual = plan(answered({ q1: 'that one' }))
    expect(plan(later(3_600_000), answered({ q1: 'that one' }, { commentId: '9999' }))).toBe(usual)
    expect(plan(answered({ q1: ' that one ' }))).toBe(usual)
    expect(plan(answered({ q1: 'another' }))).not.toBe(usual)
    expect(plan(answered({ q1: 'that one' }, { author: mia }))).not.toBe(usual)
    expect(plan(answered({ q1: 'default' }))).toBe(plan(answered({ q1: 'this one' })))
  })
})

describe('a plan that rests on an answer', () => {
  const answeredPlan = () =>
    given(asks, requested(), allSettled, answered({ q1: 'that one' }), allSettled).when(...toPlan).play

  it('cites it, who gave it and which steps would not be so without it', () => {
    const { answers } = planOf(answeredPlan())
    expect(answers).toMatchObject([{ id: '1.q1', about: 'topic', author: lee.id, steps: ['edit'] }])
  })

  it('cannot come about when the answer is taken out of the record', () => {
    const given1 = answeredPlan()
    const wanted = hashOf(given1)
    const without = given(asks, requested(), allSettled).when().play
    expect(without.state).toMatchObject({ phase: 'blocked', plan: null })
    expect(without.open.some(({ effect }) => effect.kind === 'draft')).toBe(false)
    expect(without.events.some(({ data }) => data['plan'] === wanted)).toBe(false)
  })

  it.each<[string, (play: Play) => void]>([
    ['leaves the answer out', (play) => void (play.world.draft = (usual) => ({ ...usual, answers: [] }))],
    [
      'gives the answer another value',
      (play) =>
        void (play.world.draft = (usual) => ({
          ...usual,
          answers: usual.answers.map((answer) => ({ ...answer, value: '0'.repeat(64) })),
        })),
    ],
    [
      'says that somebody else gave it',
      (play) =>
        void (play.world.draft = (usual) => ({
          ...usual,
          answers: usual.answers.map((answer) => ({ ...answer, author: mia.id })),
        })),
    ],
    [
      'cites it for a step that there is not',
      (play) =>
        void (play.world.draft = (usual) => ({
          ...usual,
          answers: usual.answers.map((answer) => ({ ...answer, steps: ['edit-9'] })),
        })),
    ],
  ])('is refused by red line 3 where the draft %s', (_what, change) => {
    given(asks, requested(), allSettled, answered({ q1: 'that one' }), until('draft'), change)
      .when(settled('draft'))
      .ends('refused', /answer/)
  })
})

describe('a mode that may not ask', () => {
  const next = (asking: Asking, ...scenes: readonly Scene[]) =>
    given(...scenes).when(requested(asking), allSettled).play.state.end

  it.each<[string, Asking, string]>([
    ['full_auto', { mode: 'full_auto' }, '`/agentos plan --mode semi_auto Replace fs.rmdir with fs.rm`'],
    [
      'full_auto with a recipe',
      {
        mode: 'full_auto',
        planner: { is: 'recipe', name: 'replace-text' },
        words: { text: '', params: { find: "it's", replace: 'a b', paths: 'README.md' } },
      },
      "`/agentos plan --mode semi_auto --recipe replace-text find=\"it's\" paths=README.md replace='a b'`",
    ],
    [
      'full_auto with long words',
      { mode: 'full_auto', words: { text: 'x'.repeat(900) } },
      '--mode semi_auto (the same words)',
    ],
  ])('refuses with the command that would let it proceed: %s', (_what, asking, command) => {
    const end = next(asking, asks)
    expect(end).toMatchObject({ rule: 'question-budget', because: expect.stringContaining('full_auto asks nothing') })
    expect(end?.next).toContain(command)
  })

  it('semi_auto names interactive for what is no blocker', () => {
    const idle = world((it) => {
      it.questions = [{ ...QUESTION, type: 'clarification' }]
    })
    expect(next({}, idle)?.next).toContain('`/agentos plan --mode interactive Replace')
  })

  it('takes nothing for granted', () => {
    const assuming = world((it) => {
      it.draft = (usual) => ({ ...usual, assumptions: [{ about: 'topic', text: 'this one' }] })
    })
    expect(next({ mode: 'full_auto' }, assuming)).toMatchObject({
      rule: 'mode',
      because: expect.stringContaining('assumes nothing'),
      next: expect.stringContaining('--mode semi_auto'),
    })
    given(assuming).when(requested(), allSettled).decides('DraftTaken')
  })
})
