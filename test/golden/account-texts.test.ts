import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { MAX_VALUE } from '../../src/domain/packs/people.ts'
import { readDocument } from '../../src/domain/packs/documents.ts'
import type { Question } from '../../src/domain/packs/question-pack.ts'
import { ReviewPack } from '../../src/domain/packs/review-pack.ts'
import { told } from '../../src/domain/run/state.ts'
import { reviewCheck } from '../../src/domain/text/review.ts'
import { aQuestion } from '../support/a-question.ts'
import { bot, person, reader, RUN } from '../support/builders.ts'
import {
  allSettled,
  answered,
  claimed,
  ended,
  erased,
  fired,
  given,
  handedOver,
  inOrder,
  merged,
  proofAsked,
  pushed,
  reasonAsked,
  requested,
  reviewed,
  type Scene,
  settled,
  stopAsked,
  world,
} from '../support/given.ts'
import { markupFaults } from '../support/markup.ts'
import { rollbackMerged } from '../support/rolls-back.ts'

const site = 'https://github.example'
const instance = 'https://agentos.example'
const words = { title: 'Replace fs.rmdir with fs.rm', body: 'It is deprecated.\n\n- [ ] the tests pass', text: '' }

const question: Question = aQuestion({
  about: 'name',
  text: 'Which name @org/all #7?',
  impact: 'It is exported.',
})
const asks = world((it) => {
  it.questions = [question]
})

const begun = inOrder(requested({ site, instance, words }), allSettled)
const proposed = inOrder(begun, claimed(), handedOver(), allSettled)
const delivered = inOrder(proposed, reviewed(), allSettled, claimed(), handedOver(), allSettled)
const broken = handedOver({ failing: { step: 'tests', because: 'it ended with 1: `x` | @org/all <b> #9' } })

const ends: Readonly<Record<string, Scene>> = {
  delivered,
  merged: inOrder(delivered, merged, allSettled),
  refused: inOrder(proposed, reviewed(), pushed()),
  failed: inOrder(begun, claimed(), broken, allSettled),
  'failed-at-once': inOrder(requested({ site, instance, words }), settled('collect-memory', 'GitHub is down')),
  cancelled: inOrder(proposed, stopAsked()),
  expired: inOrder(proposed, fired('approval')),
  closed: inOrder(delivered, ended(), allSettled),
  'rolled-back': inOrder(delivered, merged, allSettled, rollbackMerged(), allSettled),
}

const place = (name: string) => new URL(`texts/${name}.md`, import.meta.url)
/** Which hash stands where is asserted elsewhere: they change with every change of the shipped control plane. */
const withoutHashes = (text: string) =>
  text.replaceAll(/\b[0-9a-f]{10,64}\b/g, (hash) => (hash === RUN ? hash : 'f'.repeat(hash.length)))

const golden = (name: string, told: string) => {
  const text = withoutHashes(told)
  if (process.env['AGENTOS_TEST_ADD_GOLDEN'] === '1' && !existsSync(place(name))) writeFileSync(place(name), text)
  expect(text).toBe(readFileSync(place(name), 'utf8'))
}

const ALLOWED = { mentions: ['ana', 'lee'], references: [12, 13], links: [`${site}/o/r/`, `${instance}/`] }

function review(scene: Scene) {
  const { play } = given(scene).when()
  const pack = readDocument(play.shelf.documents, told(play.state.reviewPack, 'the ReviewPack'), ReviewPack)
  return reviewCheck(play.state, play.shelf.documents, pack)
}

test.each(Object.entries(ends))('the account of a run that is %s reads as it is on file, and nothing in it takes effect', (name, scene) => {
  const { title, summary, text } = review(scene)
  golden(`review-${name}`, `# ${title}\n\n${summary}\n\n---\n\n${text}\n`)
  expect(markupFaults(`${summary}\n\n${text}`, ALLOWED)).toEqual([])
})

