import type { Performer } from '../../../app/ports.ts'
import type { GithubAccess, OpenRepository } from '../access.ts'
import { carries, effectMarker, ownComments, postComment } from '../own-comments.ts'
import { COMMENT_LIMIT, fit } from '../text-limits.ts'

export function commentPerformer(access: GithubAccess): Performer<'comment'> {
  return async ({ repository, key, body, attempt }) => {
    const open = await access.open(repository)
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
