import type { Performer } from '../../../app/ports.ts'
import type { GithubAccess, OpenRepository } from '../access.ts'
import { carries, effectMarker, ownComments, planMarker, postComment } from '../own-comments.ts'
import { COMMENT_LIMIT, fit } from '../text-limits.ts'
import { keepComment } from './card.ts'

/** A run has one plan comment, which a new plan edits; everything else is said once and stays. */
export function commentPerformer(access: GithubAccess): Performer<'comment'> {
  return async ({ repository, run, key, body, attempt }) => {
    const open = await access.open(repository)
    if (body.role === 'plan' && run !== null) {
      const kept = { number: body.number, text: body.text, key, marker: planMarker(run) }
      return { result: { commentId: await keepComment(access, open, kept) }, blobs: [] }
    }
    const commentId = await commentOnce(access, open, { number: body.number, text: body.text, key, attempt })
    return { result: { commentId }, blobs: [] }
  }
}

export type OnceOnly = {
  readonly number: number
  readonly text: string
  readonly key: string
  readonly attempt: number
}

/** Comments, unless an earlier attempt already did. */
export async function commentOnce(access: GithubAccess, open: OpenRepository, once: OnceOnly): Promise<string> {
  const marker = effectMarker(once.key)
  if (once.attempt > 1) {
    const earlier = (await ownComments(access, open, once.number)).find(({ body }) => carries(body, marker))
    if (earlier !== undefined) return String(earlier.id)
  }
  return postComment(open, once.number, fit(once.text, COMMENT_LIMIT, `\n\n${marker}`))
}
