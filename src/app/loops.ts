import { setTimeout as delay } from 'node:timers/promises'
import type { Inbox, TakenDelivery } from './ledger.ts'
import { type Intake, takeIn } from './intake.ts'
import type { Arrival } from './ports.ts'
import { TryLater } from './ports.ts'
import { type Log, performNext, type Worker } from './worker.ts'

export type ParseArrival = (event: string, payload: Uint8Array) => Arrival

export type Loops = {
  readonly worker: Worker
  readonly intake: Intake
  readonly inbox: Inbox
  readonly parse: ParseArrival
  readonly log: Log
  /** How many effects of different runs may be under way at once. */
  readonly hands: number
}

const SWEEP_MS = 2000
const DELIVERY_LEASE_MS = 15_000
const ECHO_WAIT_MS = 50
const MOST_TAKES = 20

/** Works until `signal` aborts: takes in deliveries, performs effects. Resolves when everything begun has ended. */
export async function work(loops: Loops, signal: AbortSignal): Promise<void> {
  const hands = Array.from({ length: loops.hands }, (_, i) => performing(loops, `${loops.worker.name}.${i}`, signal))
  await Promise.all([...hands, takingIn(loops, signal)])
}

async function performing(loops: Loops, name: string, signal: AbortSignal): Promise<void> {
  const worker = { ...loops.worker, name }
  while (!signal.aborted) {
    const done = await guarded(loops, 'performing', () => performNext(worker))
    if (done !== 'performed' && !signal.aborted) await worker.queue.waitForWork(signal, SWEEP_MS)
  }
}

async function takingIn(loops: Loops, signal: AbortSignal): Promise<void> {
  const { inbox, worker } = loops
  while (!signal.aborted) {
    const taken = await guarded(loops, 'taking in', () => inbox.next(worker.name, worker.clock.now(), DELIVERY_LEASE_MS))
    if (taken === undefined) await worker.queue.waitForWork(signal, SWEEP_MS)
    else await guarded(loops, 'taking in', () => takeOne(loops, taken, signal))
  }
}

async function takeOne(loops: Loops, delivery: TakenDelivery, signal: AbortSignal): Promise<void> {
  const { inbox, intake, log } = loops
  if (delivery.takes > MOST_TAKES) {
    log('error', 'a delivery was given up', { delivery: delivery.deliveryId, event: delivery.event, takes: delivery.takes })
    return inbox.handled(delivery.deliveryId)
  }
  const arrival = loops.parse(delivery.event, delivery.payload)
  const until = Date.now() + DELIVERY_LEASE_MS / 2
  while (!signal.aborted && Date.now() < until) {
    const taken = await takeIn(intake, arrival, delivery.deliveryId)
    if (taken === 'nothing') return inbox.handled(delivery.deliveryId)
    if (taken === 'done') return
    await delay(ECHO_WAIT_MS)
  }
}

/** A loop outlives what goes wrong inside one turn: the lease runs out and the work is taken again. */
async function guarded<T>(loops: Loops, what: string, turn: () => Promise<T>): Promise<T | undefined> {
  try {
    return await turn()
  } catch (error) {
    const wait = error instanceof TryLater ? Math.min(error.afterMs, SWEEP_MS) : SWEEP_MS
    loops.log(error instanceof TryLater ? 'warn' : 'error', `${what} failed and is tried again`, {
      error: error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 500) : 'not an Error',
    })
    await delay(wait)
    return undefined
  }
}

