import { evolveLocks, type LockState, lockFacts, nextInLine } from '../../../src/domain/lock.ts'
import type { Unplaced } from '../../../src/domain/run/envelope.ts'
import { START } from '../../support/given.ts'
import type { Act } from './acts.ts'
import { type Contender, contender, type Outcome } from './contender.ts'
import { type Part, toLocks, toParts } from './line.ts'
import { type Standing, signOf } from './standing.ts'
import { type RunAt, type State, seqOf } from './state.ts'
import type { Wish } from './wishes.ts'

/** The parts of the product that the model can be given spoiled, to see that it notices. */
export type Rules = {
  /** The lock stream as a run is shown it. */
  readonly shown: (locks: LockState, run: string) => LockState
  readonly evolve: typeof evolveLocks
  readonly next: typeof nextInLine
  /** What is written in the lock stream for what a run decided. */
  readonly written: (events: readonly Unplaced[]) => readonly Unplaced[]
}

export const PRODUCT: Rules = {
  shown: (locks) => locks,
  evolve: evolveLocks,
  next: nextInLine,
  written: (events) => events,
}

/** What one act of one run led to, in the numbers of the state that it was taken in. */
export type Taken = {
  readonly stand: number
  readonly token: number
  readonly place: number
  readonly decided: Outcome['decided']
  readonly events: readonly Unplaced[]
  readonly parts: readonly Part[]
}

/** Runs, and every answer that the product gave to one of them: each question is asked once, under whatever rules. */
export type Players = {
  readonly wishes: readonly Wish[]
  readonly runs: readonly Contender[]
  readonly standings: readonly Standings[]
  readonly answers: Map<string, Answer>
}

export function playersOf(wishes: readonly Wish[]): Players {
  const runs = wishes.map(contender)
  return { wishes, runs, standings: runs.map(({ begins }) => newStandings(begins)), answers: new Map() }
}

export type Model = {
  readonly runs: readonly Contender[]
  readonly covers: readonly number[]
  standing(run: number, stand: number): Standing
  take(state: State, run: number, act: Act): Taken
  /** The runs whose turn it is, as the product tells it. */
  next(state: State): readonly string[]
}

export function modelOf({ wishes, runs, standings, answers }: Players, rules: Rules = PRODUCT): Model {
  const shows = new Map<string, Shown>()
  const folds = new Map<string, readonly Part[]>()
  return {
    runs,
    covers: coversOf(wishes),
    standing: (run, stand) => of(standings, run).first(stand),
    next: (state) => rules.next(toLocks(runs, partsOf(state), same), START).map(({ run }) => run),
    take(state, run, act) {
      const [own, contender, known] = [of(state.runs, run), of(runs, run), of(standings, run)]
      const section = sectionOf(state)
      const shown = kept(shows, `${run}${section}`, () => shownTo(contender, runs, rules, state))
      const small = smaller(shown, own, seqOf(state))
      const key = `${act}|${run}|${own.stand}|${small.token}|${small.place}|${shown.sign}`
      const { stand, token, place, decided, events } = kept(answers, key, () => {
        const locks = rules.shown(toLocks(runs, partsOf(state), small.to), contender.wish.run)
        return known.ask(own.stand, (standing) => contender.takes(act, standing, { ...small, locks }))
      })
      const written = rules.written(events.map((event) => renumbered(event, small.back)))
      const parts = kept(folds, `${section}${JSON.stringify(written)}`, () =>
        toParts(runs, written.reduce<LockState>(rules.evolve, toLocks(runs, partsOf(state), same))),
      )
      return { stand, decided, events: written, parts, token: small.back(token), place: small.back(place) }
    },
  }
}

type Answer = Omit<Taken, 'parts'>

const same = (n: number) => n
export const partsOf = ({ runs }: State): readonly Part[] => runs.map(({ part }) => part)

function sectionOf(state: State): string {
  const flat = state.runs.flatMap(({ part: { keys, token, left, place } }) => [keys, token, left, place])
  return String.fromCharCode(...flat)
}

/** What a run sees of the lock stream, told without its numbers, and those numbers in their order. */
type Shown = { readonly sign: string; readonly numbers: readonly number[] }

