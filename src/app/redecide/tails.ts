import type { StreamName } from '../../domain/ids.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import { readBefore, type StreamSource } from './read-before.ts'

/** Where a stream stands at a place of the log: what its events come to, and the newest of them. */
export type Tail<S> = { readonly state: S; readonly last: EventEnvelope | undefined }

/** What makes a state of a stream's events. */
export type Folding<S> = {
  readonly empty: S
  readonly fold: (state: S, event: EventEnvelope) => S
  readonly most: number
}

/** The streams that a walk over the log has come by of late; any other is read again up to where the walk stands. */
export type Tails<S> = {
  at(stream: StreamName, before: number): Promise<Tail<S>>
  /** Takes in the event that stands next in its stream. */
  follow(event: EventEnvelope): void
}

export function tails<S>(ledger: StreamSource, { empty, fold, most }: Folding<S>): Tails<S> {
  const known = new Map<StreamName, Tail<S>>()
  const keep = (stream: StreamName, tail: Tail<S>) => {
    known.delete(stream)
    known.set(stream, tail)
    const [oldest] = known.keys()
    if (known.size > most && oldest !== undefined) known.delete(oldest)
    return tail
  }
  return {
    async at(stream, before) {
      const tail = known.get(stream)
      if (tail !== undefined) return tail
      const events = await readBefore(ledger, stream, before)
      return keep(stream, { state: events.reduce(fold, empty), last: events.at(-1) })
    },
    follow(event) {
      const tail = known.get(event.stream)
      if (tail !== undefined) keep(event.stream, { state: fold(tail.state, event), last: event })
    },
  }
}
