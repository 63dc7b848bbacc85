import type { GithubDesk, Performer } from '../../../app/ports.ts'
import type { GithubAccess, OpenRepository } from '../access.ts'
import { ownersAt } from '../codeowners.ts'
import { askedIfThere, rejectionIn, toFailure } from '../failures.ts'

/** GitHub takes no more at a time. */
const MOST = 15

/** Asks the owners of the changed paths, else the policy's approvers, and never whoever asked for the change or wrote it. */
export function requestReviewPerformer(access: GithubAccess, desk: GithubDesk): Performer<'request-review'> {
  return async ({ repository, body }) => {
    const open = await access.open(repository)
    const owners = await ownersAt(desk.reader(repository), body.base, body.paths)
    const named = (owners.length > 0 ? owners : body.approvers).map((name) => name.replace(/^@/, ''))
    const askable: string[] = []
    for (const name of new Set(named)) {
      if (await isAskable(open, name, [body.not, body.nor])) askable.push(name)
    }
    return { result: { requested: await request(open, body.number, askable.slice(0, MOST)) }, blobs: [] }
  }
}

async function isAskable(
  { octokit, at }: OpenRepository,
  name: string,
  not: readonly (string | undefined)[],
): Promise<boolean> {
  const [organisation, team] = name.split('/')
  if (team !== undefined) return organisation?.toLowerCase() === at.owner.toLowerCase()
  const route = 'GET /users/{username}'
  const user = await askedIfThere(`Looking for @${name}`, () => octokit.request(route, { username: name }))
  return user?.data.type === 'User' && !not.includes(String(user.data.id))
}

/** All together; where GitHub refuses, one after another, so that one name does not cost the others. */
async function request(open: OpenRepository, number: number, names: readonly string[]): Promise<number> {
  if (names.length === 0) return 0
  if (await isRequested(open, number, names)) return names.length
  if (names.length === 1) return 0
  let requested = 0
  for (const name of names) requested += (await isRequested(open, number, [name])) ? 1 : 0
  return requested
}

async function isRequested(
  { octokit, at }: OpenRepository,
  number: number,
  names: readonly string[],
): Promise<boolean> {
  const route = 'POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers'
  const reviewers = names.filter((name) => !name.includes('/'))
  const teams = names.filter((name) => name.includes('/')).map((name) => name.slice(name.indexOf('/') + 1))
  try {
    await octokit.request(route, { ...at, pull_number: number, reviewers, team_reviewers: teams })
    return true
  } catch (error) {
    if (rejectionIn(error)?.status === 422) return false
    throw toFailure(`Requesting a review of #${number}`, error)
  }
}