function shownTo({ wish, keys }: Contender, runs: Model['runs'], rules: Rules, state: State): Shown {
  const locks = rules.shown(toLocks(runs, partsOf(state), same), wish.run)
  const { held, queue = [] } = lockFacts(locks, seqOf(state), wish.run, keys)
  const place = locks.queue.find(({ run }) => run === wish.run)?.place ?? 0
  const all = [...held.map(({ token }) => token), ...queue.map((one) => one.place), place]
  const numbers = [...new Set(all.filter((n) => n > 0))].sort((a, b) => a - b)
  const sign = [
    held.map(({ key, run, token, until }) => [key, run, numbers.indexOf(token), until]),
    queue.map((one) => [one.key, one.run, numbers.indexOf(one.place)]),
    numbers.indexOf(place),
  ]
  return { sign: JSON.stringify(sign), numbers }
}

/**
 * Small numbers in the same order as those that a run sees and believes, so that an answer of the product counts for every
 * state that differs only in how large they are; and the way back.
 */
function smaller({ numbers }: Shown, { token, place }: Pick<RunAt, 'token' | 'place'>, newest: number) {
  const small = (n: number, rest: number) => {
    if (n === 0) return 0
    const below = numbers.filter((one) => one < n).length
    return numbers.includes(n) ? (below + 1) * APART : below * APART + rest
  }
  const seq = (numbers.length + 1) * APART
  const own = { token: small(token, 1), place: small(place, 2) }
  return {
    ...own,
    seq,
    to: (n: number) => small(n, 3),
    back(n: number): number {
      if (n >= seq) return newest + n - seq
      if (n === own.token) return token
      return n === own.place ? place : (numbers[n / APART - 1] ?? 0)
    },
  }
}

const APART = 4

function renumbered(event: Unplaced, back: (n: number) => number): Unplaced {
  const { token, place } = event.data
  return {
    ...event,
    data: {
      ...event.data,
      ...(typeof token === 'number' ? { token: back(token) } : {}),
      ...(typeof place === 'number' ? { place: back(place) } : {}),
    },
  }
}

type Standings = {
  first(stand: number): Standing
  ask(stand: number, ask: (standing: Standing) => Outcome): Answer
}

/** Numbers the standings of one run. Where one was met in two ways both are asked, until they have agreed often enough. */
function newStandings(begins: Standing): Standings {
  const known = new Map<string, number>()
  const all: { readonly met: Standing[]; asked: number }[] = []
  const numberOf = (standing: Standing): number => {
    const stand = kept(known, signOf(standing), () => all.push({ met: [], asked: 0 }) - 1)
    const { met } = of(all, stand)
    if (met.length < 2) met.push(standing)
    return stand
  }
  const answerOf = ({ to, decided, events }: Outcome): Answer => {
    const { locks, place } = to.state
    return { stand: numberOf(to), token: locks?.token ?? 0, place: place ?? 0, decided, events }
  }
  numberOf(begins)
  return {
    first: (stand) => of(of(all, stand).met, 0),
    ask(stand, ask) {
      const one = of(all, stand)
      const first = answerOf(ask(of(one.met, 0)))
      const [, second] = one.met
      if (second === undefined || one.asked >= MOST_ASKED) return first
      one.asked += 1
      const other = answerOf(ask(second))
      if (JSON.stringify(other) === JSON.stringify(first)) return first
      throw new Error(`two runs that stand alike do not decide alike: ${JSON.stringify([first, other])}`)
    },
  }
}

const MOST_ASKED = 40

/** What each run wants, as bits of all that any of them wants. */
function coversOf(wishes: readonly Wish[]): readonly number[] {
  const all = [...new Set(wishes.flatMap(({ covers }) => covers))]
  return wishes.map(({ covers }) => covers.reduce((sum, one) => sum | (1 << all.indexOf(one)), 0))
}

/** What was made once. */
export function kept<T>(all: Map<string, T>, key: string, make: () => T): T {
  const known = all.get(key)
  if (known !== undefined) return known
  const made = make()
  all.set(key, made)
  return made
}

/** The member of a list that is known to be there. */
export function of<T>(all: readonly T[], i: number): T {
  const one = all[i]
  if (one === undefined) throw new Error(`there is no member ${i} of ${all.length}`)
  return one
}
