import { z } from 'zod'
import { Json } from '../domain/canonical.ts'
import { plus, toEpochMs } from '../domain/clock.ts'
import { deskEvents } from '../domain/desk.ts'
import { type EffectKind, effectKinds, isEffectKind, type RepositoryRef } from '../domain/effects.ts'
import { hashOf, type Sha256, Sha256 as Sha256Schema } from '../domain/hash.ts'
import type { RunId, StreamName } from '../domain/ids.ts'
import { type Documents, type NewBlob, readDocument, toDocument } from '../domain/packs/documents.ts'
import { type BudgetUse, EFFECT_RECEIPT_TYPE, type EffectReceipt } from '../domain/receipt.ts'
import { IntendedEffects, nameOfIntended } from '../domain/run/coordinator.ts'
import { chain, type EventEnvelope } from '../domain/run/envelope.ts'
import type { EventData } from '../domain/run/events.ts'
import { foldRun } from '../domain/run/evolve.ts'
import { secretOf } from '../domain/run/secret.ts'
import { told } from '../domain/run/state.ts'
import type { SecretFilter } from '../domain/secrets/secret-filter.ts'
import { describe } from './describe.ts'
import { documentsFor } from './journal.ts'
import type { EffectQueue, Ledger, TakenEffect } from './ledger.ts'
import { cleanPerformed } from './outbound/clean-performed.ts'
import { type Clock, type Intended, type Performers, type Signer, TryLater, WillNotWork } from './ports.ts'
import type { Journal } from './recording.ts'
import { sealStatement } from './runner/statements.ts'

export type Log = (
  level: 'info' | 'warn' | 'error',
  message: string,
  about: { readonly [key: string]: string | number },
) => void

export type Worker = {
  readonly ledger: Ledger
  readonly queue: EffectQueue
  readonly journal: Journal
  readonly performers: Performers
  readonly signer: Signer
  readonly clock: Clock
  readonly log: Log
  readonly filter: SecretFilter
  /** Names this worker in leases: no two living workers share it. */
  readonly name: string
}

/** As long as a run waits after the server that worked on it is gone. */
const LEASE_MS = 15_000
/** After this many attempts an effect is given up; the waits between them double from the first. */
export const MOST_ATTEMPTS = 8
const LONGEST_WAIT_MS = 300_000

/** Performs the next due effect, if there is one. Each outcome is on record before anything relies on it. */
export async function performNext(worker: Worker): Promise<'performed' | 'idle'> {
  const taken = await takeNext(worker)
  if (taken === undefined) return 'idle'
  await performTaken(worker, taken)
  return 'performed'
}

/** The next due effect, on lease to this worker, who performs it or lets the lease run out. */
export function takeNext({ queue, clock, name }: Worker): Promise<TakenEffect | undefined> {
  return queue.take(name, clock.now(), LEASE_MS)
}

export async function performTaken(worker: Worker, taken: TakenEffect): Promise<void> {
  const { queue, clock, name } = worker
  const renewal = setInterval(() => void queue.renew(taken.stream, name, plus(clock.now(), LEASE_MS)), LEASE_MS / 3)
  try {
    await carryOut(worker, taken)
  } finally {
    clearInterval(renewal)
    await queue.release(taken.stream, name)
  }
}

async function carryOut(worker: Worker, taken: TakenEffect): Promise<void> {
  if (!isEffectKind(taken.type)) return giveUp(worker, taken, `this engine knows no effect of kind ${taken.type}`)
  if (taken.type === 'timer') return fireTimer(worker, taken)
  if (!(await worker.queue.attempt(taken.key, worker.name, worker.clock.now()))) return
  await perform(worker, taken, taken.type)
}

type Kind = Exclude<EffectKind, 'timer'>

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- K ties the performer to its result
async function perform<K extends Kind>(worker: Worker, taken: TakenEffect, kind: K): Promise<void> {
  try {
    const { intended, name } = await intendedFrom(worker, taken, kind)
    const performed = await worker.performers[kind](intended)
    await settlePerformed(worker, taken, { kind, name, ...cleanPerformed(worker.filter, performed) })
  } catch (error) {
    await settleTrouble(worker, taken, error)
  }
}

