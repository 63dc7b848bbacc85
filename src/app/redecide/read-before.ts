import type { StreamName } from '../../domain/ids.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import type { Ledger } from '../ledger.ts'

export type StreamSource = Pick<Ledger, 'read' | 'positions'>

/** The events of a stream that stand before a position of the log. */
export async function readBefore(
  ledger: StreamSource,
  stream: StreamName,
  before: number,
): Promise<readonly EventEnvelope[]> {
  const positions = await ledger.positions(stream)
  const count = positions.findIndex((pos) => pos >= before)
  if (count === 0) return []
  const events = await ledger.read(stream)
  return count === -1 ? events : events.slice(0, count)
}
