import { nextInLine } from '../domain/lock.ts'
import type { RunDecision } from '../domain/run/events.ts'
import { JournalBusy } from './journal.ts'
import type { Ledger } from './ledger.ts'
import { type LockLog, lockLog } from './lock-log.ts'
import type { Journal, Recorded, Recording } from './recording.ts'

/**
 * A journal that wakes those who wait: when a run gives its locks or its place in the line back, each run whose turn has
 * come is told in its own stream. Should this process end in between, their own timer makes them look again.
 */
export function wakingJournal(journal: Journal, ledger: Pick<Ledger, 'read' | 'readBehind'>): Journal {
  const locks = lockLog(ledger)
  return {
    load: journal.load,
    async record(recording) {
      const recorded = await journal.record(recording)
      if (recorded?.freed === true) await wakeNext(journal, locks, { recording, recorded })
      return recorded
    },
  }
}

type Freeing = { readonly recording: Recording; readonly recorded: NonNullable<Recorded> }

async function wakeNext(
  journal: Journal,
  locks: LockLog,
  { recording: { run: from, repository }, recorded }: Freeing,
): Promise<void> {
  const at = recorded.transition.state.now
  if (at === null) return
  const { state } = await locks(repository)
  const { unlocked } = unlockIn(recorded.transition.decisions)
  const freed = { run: from, ...(unlocked === undefined ? {} : { unlocked }) }
  for (const { run } of nextInLine(state, at)) {
    if (run === from) continue
    try {
      await journal.record({
        run,
        repository,
        make: ({ state, locks }) =>
          state.phase === 'waiting_for_lock'
            ? { blobs: [], input: { type: 'LockFreed', by: 'agentos', at, data: { freed, locks } } }
            : null,
      })
    } catch (error) {
      // What freed the locks is on record already; the timer of the waiting run makes it look again.
      if (!(error instanceof JournalBusy)) throw error
    }
  }
}

type Unlocked = { readonly unlocked?: { readonly by: string; readonly words: string } }

function unlockIn(decisions: readonly RunDecision[]): Unlocked {
  for (const decision of decisions)
    if (decision.type === 'RunUnlocked') return { unlocked: { by: decision.data.by, words: decision.data.words } }
  return {}
}
