import type { Performer } from '../../../app/ports.ts'
import type { EffectKey } from '../../../domain/ids.ts'
import type { GithubAccess, OpenRepository } from '../access.ts'
import { asked } from '../failures.ts'
import { cardMarker, carries, effectMarker, type OwnComment, ownComments, postComment } from '../own-comments.ts'
import { COMMENT_LIMIT, fit } from '../text-limits.ts'

/** One card a run: written once, then edited; written again when somebody deleted it. */
export function cardPerformer(access: GithubAccess): Performer<'card'> {
  return async ({ repository, key, body: { number, run, text } }) => {
    const open = await access.open(repository)
    const commentId = await keepComment(access, open, { number, text, key, marker: cardMarker(run) })
    return { result: { commentId }, blobs: [] }
  }
}

type Kept = { readonly number: number; readonly text: string; readonly key: EffectKey; readonly marker: string }

/** Writes the one comment that carries a marker, or edits it where it stands. */
export async function keepComment(access: GithubAccess, open: OpenRepository, kept: Kept): Promise<string> {
  const { number, text, key, marker } = kept
  const wanted = fit(text, COMMENT_LIMIT, `\n\n${marker}\n${effectMarker(key)}`)
  const there = (await ownComments(access, open, number)).find(({ body }) => carries(body, marker))
  if (there === undefined) return postComment(open, number, wanted)
  if (!saysTheSame(there.body, wanted)) await edit(open, there, wanted)
  return String(there.id)
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
  await asked('Editing a comment of ours', () => octokit.request(route, { ...at, comment_id: card.id, body }))
}
