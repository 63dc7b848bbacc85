import { guarded, SWEEP_MS } from './guarded.ts'
import type { TakenEffect } from './ledger.ts'
import { performTaken, takeNext, type Worker } from './worker.ts'

/** Performs effects, of so many runs at once as there are hands, until `signal` aborts and what was begun has ended. */
export async function performing(worker: Worker, hands: number, signal: AbortSignal): Promise<void> {
  const alone = oneAtATime()
  const names = Array.from({ length: hands }, (_, i) => `${worker.name}.${i}`)
  await Promise.all(names.map((name) => working({ ...worker, name }, alone, signal)))
}

/** Of all hands one looks for work, so that to be woken costs one question. */
async function working(worker: Worker, alone: OneAtATime, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const taken = await alone(() => lookingForWork(worker, signal))
    if (taken !== undefined) await guarded(worker.log, 'performing', () => performTaken(worker, taken))
  }
}

async function lookingForWork(worker: Worker, signal: AbortSignal): Promise<TakenEffect | undefined> {
  while (!signal.aborted) {
    const taken = await guarded(worker.log, 'performing', () => takeNext(worker))
    if (taken !== undefined) return taken
    await worker.queue.waitForWork(signal, SWEEP_MS)
  }
  return undefined
}

type OneAtATime = <T>(turn: () => Promise<T>) => Promise<T>

function oneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve()
  return (turn) => {
    const now = last.then(turn)
    last = now.catch(() => undefined)
    return now
  }
}
