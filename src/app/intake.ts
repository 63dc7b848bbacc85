import { decideForeignPullRequest } from '../domain/desk.ts'
import type { RepositoryRef } from '../domain/effects.ts'
import { type RunId } from '../domain/ids.ts'
import { lastOf } from '../domain/packs/cut-text.ts'
import { type NewBlob, toQuoting } from '../domain/packs/documents.ts'
import { MAX_MESSAGE } from '../domain/run/decide/commit.ts'
import type { RunInput } from '../domain/run/events.ts'
import { secretOf } from '../domain/run/secret.ts'
import { atDesk } from './at-desk.ts'
import { deskOf, type Intake, personOf, runInBranch, type Taken, wordsBlob } from './intake-parts.ts'
import type { Arrival } from './ports.ts'
import { standsAfter } from './rollback/stands-after.ts'
import { takeComment } from './take-comment.ts'

/** Turns one arrival into at most one input of one stream, consuming the delivery in the same transaction. */
export async function takeIn(intake: Intake, arrival: Arrival, deliveryId: string): Promise<Taken> {
  switch (arrival.is) {
    case 'comment':
      return takeComment(intake, arrival, deliveryId)
    case 'comment-changed':
      return takeTampering(intake, arrival, deliveryId)
    case 'review':
      return takeReview(intake, arrival, deliveryId)
    case 'push':
      return takePush(intake, arrival, deliveryId)
    case 'pull-request-closed':
      return takeClosing(intake, arrival, deliveryId)
    case 'pull-request-opened':
      return takeOpening(intake, arrival, deliveryId)
    case 'ignored':
      return 'nothing'
  }
}

async function takeTampering(
  intake: Intake,
  arrival: Extract<Arrival, { is: 'comment-changed' }>,
  deliveryId: string,
): Promise<Taken> {
  const own = await intake.github.ownId()
  if (arrival.comment.author.id !== own || arrival.sender.id === own) return 'nothing'
  const run = (await deskOf(intake, arrival.repository)).state.runs.get(arrival.number)
  if (run === undefined) return 'nothing'
  const { comment, what, sender } = arrival
  await recordOnRun(intake, { run, repository: arrival.repository, deliveryId }, (at) => ({
    type: 'CommentTampered',
    by: `github:${sender.id}`,
    at,
    data: { commentId: comment.id, what, sender: sender.id },
  }))
  return 'done'
}

async function takeReview(
  intake: Intake,
  arrival: Extract<Arrival, { is: 'review' }>,
  deliveryId: string,
): Promise<Taken> {
  const run = (await deskOf(intake, arrival.repository)).state.runs.get(arrival.number)
  if (run === undefined) return 'nothing'
  if (await isMoving(intake, run)) return 'later'
  if (!(await isPullRequestOf(intake, run, arrival.number))) return 'nothing'
  const { review, repository } = arrival
  const author = await personOf(intake, repository, review.author)
  const words = wordsBlob(intake, { login: review.author.login, text: review.body, params: {} })
  await intake.journal.record({
    run,
    repository: repository.id,
    consumes: deliveryId,
    make: ({ locks }) => ({
      blobs: [words],
      input: {
        type: 'ReviewSeen',
        by: `github:${arrival.sender.id}`,
        at: intake.clock.now(),
        data: { reviewId: review.id, author, state: review.state, commit: review.commit, words: words.sha256, locks },
      },
    }),
  })
  return 'done'
}

/** GitHub’s own word says who pushed: what the App pushed is told by its effects’ receipts, even one that had to be tried again. */
async function takePush(intake: Intake, arrival: Extract<Arrival, { is: 'push' }>, deliveryId: string): Promise<Taken> {
  const run = runInBranch(arrival.branch)
  if (run === undefined || arrival.sender.id === (await intake.github.ownId())) return 'nothing'
  const { state } = await intake.journal.load(run)
  if (state.request?.repository.id !== arrival.repository.id) return 'nothing'
  if (await isMoving(intake, run)) return 'later'
  await intake.journal.record({
    run,
    repository: arrival.repository.id,
    consumes: deliveryId,
    make: ({ locks }) => ({
      blobs: [],
      input: {
        type: 'HeadMoved',
        by: `github:${arrival.sender.id}`,
        at: intake.clock.now(),
        data: { head: arrival.after, sender: arrival.sender.id, locks },
      },
    }),
  })
  return 'done'
}

