import { toDocument } from '../domain/packs/documents.ts'
import type { DueRecord } from '../domain/run/decide/request.ts'
import { holdsDecision, scheduleStream } from '../domain/schedule-stream.ts'
import type { Ledger } from './ledger.ts'
import type { MakeInput } from './recording.ts'

type Made = ReturnType<MakeInput>

/**
 * A request in the name of a schedule keeps the decision that it names only where the repository's schedule holds it for
 * this very run; else the record says that there is none, whatever document came along. Red line 10 judges by that.
 */
export async function audited(ledger: Pick<Ledger, 'read'>, made: Made): Promise<Made> {
  if (made === null || made.input.type !== 'RequestReceived' || made.input.data.via.is !== 'schedule') return made
  const { data } = made.input
  const { via, run, repository, manifest } = { ...data, via: made.input.data.via }
  const events = await ledger.read(scheduleStream(repository.id))
  if (holdsDecision(events, { run, record: via.decision })) return made
  const none = toDocument({ v: 1, rule: via.rule, due: via.due, manifest, decision: 'none' } satisfies DueRecord)
  const input = { ...made.input, data: { ...data, via: { ...via, decision: none.sha256 } } }
  return { input, blobs: [...made.blobs, none] }
}
