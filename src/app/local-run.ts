import type { RepositoryRef } from '../domain/effects.ts'
import type { ObjectId } from '../domain/hash.ts'
import { type RunId, toRunId } from '../domain/ids.ts'
import { type Documents, type NewBlob, toDocument, toWords } from '../domain/packs/documents.ts'
import type { Words } from '../domain/packs/people.ts'
import type { EventEnvelope } from '../domain/run/envelope.ts'
import type { RunInput } from '../domain/run/events.ts'
import type { RunState } from '../domain/run/state.ts'
import type { Clock, RepositoryReader } from './ports.ts'
import type { Journal } from './recording.ts'
import { pathsAnswered } from './standing-facts.ts'
import { performNext, type Worker } from './worker.ts'

/** Runs on a plain clone: the same core, with this machine's user in the place of GitHub's people. */
export type LocalRun = {
  readonly journal: Journal
  readonly worker: Worker
  readonly clock: Clock
  readonly repository: RepositoryRef
  readonly reader: RepositoryReader
  readonly user: { readonly id: string; readonly name: string }
  readonly engine: { readonly version: string; readonly digest: string }
}

type Requested = Extract<RunInput, { type: 'RequestReceived' }>['data']

export type LocalRequest = {
  readonly run: RunId
  readonly requester: string
  readonly words: NewBlob
  /** Null where it executes a plan of a release that salted nothing but words. */
  readonly quotes: 'salted' | null
  readonly base: { readonly ref: string; readonly sha: ObjectId }
  readonly manifest: NewBlob
  readonly mode: Requested['mode']
  readonly planner: Requested['planner']
  readonly blobs: readonly NewBlob[]
}

/** Where a run stands when there is nothing left to do but to wait for people. */
export type LocalStanding = {
  readonly state: RunState
  readonly events: readonly EventEnvelope[]
  readonly documents: Documents
}

/** Records the request and performs every effect that follows, until the run ends or waits for people. */
export async function beginLocal(local: LocalRun, request: LocalRequest): Promise<LocalStanding> {
  const { run, requester, words, quotes, base, manifest, mode, planner, blobs } = request
  await record(local, run, {
    blobs: [words, manifest, ...blobs],
    input: {
      type: 'RequestReceived',
      by: `local:${requester}`,
      at: local.clock.now(),
      data: {
        run,
        venue: 'local',
        via: { is: 'cli' },
        instance: 'local',
        repository: local.repository,
        issue: null,
        requester: { id: requester, kind: 'Local', role: 'admin' },
        words: words.sha256,
        ...(quotes === null ? {} : { quotes }),
        mode,
        planner,
        base,
        manifest: manifest.sha256,
        engine: local.engine,
      },
    },
  })
  return drain(local, run)
}

/** Gives the system user's answers to the open questions. */
export async function answerLocal(local: LocalRun, run: RunId, answers: Words['params']): Promise<LocalStanding> {
  const words = localWords({ login: local.user.name, title: '', body: '', text: '', params: answers, labels: [] })
  const paths = await pathsAnswered(local.reader, await local.journal.load(run), answers)
  await record(local, run, {
    blobs: [words],
    input: {
      type: 'AnswerGiven',
      by: `local:${local.user.id}`,
      at: local.clock.now(),
      data: { commentId: null, author: userOf(local), words: words.sha256, paths, owns: [], switched: 'on' },
    },
  })
  return drain(local, run)
}

/** Approves the proposed plan in the name that the caller gave; the Grant then says `authority: local`. */
export async function approveLocal(local: LocalRun, run: RunId, name: string): Promise<LocalStanding> {
  const words = localWords({ login: name, title: '', body: '', text: '', params: {}, labels: [] })
  const about = { reviewId: 'local', author: userOf(local), state: 'approved', commit: null } as const
  await local.journal.record({
    run,
    repository: local.repository.id,
    make: ({ locks }) => ({
      blobs: [words],
      input: {
        type: 'ReviewSeen',
        by: `local:${local.user.id}`,
        at: local.clock.now(),
        data: { ...about, words: words.sha256, locks },
      },
    }),
  })
  return drain(local, run)
}

function userOf({ user }: LocalRun) {
  return { id: user.id, kind: 'Local', role: 'admin' } as const
}

async function record(
  local: LocalRun,
  run: RunId,
  made: { readonly input: RunInput; readonly blobs: readonly NewBlob[] },
): Promise<void> {
  await local.journal.record({ run, repository: local.repository.id, make: () => made })
}

async function drain(local: LocalRun, run: RunId): Promise<LocalStanding> {
  while ((await performNext(local.worker)) === 'performed');
  return local.journal.load(run)
}

/**
 * On a clone there is nobody to hide short texts from, and the same request has to give the same plan: the salt follows
 * from the words.
 */
export function localWords(words: Words): NewBlob {
  return toWords(words, fromHex(toDocument({ localSalt: words }).sha256))
}

/** A run id that follows from what the run is about, so that the same inputs give the same record. */
export function localRunId(about: { readonly [name: string]: string }): RunId {
  return toRunId(fromHex(toDocument(about).sha256))
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
