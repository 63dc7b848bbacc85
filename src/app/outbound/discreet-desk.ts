import type { SecretFilter } from '../../domain/secrets/secret-filter.ts'
import type { GithubDesk } from '../ports.ts'

/** GitHub as it is read: what people wrote there comes in without the secrets that stand in it. */
export function discreetDesk(desk: GithubDesk, { text }: SecretFilter): GithubDesk {
  return {
    ...desk,
    pullRequest: async (repository, number) => {
      const pull = await desk.pullRequest(repository, number)
      return pull === null ? null : { ...pull, title: text(pull.title), body: text(pull.body) }
    },
    review: async (repository, number, wanted) => {
      const review = await desk.review(repository, number, wanted)
      if (review === null) return null
      return { ...review, comments: review.comments.map((comment) => ({ ...comment, body: text(comment.body) })) }
    },
    commit: async (repository, sha) => {
      const commit = await desk.commit(repository, sha)
      return { ...commit, message: text(commit.message) }
    },
  }
}
