import { expect, test } from 'vitest'
import { memoryLedger } from '../../src/adapters/ledger/memory.ts'
import { journal } from '../../src/app/journal.ts'
import { MOST_ATTEMPTS, performNext, type Worker } from '../../src/app/worker.ts'
import { plus } from '../../src/domain/clock.ts'
import { runStream } from '../../src/domain/ids.ts'
import { readPredicate } from '../../src/domain/packs/receipts.ts'
import { EFFECT_RECEIPT_TYPE, EffectReceipt } from '../../src/domain/receipt.ts'
import { parseData } from '../../src/domain/run/events.ts'
import { controller, RUN } from '../support/builders.ts'
import { given, type Play, requested, START } from '../support/given.ts'
import { noPerformers } from '../support/no-performers.ts'
import { plainFilter } from '../support/plain-filter.ts'

/** A worker on a ledger that holds a fresh request and one effect of it. */
async function aWorker(effect: (first: Play['open'][number]) => { readonly type: string; readonly body: object }) {
  const { play } = given().when(requested())
  const { ledger, queue } = memoryLedger()
  const stream = runStream(RUN)
  const [first] = play.open
  if (first === undefined) throw new Error('the request intends nothing')
  const { type, body } = effect(first)
  await ledger.append({
    expect: [{ stream, seq: 0 }],
    events: play.events,
    effects: [{ key: first.key, stream, type, body: JSON.parse(JSON.stringify(body)), dueAt: null }],
    blobs: [...play.shelf.blobs].map(([sha256, bytes]) => ({ sha256, bytes })),
  })
  const clock = { moved: START }
  const worker: Worker = {
    ledger,
    queue,
    journal: journal({ ledger, queue }),
    performers: { ...noPerformers, react: async () => ({ result: { id: '1' }, blobs: [] }) },
    signer: controller,
    clock: { now: () => clock.moved },
    log: () => undefined,
    filter: plainFilter,
    name: 'w',
  }
  return { worker, clock, key: first.key }
}

test('an effect that cannot even be read is tried like any other and then given up, so that its run does not hang', async () => {
  const { worker, clock } = await aWorker(() => ({ type: 'collect-memory', body: { base: 'no commit' } }))
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    expect(await performNext(worker)).toBe('performed')
    clock.moved = plus(clock.moved, 600_000)
  }
  const { state } = await worker.journal.load(RUN)
  expect(state).toMatchObject({ phase: 'failed', end: { rule: 'effect:collect-memory' } })
})

test('the receipt of an effect shows its capability, and what was set aside and used', async () => {
  const { worker, key } = await aWorker(({ effect }) => ({ type: effect.kind, body: effect.body }))
  expect(await performNext(worker)).toBe('performed')
  const { events, documents } = await worker.journal.load(RUN)
  const settled = parseData('EffectSettled', events.find(({ type }) => type === 'EffectSettled')?.data)
  if (settled.outcome.is !== 'performed') throw new Error(settled.outcome.because)
  expect(readPredicate(documents, settled.outcome.receipt, EFFECT_RECEIPT_TYPE, EffectReceipt)).toMatchObject({
    key,
    capability: 'controller:react',
    budgets: [{ of: 'attempts', reserved: MOST_ATTEMPTS, settled: 1 }],
  })
})
