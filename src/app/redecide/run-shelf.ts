import type { Sha256 } from '../../domain/hash.ts'
import type { StreamName } from '../../domain/ids.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import { foldRun } from '../../domain/run/evolve.ts'
import { absent, type RunState } from '../../domain/run/state.ts'
import { namesIn } from '../blob-names.ts'
import type { Ledger } from '../ledger.ts'
import { readBefore, type StreamSource } from './read-before.ts'

type RunSource = StreamSource & Pick<Ledger, 'blobs'>

/** A run as far as it was decided again, with the documents that its next decision may look at. */
export type KnownRun = {
  readonly state: RunState
  readonly last: EventEnvelope | undefined
  readonly shown: Map<Sha256, Uint8Array>
}

/** The runs that a walk over the log has under way; those that do not fit are read again when it comes by them. */
export type RunShelf = {
  at(stream: StreamName, before: number): Promise<KnownRun>
  keep(stream: StreamName, run: KnownRun): void
}

const MOST_RUNS = 256
const MOST_BYTES = 64 * 1_048_576

export function runShelf(ledger: RunSource): RunShelf {
  const known = new Map<StreamName, { readonly run: KnownRun; readonly bytes: number }>()
  let held = 0
  const forget = (stream: StreamName) => {
    held -= known.get(stream)?.bytes ?? 0
    known.delete(stream)
  }
  return {
    at: async (stream, before) => known.get(stream)?.run ?? readRun(ledger, stream, before),
    keep(stream, run) {
      forget(stream)
      const bytes = [...run.shown.values()].reduce((sum, { length }) => sum + length, 0)
      known.set(stream, { run, bytes })
      held += bytes
      for (const oldest of known.keys()) {
        if (known.size <= MOST_RUNS && held <= MOST_BYTES) break
        forget(oldest)
      }
    },
  }
}

async function readRun(ledger: RunSource, stream: StreamName, before: number): Promise<KnownRun> {
  const events = await readBefore(ledger, stream, before)
  if (events.length === 0) return { state: absent, last: undefined, shown: new Map() }
  const shown = new Map(await ledger.blobs([...new Set(events.flatMap(({ data }) => namesIn(data)))]))
  return { state: foldRun(events), last: events.at(-1), shown }
}
