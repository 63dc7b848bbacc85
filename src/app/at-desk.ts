import { type DeskDecision, type DeskState } from '../domain/desk.ts'
import type { RepositoryRef } from '../domain/effects.ts'
import { type NewBlob } from '../domain/packs/documents.ts'
import { effectKey } from '../domain/run/coordinator.ts'
import { chain } from '../domain/run/envelope.ts'
import { deskOf, type Intake } from './intake-parts.ts'
import { JournalBusy } from './journal.ts'

const MOST_TRIES = 20

type DeskCall = {
  readonly deliveryId: string
  readonly blobs: readonly NewBlob[]
  readonly decide: (state: DeskState, at: string) => DeskDecision
}

export async function atDesk(
  intake: Intake,
  repository: RepositoryRef,
  { deliveryId, blobs, decide }: DeskCall,
): Promise<void> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { stream, events: past, state } = await deskOf(intake, repository)
    const { events, effects } = decide(state, intake.clock.now())
    const placed = chain(stream, past.at(-1), events)
    const seq = placed.at(-1)?.seq ?? 0
    const outcome = await intake.ledger.append({
      expect: [{ stream, seq: past.length }],
      events: placed,
      effects: effects.map((effect, ordinal) => ({
        key: effectKey(repository.id, seq, ordinal),
        stream,
        type: effect.kind,
        body: JSON.parse(JSON.stringify(effect.body)),
        dueAt: null,
      })),
      blobs,
      consumes: deliveryId,
    })
    if (outcome.is !== 'moved') return
  }
  throw new JournalBusy(`the desk of ${repository.id} moved ${MOST_TRIES} times under this writer`)
}
