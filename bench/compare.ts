import type { Peak } from './peaks.ts'

/** One way to do the work. `ready` puts things back before each run and is not measured. */
export type Contender = {
  readonly name: string
  readonly run: () => unknown
  readonly ready?: () => unknown
}

/** Ways to do the same work; the first is the yardstick of the others. One run does `items` of what `unit` says. */
export type Comparison = {
  readonly about: string
  readonly unit: string
  readonly items: number
  readonly contenders: readonly Contender[]
  /** Processor time leaves out what others do on the machine meanwhile, and waiting; without a word the clock on the wall. */
  readonly clock?: 'processor'
  /** What takes minutes is measured in so many rounds, and is not warmed up. */
  readonly rounds?: number
}

/** `open` makes ready what the comparisons work on; that is not measured. `budgetMs` is for what needs more rounds than others. */
export type Benchmark = {
  readonly says: string
  readonly budgetMs?: number
  readonly open: () => Promise<{
    readonly comparisons: readonly Comparison[]
    readonly peaks?: () => Promise<readonly Peak[]>
    readonly close: () => Promise<void>
  }>
}

export type Measured = {
  readonly contender: string
  readonly rounds: number
  readonly medianMs: number
  readonly fastestMs: number
  readonly slowestMs: number
  readonly perSecond: number
  /** How many times as long as the yardstick took in the same round: the median over the rounds. */
  readonly ratio: number
}

const FEWEST_ROUNDS = 3
const MOST_ROUNDS = 300

/** Measures all contenders in turn, round after round, so that what else the machine does falls on all of them alike. */
export async function compare(
  { items, contenders, clock, rounds }: Comparison,
  budgetMs: number,
): Promise<readonly Measured[]> {
  const lanes = contenders.map((contender) => ({ contender, times: new Array<number>() }))
  const timed = timedBy(clock === 'processor' ? processorMs : () => performance.now())
  if (rounds === undefined) for (const { contender } of lanes) await timed(contender)
  const end = performance.now() + budgetMs
  const goesOn = (round: number) =>
    rounds === undefined ? round < FEWEST_ROUNDS || (round < MOST_ROUNDS && performance.now() < end) : round < rounds
  for (let round = 0; goesOn(round); round += 1) {
    const first = round % lanes.length
    for (const { contender, times } of [...lanes.slice(first), ...lanes.slice(0, first)])
      times.push(await timed(contender))
  }
  const yardstick = lanes[0]?.times ?? []
  return lanes.map(({ contender, times }) => {
    const medianMs = median(times)
    return {
      contender: contender.name,
      rounds: times.length,
      medianMs,
      fastestMs: Math.min(...times),
      slowestMs: Math.max(...times),
      perSecond: (items * 1000) / medianMs,
      ratio: median(times.map((ms, round) => ms / (yardstick[round] ?? Number.NaN))),
    }
  })
}

function timedBy(now: () => number): (contender: Contender) => Promise<number> {
  return async ({ run, ready }) => {
    await ready?.()
    const began = now()
    await run()
    return now() - began
  }
}

function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]]
  return (low + high) / 2
}
