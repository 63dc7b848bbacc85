import { WillNotWork } from '../../app/ports.ts'
import { ObjectId } from '../../domain/hash.ts'
import type { OpenRepository } from './access.ts'
import { asked, askedIfThere } from './failures.ts'
import { type GraphqlOutcome, mutate } from './graphql.ts'

/** Takes `main` and `refs/heads/main` alike. */
export function branchName(ref: string): string {
  return ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : ref
}

/** The commit a branch points to; undefined when there is no such branch. */
export async function headOf({ octokit, at }: OpenRepository, branch: string): Promise<ObjectId | undefined> {
  const route = 'GET /repos/{owner}/{repo}/git/ref/{ref}'
  const ref = `heads/${branchName(branch)}`
  const answer = await askedIfThere(`Reading the branch ${branchName(branch)}`, () =>
    octokit.request(route, { ...at, ref }),
  )
  return answer === undefined ? undefined : ObjectId.parse(answer.data.object.sha)
}

export async function knownHeadOf(open: OpenRepository, branch: string): Promise<ObjectId> {
  const head = await headOf(open, branch)
  if (head === undefined) throw new WillNotWork(`The branch ${branchName(branch)} is not there`)
  return head
}

export type StoredCommit = {
  readonly message: string
  readonly tree: ObjectId
  readonly parents: readonly ObjectId[]
  readonly verified: boolean
}

export async function commitAt({ octokit, at }: OpenRepository, sha: ObjectId): Promise<StoredCommit> {
  const route = 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}'
  const { data } = await asked(`Reading commit ${sha}`, () => octokit.request(route, { ...at, commit_sha: sha }))
  return {
    message: data.message,
    tree: ObjectId.parse(data.tree.sha),
    parents: data.parents.map((parent) => ObjectId.parse(parent.sha)),
    verified: data.verification.verified,
  }
}

const NO_COMMIT = '0'.repeat(40)

type RefMove = { readonly branch: string; readonly from: ObjectId; readonly to: ObjectId | null }

/** Moves a branch, or deletes it, only if it still points where it is believed to: GitHub compares and swaps. */
export async function moveRef(open: OpenRepository, { branch, from, to }: RefMove): Promise<GraphqlOutcome> {
  return mutate(open, {
    what: `Moving the branch ${branchName(branch)}`,
    text: `mutation ($repositoryId: ID!, $name: GitRefname!, $from: GitObjectID!, $to: GitObjectID!) {
      updateRefs(input: {
        repositoryId: $repositoryId,
        refUpdates: [{ name: $name, beforeOid: $from, afterOid: $to, force: true }]
      }) { clientMutationId }
    }`,
    variables: {
      repositoryId: open.nodeId,
      name: `refs/heads/${branchName(branch)}`,
      from,
      to: to ?? NO_COMMIT,
    },
  })
}
