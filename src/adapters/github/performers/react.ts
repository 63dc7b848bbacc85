import type { Performer } from '../../../app/ports.ts'
import type { EffectBody } from '../../../domain/effects.ts'
import type { GithubAccess, OpenRepository } from '../access.ts'
import { asked } from '../failures.ts'
import { toNumber } from '../number.ts'

/** GitHub answers a reaction that is there already with that same reaction, so an attempt may be repeated. */
export function reactPerformer(access: GithubAccess): Performer<'react'> {
  return async ({ repository, body }) => {
    const open = await access.open(repository)
    return { result: { id: await react(open, body) }, blobs: [] }
  }
}

async function react({ octokit, at }: OpenRepository, { on, id, content }: EffectBody<'react'>): Promise<string> {
  const reaction = await asked(`Reacting with ${content}`, () =>
    on === 'comment'
      ? octokit.request('POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions', {
          ...at,
          comment_id: toNumber(id),
          content,
        })
      : octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/reactions', {
          ...at,
          issue_number: toNumber(id),
          content,
        }),
  )
  return String(reaction.data.id)
}