/** A later try is planned, or the effect is given up and the run told. */
async function settleTrouble(worker: Worker, taken: TakenEffect, error: unknown): Promise<void> {
  const attempts = taken.attempts + 1
  if (error instanceof WillNotWork) return giveUp(worker, taken, worker.filter.text(error.message))
  const because =
    error instanceof TryLater
      ? worker.filter.text(error.message)
      : `an unexpected ${error instanceof Error ? error.name : 'failure'}`
  if (!(error instanceof TryLater))
    worker.log('error', 'an effect failed unexpectedly', { key: taken.key, kind: taken.type, error: describe(error) })
  if (attempts >= MOST_ATTEMPTS) return giveUp(worker, taken, `${because} (tried ${attempts} times)`)
  const firstWait = error instanceof TryLater ? error.afterMs : 1000
  const wait = Math.min(LONGEST_WAIT_MS, Math.max(firstWait, firstWait * 2 ** (attempts - 1)))
  await worker.queue.retryAt(taken.key, plus(worker.clock.now(), wait), because)
}

type Found<K extends Kind> = { readonly intended: Intended<K>; readonly name: Sha256 }

/** The effect as its performer is told it, and as its receipt will name it. */
async function intendedFrom<K extends Kind>(worker: Worker, taken: TakenEffect, kind: K): Promise<Found<K>> {
  const events = await worker.ledger.read(taken.stream)
  const [, seq = '0'] = taken.key.split('/')
  const event = events[Number(seq) - 1]
  if (event === undefined) throw new TypeError(`the event of effect ${taken.key} is not there`)
  const documents = await documentsFor(worker.ledger, [...events, { data: taken.body }])
  const intended = {
    key: taken.key,
    stream: taken.stream,
    run: runIn(taken.stream),
    repository: repositoryIn(events),
    body: parseBody(kind, taken.body),
    event: { seq: event.seq, hash: event.hash },
    attempt: taken.attempts + 1,
    documents,
    secret: () => secretOf(foldRun(events), documents),
  }
  return { intended, name: nameOf({ kind, body: taken.body }, event, documents) }
}

/** A desk keeps its effects in the event itself; a run keeps them beside it, under a salt. */
function nameOf(
  effect: { readonly kind: Kind; readonly body: unknown },
  { data }: EventEnvelope,
  documents: Documents,
) {
  const kept = Sha256Schema.safeParse(data['effects'])
  return kept.success ? nameOfIntended(readDocument(documents, kept.data, IntendedEffects), effect) : hashOf(effect)
}

type BodyParsers = { readonly [K in EffectKind]: { readonly body: { parse(value: unknown): Intended<K>['body'] } } }
const bodies: BodyParsers = effectKinds

function parseBody<K extends EffectKind>(kind: K, body: unknown): Intended<K>['body'] {
  return bodies[kind].body.parse(body)
}

function runIn(stream: StreamName): RunId | null {
  return stream.startsWith('run/') ? stream.slice('run/'.length) : null
}

/** The repository that a stream's first telling event names. */
function repositoryIn(events: readonly EventEnvelope[]): RepositoryRef {
  const named = z.looseObject({ repository: deskEvents.CommandSeen.shape.repository })
  for (const event of events) {
    const parsed = named.safeParse(event.data)
    if (parsed.success) return parsed.data.repository
  }
  throw new TypeError('a stream with effects names no repository')
}

type Settling = {
  readonly kind: Kind
  readonly name: Sha256
  readonly result: unknown
  readonly blobs: readonly NewBlob[]
}

