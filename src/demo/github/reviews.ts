import { z } from 'zod'
import { need, PULLS_READ, PULLS_TAKE_PART, PULLS_WRITE } from './access.ts'
import { resolveCommit } from './commits.ts'
import { announceReview } from './events.ts'
import {
  bodyOf,
  invalid,
  notFound,
  numberParam,
  ok,
  page,
  Refused,
  type RepoCall,
  type Route,
  refuseLongBody,
} from './exchange.ts'
import { demandPull } from './find-pull.ts'
import { isOid } from './git.ts'
import { renderReview } from './render.ts'
import { demandChangedPaths, NewReviewComment } from './review-comments.ts'
import type { Pull, Review, World } from './world.ts'

const STATE_AFTER = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' } as const

const NewReview = z.object({
  commit_id: z.string().optional(),
  body: z.string().nullish(),
  event: z.enum(['APPROVE', 'REQUEST_CHANGES', 'COMMENT']).optional(),
  comments: z.array(NewReviewComment).default([]),
})
const Dismissal = z.object({ message: z.string().min(1), event: z.literal('DISMISS').optional() })

export const reviewRoutes = (world: World): readonly Route<RepoCall>[] => [
  {
    method: 'GET',
    path: '/repos/:owner/:repo/pulls/:number/reviews',
    answer: (call) => {
      need(world, call, PULLS_READ)
      const shown = reviewsOf(world, demandPull(world, call).pull).filter(
        (review) => review.state !== 'PENDING' || review.userId === call.actor.user.id,
      )
      return page(
        call,
        shown.map((review) => renderReview(world, call.repo.row, review)),
      )
    },
  },
  { method: 'POST', path: '/repos/:owner/:repo/pulls/:number/reviews', answer: (call) => submit(world, call) },
  {
    method: 'GET',
    path: '/repos/:owner/:repo/pulls/:number/reviews/:review',
    answer: (call) => {
      need(world, call, PULLS_READ)
      return ok(renderReview(world, call.repo.row, demandReview(world, call)))
    },
  },
  {
    method: 'PUT',
    path: '/repos/:owner/:repo/pulls/:number/reviews/:review/dismissals',
    answer: (call) => dismiss(world, call),
  },
]

async function submit(world: World, call: RepoCall) {
  need(world, call, PULLS_TAKE_PART)
  const { pull, issue } = demandPull(world, call)
  const wanted = bodyOf(call, NewReview)
  refuseLongBody('PullRequestReview', wanted.body)
  if (issue.user_id === call.actor.user.id) refuseOwn(wanted.event)
  if (wanted.event === 'REQUEST_CHANGES' && (wanted.body ?? '') === '') throw unprocessable('Body can not be blank')
  const commitId = wanted.commit_id ?? pull.headSha
  await demandReviewed(call, commitId)
  await demandChangedPaths(world, { repo: call.repo, pull, commitId }, wanted.comments)
  const review: Review = {
    id: world.newId(),
    repoId: pull.repoId,
    pullNumber: pull.number,
    userId: call.actor.user.id,
    body: wanted.body ?? '',
    state: wanted.event === undefined ? 'PENDING' : STATE_AFTER[wanted.event],
    commitId,
    submittedAt: world.now(),
    comments: wanted.comments.map((comment) => ({ id: world.newId(), ...comment })),
  }
  world.reviews.set(review.id, review)
  if (review.state !== 'PENDING') {
    pull.requestedReviewerIds = pull.requestedReviewerIds.filter((id) => id !== review.userId)
    announceReview(world, { repo: call.repo, pull, review, sender: call.actor.user }, 'submitted')
  }
  return ok(renderReview(world, call.repo.row, review))
}

async function demandReviewed({ repo }: RepoCall, commitId: string): Promise<void> {
  if (isOid(commitId) && (await resolveCommit(repo.git, commitId)) === commitId) return
  throw invalid([{ resource: 'PullRequestReview', code: 'invalid', field: 'commit_id' }])
}

function refuseOwn(event: string | undefined): void {
  if (event === 'APPROVE') throw unprocessable('Can not approve your own pull request')
  if (event === 'REQUEST_CHANGES') throw unprocessable('Can not request changes on your own pull request')
}

function dismiss(world: World, call: RepoCall) {
  need(world, call, PULLS_WRITE)
  const { pull } = demandPull(world, call)
  const review = demandReview(world, call)
  bodyOf(call, Dismissal)
  if (review.state !== 'APPROVED' && review.state !== 'CHANGES_REQUESTED') {
    throw unprocessable('Can not dismiss a commented pull request review')
  }
  review.state = 'DISMISSED'
  announceReview(world, { repo: call.repo, pull, review, sender: call.actor.user }, 'dismissed')
  return ok(renderReview(world, call.repo.row, review))
}

const reviewsOf = (world: World, pull: Pull): readonly Review[] =>
  [...world.reviews.values()].filter((review) => review.repoId === pull.repoId && review.pullNumber === pull.number)

function demandReview(world: World, call: RepoCall): Review {
  const { pull } = demandPull(world, call)
  const review = world.reviews.get(numberParam(call, 'review'))
  if (review?.repoId !== pull.repoId || review.pullNumber !== pull.number) throw notFound()
  return review
}

const unprocessable = (message: string): Refused => new Refused(422, 'Unprocessable Entity', [message])
