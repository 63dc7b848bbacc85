import type { Performer } from '../../../app/ports.ts'
import type { EffectBody } from '../../../domain/effects.ts'
import type { GithubAccess, OpenRepository } from '../access.ts'
import { asked } from '../failures.ts'
import { headOf, moveRef } from '../refs.ts'
import { commentOnce } from './comment.ts'

/** Says why, closes, and deletes the branch unless it holds what somebody else pushed. */
export function closePerformer(access: GithubAccess): Performer<'close'> {
  return async ({ repository, key, body, attempt }) => {
    const open = await access.open(repository)
    await commentOnce(access, open, { number: body.number, text: body.text, key, attempt })
    await close(open, body.number)
    return { result: { branchDeleted: await isBranchGone(open, body) }, blobs: [] }
  }
}

async function close({ octokit, at }: OpenRepository, number: number): Promise<void> {
  const route = 'PATCH /repos/{owner}/{repo}/pulls/{pull_number}'
  await asked(`Closing #${number}`, () => octokit.request(route, { ...at, pull_number: number, state: 'closed' }))
}

async function isBranchGone(open: OpenRepository, { branch, heads }: EffectBody<'close'>): Promise<boolean> {
  const head = await headOf(open, branch)
  if (head === undefined) return true
  if (!heads.includes(head)) return false
  const outcome = await moveRef(open, { branch, from: head, to: null })
  return outcome.is === 'done' || (await headOf(open, branch)) === undefined
}