async function takeClosing(
  intake: Intake,
  arrival: Extract<Arrival, { is: 'pull-request-closed' }>,
  deliveryId: string,
): Promise<Taken> {
  const { repository, mergeCommit, sender } = arrival
  const run = (await deskOf(intake, repository)).state.runs.get(arrival.number)
  if (run === undefined || sender.id === (await intake.github.ownId())) return 'nothing'
  if (await isMoving(intake, run)) return 'later'
  if (!(await isPullRequestOf(intake, run, arrival.number))) return 'nothing'
  const landed = mergeCommit === null ? null : await intake.github.commit(repository, mergeCommit)
  const message = landed === null ? null : await keptMessage(intake, run, landed.message)
  const stands = mergeCommit === null ? null : await standsAfter(intake, { repository, run, commit: mergeCommit })
  await intake.journal.record({
    run,
    repository: repository.id,
    consumes: deliveryId,
    make: ({ locks }) => ({
      blobs: [message, stands].filter((blob) => blob !== null),
      input: {
        type: 'PullRequestEnded',
        by: `github:${sender.id}`,
        at: intake.clock.now(),
        data: {
          sender: sender.id,
          merge:
            mergeCommit === null || message === null
              ? null
              : { commit: mergeCommit, message: message.sha256, diffSha256: landed?.diffSha256 ?? null },
          ...(stands === null ? {} : { stands: stands.sha256 }),
          locks,
        },
      },
    }),
  })
  return 'done'
}

async function keptMessage(intake: Intake, run: RunId, message: string): Promise<NewBlob> {
  const { state, documents } = await intake.journal.load(run)
  return toQuoting({ v: 1, message: lastOf(message, MAX_MESSAGE) }, secretOf(state, documents))
}

/** A pull request that is no run's gets its check at once; a run's own has the checks of the run. */
async function takeOpening(
  intake: Intake,
  arrival: Extract<Arrival, { is: 'pull-request-opened' }>,
  deliveryId: string,
): Promise<Taken> {
  const { repository, number, head, headBranch } = arrival
  const run = runInBranch(headBranch)
  if (run !== undefined && (await intake.journal.load(run)).state.request?.repository.id === repository.id)
    return 'nothing'
  await atDesk(intake, repository, {
    deliveryId,
    blobs: [],
    decide: (_state, at) => decideForeignPullRequest({ repository, number, head }, at),
  })
  return 'done'
}

async function recordOnRun(
  intake: Intake,
  about: { readonly run: RunId; readonly repository: RepositoryRef; readonly deliveryId: string },
  input: (at: string) => RunInput,
): Promise<void> {
  await intake.journal.record({
    run: about.run,
    repository: about.repository.id,
    consumes: about.deliveryId,
    make: () => ({ input: input(intake.clock.now()), blobs: [] }),
  })
}

/** A run may have been asked for on somebody's own pull request: what becomes of that one says nothing about the run. */
async function isPullRequestOf(intake: Intake, run: RunId, number: number): Promise<boolean> {
  return (await intake.journal.load(run)).state.pullRequest?.number === number
}

/** Whether an effect that moves the branch or closes the pull request has been begun and has no receipt yet. */
async function isMoving(intake: Intake, run: RunId): Promise<boolean> {
  const listed = await intake.queue.list(`run/${run}`)
  return listed.some((effect) => effect.status === 'attempted' && MOVING.has(effect.type))
}

const MOVING: ReadonlySet<string> = new Set(['open-pull-request', 'commit', 'close'])
