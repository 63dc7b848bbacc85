import type { GithubDesk, RepositoryReader } from '../../app/ports.ts'
import type { ObjectId, Sha256 } from '../../domain/hash.ts'
import { changesBetween } from '../../domain/patch/changes-between.ts'
import { diffSha256 } from '../../domain/patch/raw-diff.ts'
import type { GithubAccess } from './access.ts'
import { ownersAt } from './codeowners.ts'
import { mergeBaseOf, pullRequestAt } from './pull-request.ts'
import { reviewAt } from './read-review.ts'
import { githubReader, objectCache } from './reader.ts'
import { commitAt, knownHeadOf } from './refs.ts'
import { standingOf } from './standing.ts'

/** What the intake and the performers ask GitHub; nothing here changes anything. */
export function githubDesk(access: GithubAccess): GithubDesk {
  const cache = objectCache()
  const desk: GithubDesk = {
    role: async (repository, person) => {
      const standing = await standingOf(await access.open(repository), person.login)
      return standing.userId === person.id ? standing.role : 'none'
    },
    branchHead: async (repository, branch) => knownHeadOf(await access.open(repository), branch),
    reader: (repository) => githubReader(access, cache, repository),
    pullRequest: async (repository, number) => pullRequestAt(await access.open(repository), number),
    mergeBase: async (repository, one, other) => mergeBaseOf(await access.open(repository), one, other),
    owners: (repository, commit, paths) => ownersAt(desk.reader(repository), commit, paths),
    review: async (repository, number, wanted) => reviewAt(await access.open(repository), number, wanted),
    commit: async (repository, sha) => {
      const { message, parents } = await commitAt(await access.open(repository), sha)
      const [parent] = parents
      return { message, diffSha256: parent === undefined ? null : await diffOf(desk.reader(repository), parent, sha) }
    },
    commitAt: async (repository, sha) => commitAt(await access.open(repository), sha),
    ownId: async () => (await access.own()).botId,
  }
  return desk
}

/** The diff hash of two commits, recomputed from what GitHub holds. */
export async function diffOf(reader: RepositoryReader, from: ObjectId, to: ObjectId): Promise<Sha256> {
  return diffSha256(changesBetween(await reader.entries(from), await reader.entries(to)))
}
