import type { EventEnvelope } from '../../domain/run/envelope.ts'
import { parseData } from '../../domain/run/events.ts'
import { told } from '../../domain/run/state.ts'
import type { Clock, Performer } from '../ports.ts'
import type { Journal } from '../recording.ts'

type Parts = { readonly journal: Journal; readonly clock: Clock }

/** Records on the run that was taken back that it was. A second attempt finds it recorded and adds nothing. */
export function markRolledBackPerformer({ journal, clock }: Parts): Performer<'mark-rolled-back'> {
  return async ({ body, repository }) => {
    const { run, ...facts } = body
    await journal.record({
      run,
      repository: repository.id,
      make: ({ state, events, locks }) =>
        state.phase !== 'merged' || state.request?.repository.id !== repository.id || isTold(events, body.by)
          ? null
          : {
              blobs: [],
              input: { type: 'RollbackMerged', by: 'agentos', at: clock.now(), data: { ...facts, locks } },
            },
    })
    const { state } = await journal.load(run)
    const isMarked = state.phase === 'rolled_back' && told(state.end, 'the end').because.includes(body.by)
    return { result: { is: isMarked ? 'marked' : 'not-merged' }, blobs: [] }
  }
}

/** A merge that took nothing back leaves the run merged, so that its phase alone does not say whether it was told. */
function isTold(events: readonly EventEnvelope[], by: string): boolean {
  return events.some(({ type, data }) => type === 'RollbackMerged' && parseData(type, data).by === by)
}
