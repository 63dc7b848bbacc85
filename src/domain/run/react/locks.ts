import { plus } from '../../clock.ts'
import type { Effect } from '../../effects.ts'
import { type Documents, readWords } from '../../packs/documents.ts'
import { Words } from '../../packs/people.ts'
import { limited, prose } from '../../text/markdown.ts'
import type { EventData } from '../events.ts'
import { type RunState, told } from '../state.ts'
import { card, say } from './card.ts'
import { observe } from './intend.ts'

/** A run is woken by whoever gives locks back; this is for the case that nobody is left to wake it, as after an expiry. */
const LOOK_AGAIN_MS = 5 * 60_000

export function onLockAwaited(state: RunState, _data: unknown, documents: Documents): readonly Effect[] {
  const about = String(told(state.wait, 'the wait').at)
  return [
    { kind: 'timer', body: { name: 'lock', about, at: plus(told(state.now, 'the time'), LOOK_AGAIN_MS) } },
    ...card(state, documents),
  ]
}

export function onLooked(
  state: RunState,
  { freed }: EventData<'LookedAgain'>,
  documents: Documents,
): readonly Effect[] {
  const unlocked = freed?.unlocked
  const told =
    freed === undefined || unlocked === undefined
      ? []
      : say(
          state,
          'unlocked',
          `**Run \`${freed.run}\` was unlocked** by ${said(documents, unlocked.words)}\n\nIt holds nothing any more, so this run goes on: every gate is asked again.`,
        )
  return [...told, observe(state, documents, 'dispatch')]
}

/** The job that held the Grant is stopped, and people on this side read why. */
export function onUnlocked(state: RunState, data: EventData<'RunUnlocked'>, documents: Documents): readonly Effect[] {
  const next =
    state.phase === 'delivered'
      ? 'What was delivered stays as it is. Another run may now change the same paths, so whoever merges second may meet conflicts. The pull request stays open: merge it as before, or close it with `/agentos rollback`.'
      : 'Its Grant is revoked, and nothing of that job can land. It asks every gate again, waits for its locks behind those who waited already, and is rebased where the base has changed. To end it: `/agentos stop`'
  return [
    ...(data.job === null ? [] : [{ kind: 'cancel-job', body: { workflowRunId: data.job } } satisfies Effect]),
    ...say(
      state,
      'unlocked',
      `**Unlocked** by ${said(documents, data.words)}\n\nThis run holds no lock any more. ${next}`,
    ),
    ...card(state, documents),
  ]
}

/** Who unlocked a run, and why, as people read it. */
function said(documents: Documents, sha256: string): string {
  const { login, text } = readWords(documents, sha256, Words)
  return `@${login}: ${prose(limited(text, MOST_OF_REASON))}`
}

const MOST_OF_REASON = 500
