import { plus } from '../../domain/clock.ts'
import type { Sha256 } from '../../domain/hash.ts'
import type { Instant } from '../../domain/ids.ts'
import {
  evolveReplay,
  type LogReplayed,
  MOST_PARTINGS,
  neverReplayed,
  PASS_MS,
  REPLAY_STREAM,
  type ReplayState,
} from '../../domain/replay-stream.ts'
import { chain, type EventEnvelope } from '../../domain/run/envelope.ts'
import { inTurns } from '../in-turns.ts'
import type { Ledger } from '../ledger.ts'
import type { Clock } from '../ports.ts'
import type { Log } from '../worker.ts'
import type { Found } from './redecide.ts'
import { walkLog } from './walk-log.ts'

export type ReplayRounds = {
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: Log
  /** The digest of the engine that runs. */
  readonly engine: Sha256
}

/** The server's own look at its log: each part of it is decided again soon after it was written, and once a day anew. */
export type ReplayWatch = {
  /** Decides the next part again. `idle`: nothing was written since, and the day is not over. */
  round(): Promise<'replayed' | 'idle'>
  /** How many recorded decisions do not follow, as far as is known here. */
  standing(): { readonly divergences: number; readonly next: number }
}

/** One round decides about so many events, so that the server has its hands free for its work. */
const ROUND_EVENTS = 2000

type Tail = { readonly count: number; readonly last: EventEnvelope | undefined; readonly state: ReplayState }

/** The cursor is on record: another server, or this one after a restart, goes on where the last round ended. */
export function watchReplay(rounds: ReplayRounds): ReplayWatch {
  let tail: Tail | null = null
  let state = neverReplayed
  return {
    standing: () => ({ divergences: state.partings.length, next: state.last?.next ?? 1 }),
    async round() {
      const at = tail ?? (await readTail(rounds.ledger))
      tail = null
      state = at.state
      const replayed = await replayPart(rounds, at.state)
      tail = replayed === null ? at : await record(rounds, at, replayed)
      state = tail?.state ?? state
      return replayed === null ? 'idle' : 'replayed'
    },
  }
}

async function readTail(ledger: Pick<Ledger, 'read'>): Promise<Tail> {
  const events = await ledger.read(REPLAY_STREAM)
  return { count: events.length, last: events.at(-1), state: events.reduce(evolveReplay, neverReplayed) }
}

async function replayPart({ ledger, clock, engine }: ReplayRounds, state: ReplayState): Promise<LogReplayed | null> {
  const pass = passAt(state, clock.now())
  if (!(await hasNews(ledger, pass.from))) return null
  const found: Found[] = []
  let [next, events, writer] = [pass.from, 0, pass.writer]
  for await (const walked of walkLog(ledger, { ...pass, digest: engine })) {
    found.push(...walked.found)
    next = walked.next
    writer = walked.writer
    events += walked.events
    if (events >= ROUND_EVENTS) break
  }
  const count = (kind: Found['is']) => found.filter(({ is }) => is === kind).length
  const partings = found.flatMap(({ is, pos, stream, seq, type, field }) =>
    is === 'divergence' ? [{ pos, stream, seq, type, field: field.slice(0, 200) }] : [],
  )
  return {
    ...pass,
    next,
    writer,
    engine,
    divergences: partings.length,
    changes: count('change'),
    undecided: count('undecided'),
    partings: partings.slice(0, MOST_PARTINGS),
  }
}

type Pass = Pick<LogReplayed, 'pass' | 'began' | 'from' | 'writer'>

/** The log is gone through from its beginning once a day; until then, what was written since the last round. */
function passAt({ last }: ReplayState, now: Instant): Pass {
  if (last === null) return { pass: 1, began: now, from: 1, writer: null }
  const { pass, began, next: from, writer } = last
  return plus(began, PASS_MS) > now
    ? { pass, began, from, writer }
    : { pass: pass + 1, began: now, from: 1, writer: null }
}

/** Whether anything but the record of earlier rounds stands there. */
async function hasNews(ledger: Pick<Ledger, 'log'>, from: number): Promise<boolean> {
  const page = await ledger.log(from, 10)
  return page.some(({ event }) => event.stream !== REPLAY_STREAM)
}

/** Null where another server recorded a round meanwhile: its word is as good as this one's. */
async function record({ ledger, clock, log }: ReplayRounds, at: Tail, replayed: LogReplayed): Promise<Tail | null> {
  const [event] = chain(REPLAY_STREAM, at.last, [
    { kind: 'input', type: 'LogReplayed', v: 1, data: replayed, by: 'agentos', at: clock.now() },
  ])
  if (event === undefined) return null
  const expect = [{ stream: REPLAY_STREAM, seq: at.count }]
  const outcome = await ledger.append({ expect, events: [event], effects: [], blobs: [] })
  if (outcome.is !== 'appended') return null
  for (const { stream, seq, type, field } of replayed.partings)
    log('error', 'a recorded decision does not follow from its inputs', { event: `${stream}@${seq}`, type, field })
  return { count: at.count + 1, last: event, state: evolveReplay(at.state, event) }
}

const WAITS_MS = [60_000, 30_000] as const

/** Until `signal` aborts, decides the log again, part by part, at a low pace. */
export function replayRounds(watch: Pick<ReplayWatch, 'round'>, log: Log, signal: AbortSignal): Promise<void> {
  const take = async () => void (await watch.round())
  return inTurns({ waitsMs: WAITS_MS, take, log, failed: ['error', 'the log could not be decided again'] }, signal)
}
