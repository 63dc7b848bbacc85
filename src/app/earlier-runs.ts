import type { RepositoryRef } from '../domain/effects.ts'
import { RunId, runStream } from '../domain/ids.ts'
import type { MemoryItem } from '../domain/packs/memory-pack.ts'
import type { Ledger } from './ledger.ts'

const NEWEST = 20
const OUTCOMES: ReadonlySet<string> = new Set([
  'RunMerged',
  'RunDelivered',
  'RunRefused',
  'RunFailed',
  'RunCancelled',
  'RunExpired',
  'RunClosed',
])

/** How the repository's earlier runs ended, newest first: each with the event that says so. */
export function earlierRuns(
  ledger: Pick<Ledger, 'read'>,
): (repository: RepositoryRef) => Promise<readonly MemoryItem[]> {
  return async (repository) => {
    const desk = await ledger.read(`desk/${repository.id}`)
    const runs = desk.filter((event) => event.type === 'RunOpened').map((event) => RunId.parse(event.data['run']))
    const items: MemoryItem[] = []
    for (const run of runs.toReversed().slice(0, NEWEST)) {
      const events = await ledger.read(runStream(run))
      const outcome = events.findLast((event) => OUTCOMES.has(event.type))
      if (outcome === undefined) continue
      const { stream, seq, hash, type } = outcome
      items.push({ type: 'outcome', name: `run ${run}`, value: type, source: { is: 'event', stream, seq, hash } })
    }
    return items
  }
}
