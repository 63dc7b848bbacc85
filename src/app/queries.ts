import type { EffectQueue, Ledger } from './ledger.ts'
import { type Counts, type RunRow, runIndex } from './queries/run-index.ts'
import { type RunView, runViewer } from './queries/run-view.ts'
import type { Journal } from './recording.ts'

/** What people and programs may ask about runs. Nothing here writes. */
export type Queries = {
  /** Newest first. */
  listRuns(): Promise<readonly RunRow[]>
  /** Null for an id that names no run, malformed ones included. */
  showRun(id: string): Promise<RunView | null>
  counts(): Promise<Counts>
}

export function queries(store: {
  readonly ledger: Ledger
  readonly queue: EffectQueue
  readonly journal: Journal
}): Queries {
  return { ...runIndex(store), showRun: runViewer(store) }
}