async function settlePerformed(
  worker: Worker,
  taken: TakenEffect,
  { kind, name, result, blobs }: Settling,
): Promise<void> {
  const plainResult = Json.parse(JSON.parse(JSON.stringify(result)))
  const receipt: EffectReceipt = {
    v: 1,
    key: taken.key,
    effect: kind,
    capability: kind === 'ask-model' ? parseBody('ask-model', taken.body).capability : `controller:${kind}`,
    budgets: budgetsOf(taken, kind, plainResult),
    intended: name,
    result: hashOf(plainResult),
    attempts: taken.attempts + 1,
    at: worker.clock.now(),
  }
  const envelope = toDocument(sealStatement(worker.signer, EFFECT_RECEIPT_TYPE, `effect/${taken.key}`, receipt))
  await settle(worker, taken, { is: 'performed', result: plainResult, receipt: envelope.sha256 }, [...blobs, envelope])
}

/** Every effect has a number of attempts; a question to a model also has the tokens that were set aside for its answer. */
function budgetsOf({ attempts, body }: TakenEffect, kind: Kind, result: unknown): BudgetUse[] {
  const tries = { of: 'attempts', reserved: MOST_ATTEMPTS, settled: attempts + 1 } as const
  if (kind !== 'ask-model') return [tries]
  const answer = effectKinds['ask-model'].result.parse(result)
  const settled = answer.is === 'answered' ? answer.outputTokens : 0
  return [tries, { of: 'output-tokens', reserved: parseBody('ask-model', body).maxOutputTokens, settled }]
}

function giveUp(worker: Worker, taken: TakenEffect, because: string): Promise<void> {
  worker.log('warn', 'an effect was given up', { key: taken.key, kind: taken.type, because })
  return settle(worker, taken, { is: 'failed', because: because.slice(0, 1000).toWellFormed() }, [])
}

type Outcome = EventData<'EffectSettled'>['outcome']

async function settle(worker: Worker, taken: TakenEffect, outcome: Outcome, blobs: readonly NewBlob[]): Promise<void> {
  const run = runIn(taken.stream)
  if (run === null) return settleAtDesk(worker, taken, outcome, blobs)
  const { state } = await worker.journal.load(run)
  await worker.journal.record({
    run,
    repository: told(state.request, 'the request').repository.id,
    settles: taken.key,
    make: ({ locks, state: { plan } }) => ({
      blobs,
      input: {
        type: 'EffectSettled',
        by: 'agentos',
        at: worker.clock.now(),
        data: {
          key: taken.key,
          effect: taken.type,
          attempts: taken.attempts + 1,
          outcome,
          locks: plan === null ? null : locks,
        },
      },
    }),
  })
}

const DESK_TRIES = 20

async function settleAtDesk(
  worker: Worker,
  taken: TakenEffect,
  outcome: Outcome,
  blobs: readonly NewBlob[],
): Promise<void> {
  const said = outcome.is === 'performed' ? 'performed' : outcome.because
  const receipt = outcome.is === 'performed' ? outcome.receipt : null
  for (let tries = 0; tries < DESK_TRIES; tries += 1) {
    const past = await worker.ledger.read(taken.stream)
    const data = { key: taken.key, effect: taken.type, outcome: said, receipt }
    const events = chain(taken.stream, past.at(-1), [
      { kind: 'input', type: 'EffectSettled', v: 1, data, by: 'agentos', at: worker.clock.now() },
    ])
    const expect = [{ stream: taken.stream, seq: past.length }]
    const appended = await worker.ledger.append({ expect, events, effects: [], blobs, settles: taken.key })
    if (appended.is !== 'moved') return
  }
  throw new TryLater(`the desk ${taken.stream} is busy`, 1000)
}

async function fireTimer(worker: Worker, taken: TakenEffect): Promise<void> {
  const run = runIn(taken.stream)
  const { name, about, at } = parseBody('timer', taken.body)
  if (run === null || toEpochMs(at) > toEpochMs(worker.clock.now())) return
  const { state } = await worker.journal.load(run)
  await worker.journal.record({
    run,
    repository: told(state.request, 'the request').repository.id,
    settles: taken.key,
    make: ({ locks }) => ({
      blobs: [],
      input: {
        type: 'TimerFired',
        by: 'agentos',
        at: worker.clock.now(),
        data: { key: taken.key, name, about, locks },
      },
    }),
  })
}
