import { afterEach, expect, test } from 'vitest'
import { askModelPerformer } from '../../../src/app/planning/ask-model.ts'
import type { Model } from '../../../src/app/planning/model.ts'
import { documentsOf, type NewBlob, toDocument } from '../../../src/domain/packs/documents.ts'
import { emptyReply } from '../../support/scripted-model.ts'
import { planWords } from './model-scene.ts'
import { repositoryWith } from './real-scene.ts'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

const good = JSON.stringify({ ...emptyReply, edits: [{ is: 'create', path: 'b.txt', content: 'b\n' }] })
const answered = (text: string) => {
  const said = { is: 'text', text, model: 'm', inputTokens: 10, outputTokens: 5 } as const
  return { is: 'answered', sent: new Uint8Array([1]), received: new Uint8Array([2]), said } as const
}

/** A model in this process that counts how often it is asked; `breaks` says which calls end in a crash of ours. */
function counting(breaks: (call: number) => boolean): Model & { calls: number } {
  const model = {
    host: 'models.example',
    name: 'm',
    calls: 0,
    ask: async () => {
      model.calls += 1
      if (breaks(model.calls)) throw new Error('the process is gone')
      return answered(good)
    },
  }
  return model
}

test('a call that was begun and whose outcome nobody saw is not sent again: it is charged, and another is reserved', async () => {
  const base = await repositoryWith({ 'a.txt': 'a\n' })
  open.push(base.remove)
  const model = counting((call) => call === 1)
  const planned = await planWords(base, { model, tolerates: 'the process is gone' })
  const kinds = planned.events
    .filter(({ type }) => type.startsWith('ModelCall'))
    .map(({ type, data }) => [type, data['fault'] ?? null])
  expect(kinds).toEqual([
    ['ModelCallReserved', null],
    ['ModelCallSettled', 'lost'],
    ['ModelCallReserved', null],
    ['ModelCallSettled', null],
  ])
  expect(model.calls).toBe(2)
  expect(planned.textAt('b.txt')).toBe('b\n')
  expect(planned.state.model?.used.inputTokens).toBeGreaterThan(100)
  expect(planned.replayed()).toMatchObject({ same: true })
})

test('a call that is lost again and again is given up, and each is on record', async () => {
  const base = await repositoryWith({ 'a.txt': 'a\n' })
  open.push(base.remove)
  const model = counting(() => true)
  const planned = await planWords(base, { model, tolerates: 'the process is gone' })
  expect(planned.state).toMatchObject({ phase: 'failed', end: { rule: 'model' } })
  const reserved = planned.events.filter(({ type }) => type === 'ModelCallReserved')
  expect([model.calls, reserved.length]).toEqual([4, 4])
})

const first = toDocument({
  v: 1,
  is: 'first',
  host: 'models.example',
  model: 'm',
  intent: '0'.repeat(64),
  prompts: [],
  instructions: 'plan',
  text: '{}',
})

function perform(model: Model | null, changes: { readonly attempt?: number; readonly host?: string } = {}) {
  const blobs: readonly NewBlob[] = [first]
  return askModelPerformer({ model, wait: async () => undefined })({
    key: 'r/1/0',
    stream: 'run/r',
    run: null,
    repository: { id: '1', ownerId: '2', owner: 'o', name: 'r', defaultBranch: 'main', installation: '3' },
    body: {
      request: first.sha256,
      host: changes.host ?? 'models.example',
      model: 'm',
      protocol: 'chat',
      maxOutputTokens: 1000,
      capability: 'planner:ask-model:models.example/m',
      waitMs: 0,
    },
    event: { seq: 1, hash: '0'.repeat(64) },
    attempt: changes.attempt ?? 1,
    secret: () => new Uint8Array(32).fill(5),
    documents: documentsOf(blobs),
  })
}

test('a second attempt at the same call sends nothing', async () => {
  const model = counting(() => false)
  expect((await perform(model, { attempt: 2 })).result).toMatchObject({ is: 'failed', fault: 'lost' })
  expect(model.calls).toBe(0)
})

test('a model that is not the reserved one is not asked', async () => {
  const model = counting(() => false)
  expect((await perform(model, { host: 'other.example' })).result).toMatchObject({ is: 'failed', fault: 'declined' })
  expect((await perform(null)).result).toMatchObject({ is: 'failed', fault: 'declined' })
  expect(model.calls).toBe(0)
})
