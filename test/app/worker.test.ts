import { expect, test } from 'vitest'
import { memoryLedger } from '../../src/adapters/ledger/memory.ts'
import { journal } from '../../src/app/journal.ts'
import { MOST_ATTEMPTS, performNext, type Worker } from '../../src/app/worker.ts'
import { plus } from '../../src/domain/clock.ts'
import { runStream } from '../../src/domain/ids.ts'
import { controller, RUN } from '../support/builders.ts'
import { given, requested, START } from '../support/given.ts'
import { noPerformers } from '../support/no-performers.ts'
import { plainFilter } from '../support/plain-filter.ts'

test('an effect that cannot even be read is tried like any other and then given up, so that its run does not hang', async () => {
  const { play } = given().when(requested())
  const { ledger, queue } = memoryLedger()
  const stream = runStream(RUN)
  const [first] = play.open
  if (first === undefined) throw new Error('the request intends nothing')
  await ledger.append({
    expect: [{ stream, seq: 0 }],
    events: play.events,
    effects: [{ key: first.key, stream, type: 'collect-memory', body: { base: 'no commit' }, dueAt: null }],
    blobs: [...play.shelf.blobs].map(([sha256, bytes]) => ({ sha256, bytes })),
  })
  let now = START
  const worker: Worker = {
    ledger,
    queue,
    journal: journal({ ledger, queue }),
    performers: noPerformers,
    signer: controller,
    clock: { now: () => now },
    log: () => undefined,
    filter: plainFilter,
    name: 'w',
  }
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    expect(await performNext(worker)).toBe('performed')
    now = plus(now, 600_000)
  }
  const { state } = await worker.journal.load(RUN)
  expect(state).toMatchObject({ phase: 'failed', end: { rule: 'effect:collect-memory' } })
})
