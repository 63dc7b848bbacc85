import type { Session } from '../../../src/adapters/ledger/database.ts'
import { canonicalJson } from '../../../src/domain/canonical.ts'
import { chain, type EventEnvelope } from '../../../src/domain/run/envelope.ts'
import { rechained } from '../../app/evidence/rechain.ts'
import { storeIn } from './store-in.ts'

export const AT = '2026-11-20T12:00:00.000Z'

/** Writes events over those of a stream, their rows and positions included. */
async function overwrite(session: Session, stream: string, events: readonly EventEnvelope[]): Promise<void> {
  for (const event of events)
    await session.query(
      'update agentos.event set hash = $3, prev_hash = $4, body = $5 where stream = $1 and seq = $2',
      [stream, event.seq, event.hash, event.prevHash, canonicalJson(event)],
    )
}

/** A stream told otherwise, its chain computed anew. */
export const rebuilt =
  (stream: string, said: (event: EventEnvelope) => EventEnvelope['data']) =>
  async (session: Session): Promise<void> => {
    const events = await storeIn(session).ledger.read(stream)
    await overwrite(session, stream, rechained(events, said))
  }

/** Puts an event behind the log as the database's rights alone allow it: chained, and signed by nobody. */
export const appended =
  (stream: string, type: string, data: EventEnvelope['data'] = {}) =>
  async (session: Session): Promise<void> => {
    const past = await storeIn(session).ledger.read(stream)
    const [event] = chain(stream, past.at(-1), [{ kind: 'input', type, v: 1, data, by: 'agentos', at: AT }])
    if (event === undefined) throw new Error('chain made no event')
    await insert(session, event, '(select max(pos) + 1 from agentos.event)')
  }

async function insert(session: Session, event: EventEnvelope, pos: string): Promise<void> {
  await session.query(
    `insert into agentos.event (pos, stream, seq, hash, prev_hash, body) values (${pos}, $1, $2, $3, $4, $5)`,
    [event.stream, event.seq, event.hash, event.prevHash, canonicalJson(event)],
  )
}

/** A run put between others: what stood behind it moves back. */
export async function slippedIn(session: Session): Promise<void> {
  const [event] = chain('run/3123456789', undefined, [
    { kind: 'input', type: 'ThingObserved', v: 1, data: {}, by: 'agentos', at: AT },
  ])
  if (event === undefined) throw new Error('chain made no event')
  await session.script('update agentos.event set pos = pos + 100000 where pos >= 3')
  await insert(session, event, '3')
  await session.script('update agentos.event set pos = pos - 99999 where pos >= 100000')
}
