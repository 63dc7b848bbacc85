import type { EffectKey, RunId } from '../domain/ids.ts'
import { runStream } from '../domain/ids.ts'
import { lockFacts } from '../domain/lock.ts'
import { keysOf } from '../domain/lock-keys.ts'
import { type Documents, documentsOf, type NewBlob, readDocument } from '../domain/packs/documents.ts'
import { Plan } from '../domain/packs/plan.ts'
import { dueAt, effectKey, type Transition, transition } from '../domain/run/coordinator.ts'
import { chain, chainCausedBy, type EventEnvelope } from '../domain/run/envelope.ts'
import { foldRun } from '../domain/run/evolve.ts'
import { isFinal, type RunState } from '../domain/run/state.ts'
import { namesIn } from './blob-names.ts'
import type { Append, EffectQueue, Expectation, IntendedEffect, Ledger, ListedEffect } from './ledger.ts'
import { type LockLog, lockLog } from './lock-log.ts'
import { mirrored } from './mirror.ts'
import type { Journal, Recorded, Recording } from './recording.ts'
import { audited } from './schedule-audit.ts'

/** The stream moved again and again under this writer: the caller tries the whole thing later. */
export class JournalBusy extends Error {
  override readonly name = 'JournalBusy'
}

const MOST_TRIES = 30

export function journal({ ledger, queue }: { readonly ledger: Ledger; readonly queue: EffectQueue }): Journal {
  const load = async (run: RunId) => {
    const events = await ledger.read(runStream(run))
    return { state: foldRun(events), events, documents: await documentsFor(ledger, events) }
  }
  const locks = lockLog(ledger)
  return {
    load,
    async record(recording) {
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const outcome = await tryRecord({ ledger, queue, locks }, recording, await load(recording.run))
        if (outcome !== 'moved') return outcome
        if (await hasMoved(ledger, recording)) return null
      }
      throw new JournalBusy(`run ${recording.run} moved ${MOST_TRIES} times under this writer`)
    },
  }
}

async function hasMoved(ledger: Ledger, { upon }: Recording): Promise<boolean> {
  return upon !== undefined && (await ledger.read(upon.stream)).length !== upon.seq
}

type Store = { readonly ledger: Ledger; readonly queue: EffectQueue; readonly locks: LockLog }
type Loaded = Awaited<ReturnType<Journal['load']>>

async function tryRecord(store: Store, recording: Recording, loaded: Loaded): Promise<Recorded | 'moved'> {
  const line = await store.locks(recording.repository)
  const locks = lockFacts(line.state, line.seq, recording.run, planLocks(loaded))
  const made = await audited(store.ledger, recording.make({ ...loaded, locks }))
  if (made === null) return null
  const recorded = await documentsFor(store.ledger, [...loaded.events, { data: made.input.data }], made.blobs)
  const step = transition(loaded.state, made.input, recorded)
  const events = chain(runStream(recording.run), loaded.events.at(-1), step.events)
  const [input] = events
  if (input === undefined) throw new JournalBusy('a transition without an input')
  const mirrors = await mirrored(store.ledger, {
    step,
    input,
    recording,
    line,
    documents: documentsOf(step.blobs, recorded),
  })
  const own = { stream: runStream(recording.run), seq: loaded.events.length }
  const expect = allExpected([own, ...mirrors.expect], recording)
  if (expect === null) return 'moved'
  const append: Append = {
    expect,
    events: [
      ...events,
      ...mirrors.events.flatMap(({ stream, last, unplaced }) =>
        chainCausedBy({ stream, last, cause: input.hash }, unplaced),
      ),
    ],
    effects: intended(recording.run, events, step),
    blobs: [...made.blobs, ...step.blobs],
    ...(recording.settles === undefined ? {} : { settles: recording.settles }),
    ...(recording.consumes === undefined ? {} : { consumes: recording.consumes }),
    cancels: await cancelled(store.queue, recording, step.state),
  }
  const outcome = await store.ledger.append(append)
  if (outcome.is === 'moved') return 'moved'
  return outcome.is === 'repeated' ? null : { transition: step, events, freed: mirrors.freed }
}

/** Null where a stream is known to have moved already. */
function allExpected(expect: readonly Expectation[], { upon }: Recording): readonly Expectation[] | null {
  const seen = expect.find(({ stream }) => stream === upon?.stream)
  if (upon === undefined || seen?.seq === upon.seq) return expect
  return seen === undefined ? [...expect, upon] : null
}

function planLocks({ state: { plan, request }, documents }: Loaded): readonly string[] {
  if (plan === null || request === null || documents(plan.hash) === undefined) return []
  return keysOf(request, readDocument(documents, plan.hash, Plan))
}

/** The rows of the effect table: the same statement that records the events asks for what follows from them. */
export function intended(
  run: RunId,
  events: readonly EventEnvelope[],
  step: Pick<Transition, 'effects'>,
): IntendedEffect[] {
  const event = events.find((one) => one.type === 'EffectsIntended')
  if (event === undefined) return []
  return step.effects.map((effect, ordinal) => ({
    key: effectKey(run, event.seq, ordinal),
    stream: runStream(run),
    type: effect.kind,
    body: JSON.parse(JSON.stringify(effect.body)),
    dueAt: dueAt(effect),
  }))
}

async function cancelled(queue: EffectQueue, { run, settles }: Recording, { phase }: RunState): Promise<EffectKey[]> {
  return isFinal(phase) ? overtaken(phase, await queue.list(runStream(run)), settles) : []
}

/**
 * What an ended run no longer wants done: everything but telling people, closing and stopping. A call that may be under
 * way is seen through, and a timer makes none.
 */
export function overtaken(
  phase: RunState['phase'],
  effects: readonly Pick<ListedEffect, 'key' | 'type' | 'status'>[],
  settles: EffectKey | undefined,
): EffectKey[] {
  if (!isFinal(phase)) return []
  const open = effects.filter(
    ({ key, type, status }) =>
      OVERTAKEN.has(type) && key !== settles && (status === 'due' || (status === 'attempted' && type === 'timer')),
  )
  return open.map(({ key }) => key)
}

const OVERTAKEN: ReadonlySet<string> = new Set([
  'collect-memory',
  'draft',
  'ask-model',
  'open-pull-request',
  'commit',
  'observe',
  'dispatch',
  'look-at-source',
  'request-review',
  'ready',
  'timer',
])

/** Every blob that events name, read at once; what they name and what is not there stays absent. */
export async function documentsFor(
  ledger: Pick<Ledger, 'blobs'>,
  events: readonly { readonly data: unknown }[],
  fresh: readonly NewBlob[] = [],
): Promise<Documents> {
  const wanted = [...new Set(events.flatMap((event) => namesIn(event.data)))]
  const found = await ledger.blobs(wanted)
  return documentsOf(fresh, (sha256) => found.get(sha256))
}
