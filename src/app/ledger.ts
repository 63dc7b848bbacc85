import type { Canonical } from '../domain/canonical.ts'
import type { Sha256 } from '../domain/hash.ts'
import type { EffectKey, ForeignId, Instant, StreamName } from '../domain/ids.ts'
import type { EventEnvelope } from '../domain/run/envelope.ts'

/** `attempted` means that the call may have happened; `abandoned`, that it is not to be made any more. */
export type EffectStatus = 'due' | 'attempted' | 'done' | 'abandoned'

/** A side effect asked for by the events of the same append. `dueAt` null means at once; a time makes it a timer. */
export type IntendedEffect = {
  readonly key: EffectKey
  readonly stream: StreamName
  readonly type: string
  readonly body: { readonly [key: string]: Canonical }
  readonly dueAt: Instant | null
}

export type BlobWrite = { readonly sha256: Sha256; readonly bytes: Uint8Array }

/** What the writer believed: the number of events that a stream it touches or relies on already has. */
export type Expectation = { readonly stream: StreamName; readonly seq: number }

/** One transition: all of it is recorded, or nothing. */
export type Append = {
  readonly expect: readonly Expectation[]
  readonly events: readonly EventEnvelope[]
  readonly effects: readonly IntendedEffect[]
  readonly blobs: readonly BlobWrite[]
  /** The effect whose outcome these events record. */
  readonly settles?: EffectKey
  /** Effects not to be performed any more, or given up. One that is done stays done. */
  readonly cancels?: readonly EffectKey[]
  /** The delivery that these events answer. */
  readonly consumes?: string
}

/** `moved`: a stream is not where it was expected. `repeated`: that effect or delivery already has its outcome. */
export type AppendOutcome =
  | { readonly is: 'appended'; readonly positions: { readonly first: number; readonly last: number } | null }
  | { readonly is: 'moved'; readonly stream: StreamName }
  | { readonly is: 'repeated'; readonly what: string }

export type LoggedEvent = { readonly pos: number; readonly event: EventEnvelope }

export type Ledger = {
  read(stream: StreamName): Promise<readonly EventEnvelope[]>
  /** The events of a stream behind one that was read before; undefined where that one does not stand there any more. */
  readBehind(event: EventEnvelope): Promise<readonly EventEnvelope[] | undefined>
  /** Where in the log the events of a stream stand, in their order. */
  positions(stream: StreamName): Promise<readonly number[]>
  append(append: Append): Promise<AppendOutcome>
  blob(sha256: Sha256): Promise<Uint8Array | undefined>
  blobs(sha256s: readonly Sha256[]): Promise<ReadonlyMap<Sha256, Uint8Array>>
  putBlob(bytes: Uint8Array): Promise<Sha256>
  streams(prefix: string): Promise<readonly StreamName[]>
  /** The events from position `from` on, that position included. */
  log(from: number, limit: number): Promise<readonly LoggedEvent[]>
  head(): Promise<{ readonly pos: number; readonly hash: Sha256 } | undefined>
}

export type ReadLedger = Omit<Ledger, 'append' | 'putBlob'>

/** `attempts` made so far: above zero, the performer first looks for the result of an earlier one. */
export type TakenEffect = IntendedEffect & { readonly attempts: number }

export type ListedEffect = IntendedEffect & {
  readonly status: EffectStatus
  readonly attempts: number
  readonly readyAt: Instant
  readonly reason: string | null
}

/**
 * Effects to perform, one at a time per stream, in order. Only a timer neither waits for the effects before it nor holds
 * up those behind it.
 */
export type EffectQueue = {
  /** Leases the stream of the next effect that is due to `owner`, a name no other worker uses. */
  take(owner: string, now: Instant, leaseMs: number): Promise<TakenEffect | undefined>
  /** Records the attempt before the call. False: the lease is lost or the effect is closed, so the call must not be made. */
  attempt(key: EffectKey, owner: string, now: Instant): Promise<boolean>
  /** False: the effect is closed already. */
  retryAt(key: EffectKey, dueAt: Instant, reason: string): Promise<boolean>
  /** False: another worker has the lease. */
  renew(stream: StreamName, owner: string, until: Instant): Promise<boolean>
  release(stream: StreamName, owner: string): Promise<void>
  list(stream: StreamName): Promise<readonly ListedEffect[]>
  /** Resolves when there may be an effect to take, when `signal` aborts, and in any case after `atMostMs`. */
  waitForWork(signal: AbortSignal, atMostMs: number): Promise<void>
  /** The earliest moment at which an effect can be taken. */
  nextDue(): Promise<Instant | undefined>
}

/** A webhook delivery. `semanticKey` says what it means, so that the same news under another id is seen to be the same. */
export type Delivery = {
  readonly deliveryId: string
  readonly repository: ForeignId | null
  readonly event: string
  readonly semanticKey: string
  readonly payload: Uint8Array
  readonly receivedAt: Instant
}

/** `takes` counts how often this delivery was taken, this time included. */
export type TakenDelivery = Delivery & { readonly takes: number }

/** Deliveries are kept before GitHub hears 200, and handled in order of arrival within a repository. */
export type Inbox = {
  receive(delivery: Delivery): Promise<'new' | 'duplicate'>
  next(owner: string, now: Instant, leaseMs: number): Promise<TakenDelivery | undefined>
  /** Resolves when there may be a delivery to take, when `signal` aborts, and in any case after `atMostMs`. */
  waitForNext(signal: AbortSignal, atMostMs: number): Promise<void>
  /** How many deliveries nobody has answered yet. */
  waiting(): Promise<number>
  /** Closes a delivery that leads to no append. */
  handled(deliveryId: string): Promise<void>
}

/** What one stream's events say about its effects; only the app, which knows the catalogue, can tell. */
export type ProjectedEffect = IntendedEffect & { readonly status: 'due' | 'done' | 'abandoned' }
export type EffectProjector = (stream: StreamName, events: readonly EventEnvelope[]) => readonly ProjectedEffect[]

/** The effects are a view of the log. An effect still open after a rebuild counts as attempted: nobody knows. */
export type Projections = {
  /** Every stream that an effect is kept of, whether or not it has an event. */
  streams(): Promise<readonly StreamName[]>
  drop(): Promise<void>
  rebuild(project: EffectProjector): Promise<number>
}

/** The newest signed state of the log, as servers keep it beside the log: the text of a checkpoint file. */
export type Checkpoints = {
  newest(): Promise<string | undefined>
  keep(file: string): Promise<void>
}

/** A store as it stands at one moment, to be looked at. */
export type StoreAtOnce = {
  readonly ledger: ReadLedger
  readonly queue: Pick<EffectQueue, 'list'>
  readonly projections: Pick<Projections, 'streams'>
  readonly checkpoints: Pick<Checkpoints, 'newest'>
}

/** Looks at a store while others may be recording. Nothing but what is handed to `look` may be asked meanwhile. */
export type Snapshot = <T>(look: (store: StoreAtOnce) => Promise<T>) => Promise<T>

/** The store cannot be reached or broke off; nothing of the call was recorded. */
export class LedgerUnavailable extends Error {
  override readonly name = 'LedgerUnavailable'
}

/** The connection was lost while committing: whether the append is recorded is known only by reading again. */
export class AppendUncertain extends Error {
  override readonly name = 'AppendUncertain'
}

/** An append that contradicts itself or the chain it continues. Always a bug on our side. */
export class AppendRefused extends Error {
  override readonly name = 'AppendRefused'
}

/** What the store holds is not what was recorded. */
export class LedgerCorrupt extends Error {
  override readonly name = 'LedgerCorrupt'
}
