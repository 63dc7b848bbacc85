import { setTimeout as delay } from 'node:timers/promises'
import { guarded, SWEEP_MS } from './guarded.ts'
import { performing } from './hands.ts'
import { takeIn } from './intake.ts'
import type { Intake } from './intake-parts.ts'
import type { Inbox, TakenDelivery } from './ledger.ts'
import type { Arrival } from './ports.ts'
import { type ScheduleWatch, watchSchedules } from './schedules.ts'
import type { Log, Worker } from './worker.ts'

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

const DELIVERY_LEASE_MS = 15_000
const ECHO_WAIT_MS = 50
const MOST_TAKES = 20
const TICK_MS = 1000

/** Works until `signal` aborts: takes in deliveries, performs effects, looks at schedules. Resolves when everything begun has ended. */
export async function work(loops: Loops, signal: AbortSignal): Promise<void> {
  const watch = watchSchedules(loops.intake)
  await Promise.all([
    performing(loops.worker, loops.hands, signal),
    takingIn(loops, watch, signal),
    looking(loops, watch, signal),
  ])
}

async function takingIn(loops: Loops, watch: ScheduleWatch, signal: AbortSignal): Promise<void> {
  const { inbox, worker } = loops
  while (!signal.aborted) {
    const taken = await guarded(loops.log, 'taking in', () =>
      inbox.next(worker.name, worker.clock.now(), DELIVERY_LEASE_MS),
    )
    if (taken === undefined) await inbox.waitForNext(signal, SWEEP_MS)
    else await guarded(loops.log, 'taking in', () => takeOne({ ...loops, watch }, taken, signal))
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
  const schedules = await guarded(loops.log, 'looking for schedules', () => watch.schedules())
  for (const schedule of schedules ?? []) {
    if (signal.aborted) return
    await guarded(loops.log, `looking at ${schedule}`, () => watch.look(schedule))
  }
}
