import { z } from 'zod'
import { need, PULLS_READ, PULLS_WRITE } from './access.ts'
import { announcePull } from './events.ts'
import { bodyOf, created, ok, Refused, type RepoCall, type Route } from './exchange.ts'
import { demandPull } from './find-pull.ts'
import { renderPull, renderUserById } from './render.ts'
import { roleOf, userByLogin, type World } from './world.ts'

const Reviewers = z.object({
  reviewers: z.array(z.string()).default([]),
  team_reviewers: z.array(z.string()).default([]),
})

/** Whose review of a pull request is asked for. */
export const reviewerRoutes = (world: World): readonly Route<RepoCall>[] => [
  {
    method: 'GET',
    path: '/repos/:owner/:repo/pulls/:number/requested_reviewers',
    answer: (call) => {
      need(world, call, PULLS_READ)
      const { pull } = demandPull(world, call)
      return ok({ users: pull.requestedReviewerIds.map((id) => renderUserById(world, id)), teams: [] })
    },
  },
  {
    method: 'POST',
    path: '/repos/:owner/:repo/pulls/:number/requested_reviewers',
    answer: (call) => requestReviewers(world, call),
  },
  {
    method: 'DELETE',
    path: '/repos/:owner/:repo/pulls/:number/requested_reviewers',
    answer: (call) => unrequestReviewers(world, call),
  },
]

async function requestReviewers(world: World, call: RepoCall) {
  need(world, call, PULLS_WRITE)
  const { pull, issue } = demandPull(world, call)
  const { reviewers } = bodyOf(call, Reviewers)
  const asked = reviewers.map((login) => {
    const user = userByLogin(world, login)
    if (user === undefined || roleOf(world, user, call.repo.row) === undefined) {
      throw new Refused(
        422,
        'Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the repository.',
      )
    }
    if (user.id === issue.user_id) throw new Refused(422, 'Review cannot be requested from pull request author.')
    return user
  })
  for (const user of asked) {
    if (pull.requestedReviewerIds.includes(user.id)) continue
    pull.requestedReviewerIds = [...pull.requestedReviewerIds, user.id]
    const at = { repo: call.repo, pull, sender: call.actor.user }
    announcePull(world, at, 'review_requested', { requested_reviewer: renderUserById(world, user.id) })
  }
  return created(renderPull(world, call.repo.row, pull, issue))
}

function unrequestReviewers(world: World, call: RepoCall) {
  need(world, call, PULLS_WRITE)
  const { pull, issue } = demandPull(world, call)
  const logins = bodyOf(call, Reviewers).reviewers
  const ids = logins.map((login) => userByLogin(world, login)?.id)
  pull.requestedReviewerIds = pull.requestedReviewerIds.filter((id) => !ids.includes(id))
  return ok(renderPull(world, call.repo.row, pull, issue))
}
