import type { EffectKey, RunId } from '../domain/ids.ts'
import type { LockFacts } from '../domain/lock.ts'
import type { Documents, NewBlob } from '../domain/packs/documents.ts'
import type { Transition } from '../domain/run/coordinator.ts'
import type { EventEnvelope } from '../domain/run/envelope.ts'
import type { RunInput } from '../domain/run/events.ts'
import type { RunState } from '../domain/run/state.ts'
import type { Expectation } from './ledger.ts'

/** Where a run stands when an input is about to be recorded. */
export type Before = {
  readonly state: RunState
  readonly events: readonly EventEnvelope[]
  readonly documents: Documents
  readonly locks: LockFacts
}

/** An input made against what is on record; null when there is nothing to record after all. */
export type MakeInput = (before: Before) => { readonly input: RunInput; readonly blobs: readonly NewBlob[] } | null

export type Recording = {
  readonly run: RunId
  readonly repository: string
  readonly make: MakeInput
  readonly settles?: EffectKey
  readonly consumes?: string
  /** Another stream that the input was made from: where that has moved since, nothing is recorded. */
  readonly upon?: Expectation
}

export type Recorded = {
  readonly transition: Transition
  readonly events: readonly EventEnvelope[]
  /** Whether the run gave locks, or its place in the line, back. */
  readonly freed: boolean
} | null

/** Records one input of a run with everything that follows from it, in one transaction. */
export type Journal = {
  record(recording: Recording): Promise<Recorded>
  load(
    run: RunId,
  ): Promise<{ readonly state: RunState; readonly events: readonly EventEnvelope[]; readonly documents: Documents }>
}
