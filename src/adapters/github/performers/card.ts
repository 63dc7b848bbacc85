import type { Performer } from '../../../app/ports.ts'
import type { GithubAccess, OpenRepository } from '../access.ts'
import { asked } from '../failures.ts'
import { cardMarker, carries, effectMarker, type OwnComment, ownComments, postComment } from '../own-comments.ts'
import { COMMENT_LIMIT, fit } from '../text-limits.ts'

/** One card a run: written once, then edited; written again when somebody deleted it. */
export function cardPerformer(access: GithubAccess): Performer<'card'> {
  return async ({ repository, key, body: { number, run, text } }) => {
    const open = await access.open(repository)
    const marker = cardMarker(run)
    const wanted = fit(text, COMMENT_LIMIT, `\n\n${marker}\n${effectMarker(key)}`)
    const card = (await ownComments(access, open, number)).find(({ body }) => carries(body, marker))
    if (card === undefined) return { result: { commentId: await postComment(open, number, wanted) }, blobs: [] }
    if (!saysTheSame(card.body, wanted)) await edit(open, card, wanted)
    return { result: { commentId: String(card.id) }, blobs: [] }
  }
}

/** The last line names the effect, which alone is no reason to edit. */
function saysTheSame(a: string, b: string): boolean {
  return withoutEffect(a) === withoutEffect(b)
}

function withoutEffect(body: string): string {
  return body
    .replaceAll('\r\n', '\n')
    .trimEnd()
    .replace(/\n<!-- agentos:effect=[^\n]* -->$/, '')
}

async function edit({ octokit, at }: OpenRepository, card: OwnComment, body: string): Promise<void> {
  const route = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}'
  await asked('Editing the status card', () => octokit.request(route, { ...at, comment_id: card.id, body }))
}
