import { isSame } from '../../domain/canonical.ts'
import { type DeskState, emptyDesk, evolveDesk } from '../../domain/desk.ts'
import type { Sha256 } from '../../domain/hash.ts'
import { evolveLocks, noLocks } from '../../domain/lock.ts'
import { type Documents, documentsOf } from '../../domain/packs/documents.ts'
import { redactedIn } from '../../domain/redaction.ts'
import { transition } from '../../domain/run/coordinator.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import { evolve } from '../../domain/run/evolve.ts'
import { evolveSchedule, unseen } from '../../domain/schedule-stream.ts'
import { namesIn } from '../blob-names.ts'
import { type Ledger, LedgerUnavailable } from '../ledger.ts'
import type { Core } from '../replay.ts'
import { type Difference, failure, firstDifference, noInput } from './difference.ts'
import type { LoggedTransition } from './log-transitions.ts'
import { type Beside, type Made, makeBeside, makeRun } from './make-again.ts'
import { type KnownRun, type RunShelf, runShelf } from './run-shelf.ts'
import { tails } from './tails.ts'

/**
 * What of a transition does not come out again. Another engine may decide otherwise, which is a change; but what it
 * recorded must be readable. What rests on a blob that the stream says was erased is undecided.
 */
export type Found = Difference & { readonly is: 'divergence' | 'change' | 'undecided'; readonly pos: number }

/**
 * The digest of the engine that decides again, and of the one that began the newest run before the walk: streams that pin
 * no engine are taken to be written by that.
 */
export type Redeciding = { readonly digest: Sha256; readonly writer: Sha256 | null; readonly core?: Core }

/** Decides transitions again, in the order of the log; `documents` are those that their inputs name. */
export type Redecider = {
  decide(logged: LoggedTransition, documents: Documents): Promise<Found | undefined>
  /** The digest of the engine that began the newest run so far. */
  writer(): Sha256 | null
}

type Desk = Beside & { readonly ledger: Pick<Ledger, 'read' | 'blobs'>; readonly core: Core; readonly runs: RunShelf }
type At = { readonly logged: LoggedTransition; readonly input: EventEnvelope }

const MOST_REPOSITORIES = 64

export function redecider(ledger: Pick<Ledger, 'read' | 'positions' | 'blobs'>, redeciding: Redeciding): Redecider {
  const desk: Desk = {
    ledger,
    core: redeciding.core ?? transition,
    runs: runShelf(ledger),
    locks: tails(ledger, { empty: noLocks, fold: evolveLocks, most: MOST_REPOSITORIES }),
    desks: tails(ledger, { empty: emptyDesk, fold: whatWasSaid, most: MOST_REPOSITORIES }),
    schedules: tails(ledger, { empty: unseen, fold: evolveSchedule, most: MOST_REPOSITORIES }),
  }
  let writer = redeciding.writer
  return {
    writer: () => writer,
    async decide(logged, documents) {
      const { difference, engine, because } = await compared(desk, logged, documents)
      if (engine !== null) writer = engine
      follow(desk, logged)
      if (difference === undefined) return undefined
      const isOurs = because === 'unreadable' || (engine ?? writer ?? redeciding.digest) === redeciding.digest
      const is = because === 'erased' ? 'undecided' : isOurs ? 'divergence' : 'change'
      return { is, pos: logged.from, ...difference }
    },
  }
}

/** The index of runs plays no part in what a desk decides, and it grows with every run. */
function whatWasSaid(state: DeskState, event: EventEnvelope): DeskState {
  return event.type === 'CommandSeen' ? evolveDesk(state, event) : state
}

/** The streams of repositories go on as recorded, whatever came out. */
function follow({ locks, desks, schedules }: Desk, { events }: LoggedTransition): void {
  for (const event of events) {
    const [kind] = event.stream.split('/')
    if (kind === 'locks') locks.follow(event)
    if (kind === 'desk') desks.follow(event)
    if (kind === 'schedule') schedules.follow(event)
  }
}

/** `engine` is the digest that the transition's own run pins; null outside of runs, and where the record cannot be folded. */
type Compared = {
  readonly difference: Difference | undefined
  readonly engine: Sha256 | null
  readonly because?: 'unreadable' | 'erased'
}

