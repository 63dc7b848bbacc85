import type { Effect } from '../../effects.ts'
import { type Documents, readDocument } from '../../packs/documents.ts'
import { ReviewPack } from '../../packs/review-pack.ts'
import { prose } from '../../text/markdown.ts'
import { reviewCheck } from '../../text/review.ts'
import { standing } from '../../text/standing.ts'
import type { EventData } from '../events.ts'
import { type RunState, told } from '../state.ts'
import { card, say } from './card.ts'
import { keepEvidence } from './evidence.ts'

export function onRollbackDeclined(
  state: RunState,
  { because, rule, next }: EventData<'RollbackDeclined'>,
): readonly Effect[] {
  return say(
    state,
    'rollback',
    `**Not rolled back**: ${prose(because)} (rule \`${rule}\`). Nothing was changed. Next: ${prose(next)}.`,
  )
}

/** The run that was taken back says so wherever it spoke of itself; its pull request and its commits stay as they are. */
export function onRolledBack(state: RunState, _data: unknown, documents: Documents): readonly Effect[] {
  const { delivered } = state
  const pack = readDocument(documents, told(state.reviewPack, 'the ReviewPack'), ReviewPack)
  const check: readonly Effect[] =
    delivered === null
      ? []
      : [
          {
            kind: 'check',
            body: {
              name: 'agentos/review',
              head: delivered.commit,
              status: 'completed',
              conclusion: 'neutral',
              ...reviewCheck(state, documents, pack),
            },
          },
        ]
  const { headline, next } = standing(state, documents)
  return [
    ...check,
    ...say(state, 'rollback', `${headline}. ${next}.`),
    ...card(state, documents),
    keepEvidence('rolled_back'),
  ]
}

/** A merged rollback tells the run that it took back. */
export function afterRollback(
  state: RunState,
  { commit }: EventData<'RunMerged'>,
  documents: Documents,
): readonly Effect[] {
  const { planner, run } = told(state.request, 'the request')
  if (planner.is !== 'rollback') return []
  const pack = readDocument(documents, told(state.reviewPack, 'the ReviewPack'), ReviewPack)
  const { restored = [], kept = [], gone = [] } = pack.undone ?? {}
  return [
    {
      kind: 'mark-rolled-back',
      body: {
        run: planner.run,
        by: run,
        number: state.pullRequest?.number ?? null,
        commit,
        asApproved: state.merged?.same === true,
        paths: restored.length + kept.length + gone.length,
        restored: restored.length,
      },
    },
  ]
}