test.each<[string, Scene, Scene]>([
  ['prove-delivered', delivered, proofAsked()],
  ['prove-blocked', inOrder(asks, begun), proofAsked(reader)],
  ['prove-merged', inOrder(delivered, merged, allSettled), proofAsked()],
  ['why-blocked', inOrder(asks, begun), reasonAsked(null, reader)],
  ['why-proposed', proposed, reasonAsked()],
  ['why-refused', inOrder(proposed, reviewed(), pushed()), reasonAsked()],
  ['why-step', inOrder(asks, begun, answered({ q1: 'rm | <b>' }), allSettled, claimed(), handedOver(), allSettled), reasonAsked('edit')],
  ['why-failed-step', inOrder(begun, claimed(), broken, allSettled), reasonAsked('tests')],
  ['why-unknown-step', proposed, reasonAsked('test')],
])('%s is answered where it was asked, as it is on file, and nothing in it takes effect', (name, past, scene) => {
  const { effects } = given(past).when(scene)
  expect(effects.map(({ kind }) => kind)).toEqual(['comment'])
  const [effect] = effects
  const body = effect?.kind === 'comment' ? effect.body : undefined
  expect(body?.number).toBe(13)
  golden(name, `${body?.text ?? ''}\n`)
  expect(markupFaults(body?.text ?? '', ALLOWED)).toEqual([])
})

test.each([
  ['a bot', bot],
  ['somebody without access', person('6', 'none')],
])('nothing is told to %s, who is told why and what to do', (_who, author) => {
  for (const scene of [proofAsked(author), reasonAsked(null, author)]) {
    const { effects } = given(delivered).when(scene)
    expect(effects).toMatchObject([{ kind: 'comment', body: { number: 13, text: expect.stringMatching(/^\*\*Not told\*\*.*Nothing was changed/) } }])
  }
})

test('the policy says who may ask, and a role that it does not name is refused', () => {
  const strict = world((it) => {
    const roles = { help: 'read', status: 'read', plan: 'write', answer: 'write', amend: 'write', stop: 'write', retry: 'write', doctor: 'write', rollback: 'maintain', unlock: 'maintain' } as const
    it.policy = { roles: { ...roles, why: 'maintain', prove: 'write' } }
  })
  given(strict, delivered).when(proofAsked()).decides('ProofTold')
  expect(given(strict, delivered).when(reasonAsked()).types).not.toContain('ReasonTold')
  given(strict, delivered).when(reasonAsked()).decides('AccountDeclined')
})

test('what was erased is said to be erased, and the rest is told', () => {
  const said = [proofAsked(), reasonAsked(), reasonAsked('tests')].map((scene) => {
    const [effect] = given(delivered, erased).when(scene).effects
    return effect?.kind === 'comment' ? effect.body.text : ''
  })
  expect(said[0]).toContain('The words of the request were erased.')
  expect(said[0]).toContain('**Ledger position** when this was asked')
  expect(said[1]).toContain('**Delivered**')
  expect(said[2]).toContain('- What was asked for was erased')
  expect(said[2]).toContain('- Result in the execution: done')
})

test('the largest account fits into a check run with nothing cut off or left open', () => {
  const { play } = given(delivered).when()
  const pack = readDocument(play.shelf.documents, told(play.state.reviewPack, 'the ReviewPack'), ReviewPack)
  const text = (length: number) => '@a|`<b>#1 '.repeat(length / 10)
  const [step] = pack.steps
  const [approval] = pack.approvals
  if (step === undefined || approval === undefined) throw new Error('there is no step or no approval')
  const large: ReviewPack = ReviewPack.parse({
    ...pack,
    because: text(1000),
    approvals: Array.from({ length: 20 }, () => approval),
    steps: Array.from({ length: 400 }, (_, index) => ({ ...step, id: `s${index}`, kind: 'verify', outcome: index % 2 === 0 ? 'done' : `failed: ${text(500)}`, command: [text(MAX_VALUE)], network: { hosts: Array.from({ length: 50 }, () => text(250)), reached: 1, refused: 2, failed: 3 }, criteria: Array.from({ length: 50 }, (_unused, i) => `c${i}`) })),
    gates: Array.from({ length: 1000 }, (_, index) => ({ at: index % 3 === 0 ? 'lane' : 'dispatch', gate: 'freshness', is: index % 2 === 0 ? 'blocked' : 'passed', because: text(1000) })),
    failedEffects: Array.from({ length: 200 }, () => ({ key: '0a1b2c3d4e/1/1', kind: 'comment', because: text(1000) })),
    notVerified: Array.from({ length: 20 }, () => text(500)),
    costs: { model: null, jobs: Array.from({ length: 1000 }, () => ({ purpose: 'dry-run', reservedMs: 1, usedMs: 1 })) },
    rollback: 'x'.repeat(4000),
  })
  const check = reviewCheck(play.state, play.shelf.documents, large)
  for (const part of [check.summary, check.text]) {
    expect(Buffer.byteLength(part)).toBeLessThan(60_000)
    expect(part).not.toContain('left out here')
    expect(markupFaults(part, ALLOWED)).toEqual([])
  }
})
