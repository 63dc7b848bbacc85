import { chain, type EventEnvelope, type Unplaced } from '../../../src/domain/run/envelope.ts'
import { RUN } from '../../support/builders.ts'

/** The events changed and chained anew, as someone would who has no key: every hash and cause is right again. */
export function rechained(
  events: readonly EventEnvelope[],
  change: (event: EventEnvelope) => EventEnvelope['data'],
): EventEnvelope[] {
  const groups: Unplaced[][] = []
  for (const event of events) {
    const { kind, type, v, by, at } = event
    if (kind === 'input') groups.push([])
    groups.at(-1)?.push({ kind, type, v, by, at, data: change(event) })
  }
  const stream = events[0]?.stream ?? `run/${RUN}`
  const placed: EventEnvelope[] = []
  for (const group of groups) placed.push(...chain(stream, placed.at(-1), group))
  return placed
}
