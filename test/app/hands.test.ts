import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { memoryLedger } from '../../src/adapters/ledger/memory.ts'
import { performing } from '../../src/app/hands.ts'
import { journal } from '../../src/app/journal.ts'
import type { EffectQueue } from '../../src/app/ledger.ts'
import type { Worker } from '../../src/app/worker.ts'
import { keyOf, observed, recording } from '../contracts/ledger-examples.ts'
import { controller } from '../support/builders.ts'
import { START } from '../support/given.ts'
import { noPerformers } from '../support/no-performers.ts'
import { plainFilter } from '../support/plain-filter.ts'

const STREAMS = ['desk/1', 'desk/2', 'desk/3', 'desk/4']
const HANDS = STREAMS.length
const repository = { id: '10', ownerId: '11', owner: 'acme', name: 'demo', defaultBranch: 'main', installation: '12' }

/** A queue that tells of the questions for work: how many there were, how many at once, and when nobody will ask again unwoken. */
function watched(queue: EffectQueue) {
  const asked = { times: 0, now: 0, most: 0 }
  const rests: (() => void)[] = []
  const watching: EffectQueue = {
    ...queue,
    async take(...given) {
      asked.times += 1
      asked.now += 1
      asked.most = Math.max(asked.most, asked.now)
      const taken = await queue.take(...given)
      asked.now -= 1
      return taken
    },
    async waitForWork(signal) {
      for (const rest of rests.splice(0)) rest()
      await queue.waitForWork(signal, 600_000)
    },
  }
  return { asked, queue: watching, atRest: () => new Promise<void>((resolve) => rests.push(resolve)) }
}

test('hands perform effects of different streams at once, and one alone asks for more', async () => {
  const { ledger, queue: kept } = memoryLedger()
  const { asked, queue, atRest } = watched(kept)
  const allBegun = Promise.withResolvers<void>()
  let begun = 0
  const worker: Worker = {
    ledger,
    queue,
    journal: journal({ ledger, queue }),
    performers: {
      ...noPerformers,
      async react() {
        begun += 1
        if (begun === HANDS) allBegun.resolve()
        await allBegun.promise
        return { result: { id: '1' }, blobs: [] }
      },
    },
    signer: controller,
    clock: { now: () => START },
    log: () => undefined,
    filter: plainFilter,
    name: 'w',
  }
  const asks = async (stream: string) => {
    const event = observed(stream, undefined, { repository })
    const body = { on: 'issue', id: '1', content: 'eyes' }
    const effect = { key: keyOf(stream, 1, 0), stream, type: 'react', body, dueAt: null }
    await ledger.append(recording([event], { effects: [effect] }))
  }
  const stop = new AbortController()
  const rest = atRest()
  const working = performing(worker, HANDS, stop.signal)
  await rest
  expect(asked).toEqual({ times: 1, now: 0, most: 1 })

  for (const stream of STREAMS) await asks(stream)
  await allBegun.promise
  while ((await openOf(kept)) > 0) await turn()
  stop.abort()
  await working
  expect(asked.most).toBe(1)
  for (const stream of STREAMS) expect(await kept.list(stream)).toMatchObject([{ status: 'done', attempts: 1 }])
})

async function openOf(queue: EffectQueue): Promise<number> {
  const listed = await Promise.all(STREAMS.map((stream) => queue.list(stream)))
  return listed.flat().filter(({ status }) => status !== 'done').length
}
