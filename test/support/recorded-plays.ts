import { memoryLedger } from '../../src/adapters/ledger/memory.ts'
import type { Ledger } from '../../src/app/ledger.ts'
import { mirrorsOf } from '../../src/app/mirror.ts'
import { runStream, type StreamName } from '../../src/domain/ids.ts'
import { evolveLocks, type LockState, noLocks } from '../../src/domain/lock.ts'
import { chainCausedBy, type EventEnvelope, type Unplaced } from '../../src/domain/run/envelope.ts'
import { told } from '../../src/domain/run/state.ts'
import type { Play } from './given.ts'

/** What plays wrote, in a ledger: the events of each transition with those that it means to its repository's streams. */
export async function recordedPlays(plays: readonly Play[]): Promise<Ledger> {
  const { ledger } = memoryLedger()
  for (const play of plays) await recordPlay(ledger, play)
  return ledger
}

/** One append for a whole play, whose events stand in the log as transition after transition had put them there. */
export async function recordPlay(ledger: Pick<Ledger, 'append' | 'read'>, play: Play): Promise<void> {
  const { id } = told(play.state.request, 'the request').repository
  const [locks, desk]: readonly [StreamName, StreamName] = [`locks/${id}`, `desk/${id}`]
  const past = { locks: await ledger.read(locks), desk: await ledger.read(desk) }
  const written = { locks: [...past.locks], desk: [...past.desk] }
  const events: EventEnvelope[] = []
  let seq = 0
  for (const step of play.transitions) {
    const own = play.events.slice(seq, seq + step.events.length)
    seq += step.events.length
    const [input] = own
    if (input === undefined) continue
    const line = written.locks.reduce<LockState>(evolveLocks, noLocks).queue
    const mirrors = mirrorsOf({ step, run: play.run, at: input.at, line, documents: play.shelf.documents })
    const placed = (log: EventEnvelope[], stream: StreamName, unplaced: readonly Unplaced[]) => {
      const next = chainCausedBy({ stream, last: log.at(-1), cause: input.hash }, unplaced)
      log.push(...next)
      return next
    }
    events.push(...own, ...placed(written.locks, locks, mirrors.locks), ...placed(written.desk, desk, mirrors.desk))
  }
  const outcome = await ledger.append({
    expect: [
      { stream: runStream(play.run), seq: 0 },
      { stream: locks, seq: past.locks.length },
      { stream: desk, seq: past.desk.length },
    ],
    events,
    effects: [],
    blobs: [...play.shelf.blobs].map(([sha256, bytes]) => ({ sha256, bytes })),
  })
  if (outcome.is !== 'appended') throw new Error(`the play was not recorded: ${outcome.is}`)
}
