import type { ObjectId } from '../domain/hash.ts'
import type { RepositoryRef } from '../domain/effects.ts'
import { toRunId, type RunId } from '../domain/ids.ts'
import { type NewBlob, type Documents, toDocument, toWords } from '../domain/packs/documents.ts'
import type { Words } from '../domain/packs/people.ts'
import type { RunInput } from '../domain/run/events.ts'
import type { RunState } from '../domain/run/state.ts'
import { type Journal } from './journal.ts'
import type { Clock } from './ports.ts'
import { performNext, type Worker } from './worker.ts'

/** Runs on a plain clone: the same core, with this machine's user in the place of GitHub's people. */
export type LocalRun = {
  readonly journal: Journal
  readonly worker: Worker
  readonly clock: Clock
  readonly repository: RepositoryRef
  readonly user: { readonly id: string; readonly name: string }
  readonly engine: { readonly version: string; readonly digest: string }
}

export type LocalRequest = {
  readonly run: RunId
  readonly words: NewBlob
  readonly base: { readonly ref: string; readonly sha: ObjectId }
  readonly manifest: NewBlob
  readonly mode: 'interactive' | 'semi_auto' | 'full_auto' | null
  readonly planner: Extract<RunInput, { type: 'RequestReceived' }>['data']['planner']
  readonly blobs: readonly NewBlob[]
}

export type LocalStanding = { readonly state: RunState; readonly documents: Documents }

/** Records the request and performs every effect that follows, until the run ends or waits for people. */
export async function beginLocal(local: LocalRun, request: LocalRequest): Promise<LocalStanding> {
  const { repository, user, engine, clock } = local
  const { run, words, base, manifest, mode, planner, blobs } = request
  const input: RunInput = {
    type: 'RequestReceived',
    by: `local:${user.id}`,
    at: clock.now(),
    data: {
      run,
      venue: 'local',
      via: { is: 'cli' },
      instance: 'local',
      repository,
      issue: null,
      requester: { id: user.id, kind: 'Local', role: 'admin' },
      words: words.sha256,
      mode,
      planner,
      base,
      manifest: manifest.sha256,
      engine,
    },
  }
  await local.journal.record({ run, repository: repository.id, make: () => ({ input, blobs: [words, manifest, ...blobs] }) })
  return drain(local, run)
}

/** Gives the system user's answers to the open questions. */
export async function answerLocal(local: LocalRun, run: RunId, answers: Words['params']): Promise<LocalStanding> {
  const words = localWords({ login: local.user.name, title: '', body: '', text: '', params: answers })
  await local.journal.record({
    run,
    repository: local.repository.id,
    make: () => ({
      blobs: [words],
      input: {
        type: 'AnswerGiven',
        by: `local:${local.user.id}`,
        at: local.clock.now(),
        data: { commentId: null, author: { id: local.user.id, kind: 'Local', role: 'admin' }, words: words.sha256, wellFormed: true },
      },
    }),
  })
  return drain(local, run)
}

/** Approves the proposed plan in the name that the caller gave; the Grant then says `authority: local`. */
export async function approveLocal(local: LocalRun, run: RunId, name: string): Promise<LocalStanding> {
  const words = localWords({ login: name, title: '', body: '', text: '', params: {} })
  await local.journal.record({
    run,
    repository: local.repository.id,
    make: ({ locks }) => ({
      blobs: [words],
      input: {
        type: 'ReviewSeen',
        by: `local:${local.user.id}`,
        at: local.clock.now(),
        data: {
          reviewId: 'local',
          author: { id: local.user.id, kind: 'Local', role: 'admin' },
          state: 'approved',
          commit: null,
          words: words.sha256,
          locks,
        },
      },
    }),
  })
  return drain(local, run)
}

async function drain(local: LocalRun, run: RunId): Promise<LocalStanding> {
  while ((await performNext(local.worker)) === 'performed');
  const { state, documents } = await local.journal.load(run)
  return { state, documents }
}

/**
 * On a clone there is nobody to hide short texts from, and the same request has to give the same plan: the salt follows
 * from the words.
 */
export function localWords(words: Words): NewBlob {
  return toWords(words, fromHex(toDocument({ localSalt: words }).sha256))
}

/** A run id that follows from what is asked, so that the same inputs give the same record. */
export function localRunId(words: NewBlob, base: ObjectId): RunId {
  return toRunId(fromHex(toDocument({ words: words.sha256, base }).sha256))
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
