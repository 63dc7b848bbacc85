import { isFreeing } from '../../../src/app/mirror.ts'
import { isFinal } from '../../../src/domain/run/state.ts'
import { type Act, acts, type Kind } from './acts.ts'
import { LEASE } from './line.ts'
import { type Model, of, type Taken } from './model.ts'
import { faultInAct } from './promises.ts'
import { NO_BOOK, NO_PART, type RunAt, type State, seqOf } from './state.ts'

/** What may happen in the space that is explored. */
export type Bounds = {
  readonly kinds: ReadonlySet<Kind>
  /** Whether time passes, so that leases expire. */
  readonly expires: boolean
  /** Whether a process may end after it gave locks back and before it woke who waits. */
  readonly dies: boolean
}

export type Step = {
  readonly label: string
  readonly kind: Kind
  readonly to: State
  /** The promise that this step breaks. */
  readonly fault: string | null
}

export function firstOf({ runs }: Model): State {
  const run: RunAt = {
    stand: 0,
    token: 0,
    place: 0,
    moved: 0,
    isWoken: false,
    wakes: false,
    part: NO_PART,
    book: NO_BOOK,
  }
  return { runs: runs.map(() => run), issued: 0 }
}

/** Everything that can happen next. */
export function* stepsFrom(model: Model, state: State, bounds: Bounds): Generator<Step> {
  for (const [run, own] of state.runs.entries()) {
    yield* actsOf(model, { state, run, own }, bounds)
    yield* wakesOf(model, { state, run, own }, bounds)
  }
  if (bounds.expires && state.runs.some(({ part, book }) => part.left > 0 || book.left > 0))
    yield { label: 'three hours pass', kind: 'timer', to: later(state), fault: null }
}

type At = { readonly state: State; readonly run: number; readonly own: RunAt }

function* actsOf(model: Model, at: At, { kinds }: Bounds): Generator<Step> {
  const standing = model.standing(at.run, at.own.stand)
  if (isFinal(standing.state.phase) || standing.state.phase === 'merged') return
  for (const act of ACTS) {
    const { kind, isOpen } = acts[act]
    if (act === 'be woken' || !kinds.has(kind) || !isOpen(standing) || !isTrue(act, at.own)) continue
    yield acted(model, at, act)
  }
}

const ACTS = Object.keys(acts).filter((name): name is Act => name in acts)

/** A look says what stands there; one that was under way when the base moved says either. */
function isTrue(act: Act, { moved }: RunAt): boolean {
  if (act === 'look') return moved !== 1
  return act !== 'look at a moved base' || moved !== 0
}

function* wakesOf(model: Model, at: At, { dies }: Bounds): Generator<Step> {
  const { state, run, own } = at
  const name = nameOf(model, run)
  if (own.wakes) {
    const next = model.next(state)
    const runs = replaced(state.runs, run, { ...own, wakes: false })
    const to = runs.map((one, i) =>
      i !== run && next.includes(of(model.runs, i).wish.run) ? { ...one, isWoken: true } : one,
    )
    yield { label: `${name}: see who is next`, kind: 'machine', to: { ...state, runs: to }, fault: null }
    if (dies)
      yield {
        label: `${name}: its process ends before it sees who is next`,
        kind: 'stale',
        to: { ...state, runs },
        fault: null,
      }
  }
  if (!own.isWoken) return
  const asleep = { ...own, isWoken: false }
  const runs = replaced(state.runs, run, asleep)
  const isWaiting = model.standing(run, own.stand).state.phase === 'waiting_for_lock'
  if (isWaiting) yield acted(model, { run, own: asleep, state: { ...state, runs } }, 'be woken')
  if (dies || !isWaiting)
    yield { label: `${name}: is not woken`, kind: isWaiting ? 'stale' : 'machine', to: { ...state, runs }, fault: null }
}

export function nameOf({ runs }: Model, run: number): string {
  return of(runs, run).wish.run.slice(0, 1)
}

function replaced(runs: readonly RunAt[], run: number, by: RunAt): RunAt[] {
  return runs.map((one, i) => (i === run ? by : one))
}

function later({ runs, issued }: State): State {
  const less = (n: number) => Math.max(0, n - 1)
  return {
    issued,
    runs: runs.map((one) => ({
      ...one,
      part: { ...one.part, left: less(one.part.left) },
      book: { ...one.book, left: less(one.book.left) },
    })),
  }
}

