import type { StreamName } from '../domain/ids.ts'
import { evolveLocks, type LockState, noLocks } from '../domain/lock.ts'
import type { EventEnvelope } from '../domain/run/envelope.ts'
import type { Ledger } from './ledger.ts'

/** A repository's lock stream as it stands: what its events were folded to, how many there are, and the last of them. */
export type LockLine = {
  readonly state: LockState
  readonly seq: number
  readonly last: EventEnvelope | undefined
}

export type LockLog = (repository: string) => Promise<LockLine>

const EMPTY: LockLine = { state: noLocks, seq: 0, last: undefined }
/** Beyond so many repositories the one that was looked at first is read anew. */
const MOST_KEPT = 1000

/** Folds each lock stream once, and from then on what was added to it; one that no longer holds what was read is read anew. */
export function lockLog(ledger: Pick<Ledger, 'read' | 'readBehind'>): LockLog {
  const kept = new Map<StreamName, LockLine>()
  return async (repository) => {
    const stream: StreamName = `locks/${repository}`
    const known = kept.get(stream) ?? EMPTY
    const added = known.last === undefined ? undefined : await ledger.readBehind(known.last)
    const line = added === undefined ? grown(EMPTY, await ledger.read(stream)) : grown(known, added)
    kept.delete(stream)
    const [oldest] = kept.keys()
    if (oldest !== undefined && kept.size >= MOST_KEPT) kept.delete(oldest)
    kept.set(stream, line)
    return line
  }
}

function grown(line: LockLine, added: readonly EventEnvelope[]): LockLine {
  const last = added.at(-1)
  return last === undefined ? line : { state: added.reduce<LockState>(evolveLocks, line.state), seq: last.seq, last }
}