async function compared(desk: Desk, logged: LoggedTransition, documents: Documents): Promise<Compared> {
  const [input] = logged.events
  if (input === undefined) return { difference: undefined, engine: null }
  if (input.kind !== 'input') return { difference: noInput(input), engine: null }
  if (input.stream.startsWith('run/')) return compareRun(desk, { logged, input }, documents)
  const made = await attempt(() => makeBeside(desk, { ...logged, input }, documents))
  return { difference: made instanceof Error ? failure(input, made) : differing(logged, made, documents), engine: null }
}

async function compareRun(desk: Desk, at: At, documents: Documents): Promise<Compared> {
  const { logged, input } = at
  const run = await attempt(() => desk.runs.at(input.stream, logged.from))
  if (run instanceof Error) return { difference: failure(input, run), engine: null, because: 'unreadable' }
  for (const name of namesIn(input.data)) show(run, name, documents(name))
  const missed = new Set<Sha256>()
  const shown = watched(run.shown, missed)
  const made = await attempt(() => makeRun(desk, { ...logged, input }, { run, core: desk.core, shown }))
  if (made instanceof Error || !isSame(logged.events, made.events))
    return differentRun(desk, run, { ...at, made, missed })
  for (const { sha256, bytes } of made.blobs) show(run, sha256, bytes)
  const last = made.events.findLast(({ stream }) => stream === input.stream)
  desk.runs.keep(input.stream, { state: made.state, last, shown: run.shown })
  return { difference: undefined, engine: engineOf(made) }
}

/** What is shown to the core, noting each document that it asks for in vain. */
function watched(shown: ReadonlyMap<Sha256, Uint8Array>, missed: Set<Sha256>): Documents {
  return (sha256) => {
    const bytes = shown.get(sha256)
    if (bytes === undefined) missed.add(sha256)
    return bytes
  }
}

type Different = At & { readonly made: Made | Error; readonly missed: ReadonlySet<Sha256> }

async function differentRun(desk: Desk, run: KnownRun, at: Different): Promise<Compared> {
  const { logged, input, made, missed } = at
  const next = await attempt(() => asRecorded(desk, run, at))
  if (next instanceof Error) return { difference: failure(input, next), engine: null, because: 'unreadable' }
  desk.runs.keep(input.stream, next)
  const recorded: Documents = (sha256) => next.shown.get(sha256)
  const difference = made instanceof Error ? failure(input, made) : differing(logged, made, recorded)
  const erased = missed.size === 0 ? new Map() : redactedIn(await desk.ledger.read(input.stream))
  const isErased = [...missed].some((sha256) => erased.has(sha256))
  return { difference, engine: engineOf(next), ...(isErased ? { because: 'erased' } : {}) }
}

function engineOf({ state: { request } }: Pick<KnownRun, 'state'>): Sha256 | null {
  return request === null ? null : request.engine.digest
}

/** What comes after a difference is decided from what is on record, so that each difference is found by itself. */
async function asRecorded({ ledger }: Desk, run: KnownRun, { logged, input }: At): Promise<KnownRun> {
  const own = logged.events.filter(({ stream }) => stream === input.stream)
  const shown = new Map([...run.shown, ...(await ledger.blobs([...new Set(own.flatMap(({ data }) => namesIn(data)))]))])
  return { state: own.reduce(evolve, run.state), last: own.at(-1), shown }
}

/** Stream by stream, the run's own first: what one of them lacks is not taken for what another one has. */
function differing({ events }: LoggedTransition, made: Made, documents: Documents): Difference | undefined {
  const sides = { recorded: documents, now: documentsOf(made.blobs, documents) }
  for (const name of new Set([...events, ...made.events].map(({ stream }) => stream))) {
    const [was, is] = [events, made.events].map((all) => all.filter(({ stream }) => stream === name))
    const difference = firstDifference(was ?? [], is ?? [], sides)
    if (difference !== undefined) return difference
  }
  return undefined
}

function show({ shown }: KnownRun, sha256: Sha256, bytes: Uint8Array | undefined): void {
  if (bytes !== undefined) shown.set(sha256, bytes)
}

/** A core that throws, or a record that cannot be read, is something found; a store that is gone ends the walk. */
async function attempt<T>(make: () => Promise<T>): Promise<T | Error> {
  try {
    return await make()
  } catch (error) {
    if (error instanceof Error && !(error instanceof LedgerUnavailable)) return error
    throw error
  }
}