/** One run acts: the product decides and writes, and the books are kept beside it. */
function acted(model: Model, { state, run, own }: At, act: Act): Step {
  const taken = model.take(state, run, act)
  const { phase } = model.standing(run, taken.stand).state
  const hasEnded = isFinal(phase) || phase === 'merged'
  const wakes = own.wakes || taken.events.some(isFreeing)
  const numbers = hasEnded ? { token: 0, place: 0 } : { token: taken.token, place: taken.place }
  const moved = hasEnded ? 0 : movedFor(own, act, taken)
  const next: RunAt = { ...own, ...numbers, stand: taken.stand, moved, wakes, isWoken: own.isWoken && !hasEnded }
  const runs = booked(model, { state, run, own: next }, taken).map((one, i) => ({ ...one, part: of(taken.parts, i) }))
  const issued = Math.max(
    state.issued,
    ...taken.events.map(({ type, data }) => (type === 'LocksTaken' ? Number(data['token']) : 0)),
  )
  const to = { issued, runs: hasEnded ? withoutTurn(runs, run) : runs }
  const label = `${nameOf(model, run)}: ${act} (${taken.decided.filter((type) => TELLING.has(type)).join(', ')})`
  return { label, kind: acts[act].kind, to, fault: faultInAct(model, { state, run, act, taken }) }
}

const TELLING: ReadonlySet<string> = new Set([
  'LocksTaken',
  'LocksReleased',
  'LocksRenewed',
  'LockAwaited',
  'RunApproved',
  'GrantRevoked',
  'RunRebased',
  'DeliveryTaken',
  'DeliveryRequested',
  'RunDelivered',
  'RunMerged',
  'RunFailed',
  'RunRefused',
])

function movedFor({ moved }: RunAt, act: Act, { decided }: Taken): RunAt['moved'] {
  if (decided.includes('RunRebased')) return 0
  return act === 'look' && moved === 2 ? 1 : moved
}

function withoutTurn(runs: readonly RunAt[], run: number): RunAt[] {
  return runs.map((one, i) => (i === run ? { ...one, book: { ...one.book, came: 0 } } : one))
}

/** What the act means to everyone's books, from nothing but what was decided and written. */
function booked(model: Model, { state, run, own }: At, { decided, events }: Taken): RunAt[] {
  let runs = replaced(state.runs, run, own)
  const covers = of(model.covers, run)
  if (decided.includes('LockAwaited') && own.book.came === 0)
    runs = replaced(runs, run, { ...own, book: { ...own.book, came: seqOf(state) + 1 } })
  for (const { type, data } of events) {
    const { book } = of(runs, run)
    if (type === 'LocksTaken') {
      const book = { covers, token: Number(data['token']), left: LEASE, came: 0 }
      runs = runs.map((one, i) => (i === run ? { ...one, book } : { ...one, book: less(one.book, covers) }))
    }
    if (type === 'LocksRenewed' && book.covers > 0)
      runs = replaced(runs, run, { ...of(runs, run), book: { ...book, left: LEASE } })
    if (type === 'LocksReleased')
      runs = replaced(runs, run, { ...of(runs, run), book: { ...NO_BOOK, came: book.came } })
  }
  if (!decided.includes('RunMerged')) return runs
  return runs.map((one, i) =>
    i === run || !isTouched(model, run, i) ? one : { ...one, moved: movedUnder(model, i, one) },
  )
}

function less(book: RunAt['book'], covers: number): RunAt['book'] {
  const left = book.covers & ~covers
  return left === 0 ? { ...NO_BOOK, came: book.came } : { ...book, covers: left }
}

/** Whether a merge of the one changes what the other touches: a task that they have in common is no file. */
function isTouched({ runs }: Model, by: number, other: number): boolean {
  return of(runs, by).wish.covers.some((one) => one.startsWith('file ') && of(runs, other).wish.covers.includes(one))
}

function movedUnder(model: Model, run: number, { stand, moved }: RunAt): RunAt['moved'] {
  const { state, open } = model.standing(run, stand)
  if (isFinal(state.phase) || state.phase === 'merged') return 0
  if (moved === 1) return 1
  return open.some(({ effect }) => effect.kind === 'observe') ? 2 : 1
}
