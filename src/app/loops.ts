import { setTimeout as delay } from 'node:timers/promises'
import { takeIn } from './intake.ts'
import type { Intake } from './intake-parts.ts'
import type { Inbox, TakenDelivery } from './ledger.ts'
import type { Arrival } from './ports.ts'
import { TryLater } from './ports.ts'
import { type ScheduleWatch, watchSchedules } from './schedules.ts'
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
const TICK_MS = 1000

/** Works until `signal` aborts: takes in deliveries, performs effects, looks at schedules. Resolves when everything begun has ended. */
export async function work(loops: Loops, signal: AbortSignal): Promise<void> {
  const hands = Array.from({ length: loops.hands }, (_, i) => performing(loops, `${loops.worker.name}.${i}`, signal))
  const watch = watchSchedules(loops.intake)
  await Promise.all([...hands, takingIn(loops, watch, signal), looking(loops, watch, signal)])
}

async function performing(loops: Loops, name: string, signal: AbortSignal): Promise<void> {
  const worker = { ...loops.worker, name }
  while (!signal.aborted) {
    const done = await guarded(loops, 'performing', () => performNext(worker))
    if (done !== 'performed') await worker.queue.waitForWork(signal, SWEEP_MS)
  }
}

async function takingIn(loops: Loops, watch: ScheduleWatch, signal: AbortSignal): Promise<void> {
  const { inbox, worker } = loops
  while (!signal.aborted) {
    const taken = await guarded(loops, 'taking in', () =>
      inbox.next(worker.name, worker.clock.now(), DELIVERY_LEASE_MS),
    )
    if (taken === undefined) await worker.queue.waitForWork(signal, SWEEP_MS)
    else await guarded(loops, 'taking in', () => takeOne({ ...loops, watch }, taken, signal))
  }
}

async function takeOne(
  loops: Loops & { readonly watch: ScheduleWatch },
  delivery: TakenDelivery,
  signal: AbortSignal,
): Promise<void> {
  const { inbox, intake, log } = loops
  if (delivery.takes > MOST_TAKES) {
    log('error', 'a delivery was given up', {
      delivery: delivery.deliveryId,
      event: delivery.event,
      takes: delivery.takes,
    })
    return inbox.handled(delivery.deliveryId)
  }
  const arrival = loops.parse(delivery.event, delivery.payload)
  if (arrival.is !== 'ignored') await loops.watch.see(arrival)
  const until = Date.now() + DELIVERY_LEASE_MS / 2
  while (!signal.aborted && Date.now() < until) {
    const taken = await takeIn(intake, arrival, delivery.deliveryId)
    if (taken === 'nothing') return inbox.handled(delivery.deliveryId)
    if (taken === 'done') return
    await delay(ECHO_WAIT_MS)
  }
}

/** Looks at every schedule in each minute of the clock; what was due while nobody looked is found by the first look. */
async function looking(loops: Loops, watch: ScheduleWatch, signal: AbortSignal): Promise<void> {
  const { clock } = loops.worker
  let minute = ''
  while (!signal.aborted) {
    const now = clock.now().slice(0, 'YYYY-MM-DDTHH:mm'.length)
    if (now !== minute) {
      minute = now
      await lookAtAll(loops, watch, signal)
    }
    await delay(TICK_MS, undefined, { signal }).catch(() => undefined)
  }
}

async function lookAtAll(loops: Loops, watch: ScheduleWatch, signal: AbortSignal): Promise<void> {
  const schedules = await guarded(loops, 'looking for schedules', () => watch.schedules())
  for (const schedule of schedules ?? []) {
    if (signal.aborted) return
    await guarded(loops, `looking at ${schedule}`, () => watch.look(schedule))
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
