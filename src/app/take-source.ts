import type { RepositoryRef } from '../domain/effects.ts'
import type { ObjectId } from '../domain/hash.ts'
import type { NewBlob } from '../domain/packs/documents.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import type { Planner } from '../domain/run/inputs.ts'
import { type Intake, wordsBlob } from './intake-parts.ts'
import type { PullRequestNow } from './ports.ts'

/** The pull request that a request takes as its draft, pinned, with its own words; they are data like an issue's. */
export type Source = {
  readonly planner: Extract<Planner, { is: 'pull-request' }>
  readonly words: { readonly title: string; readonly body: string }
  readonly blobs: readonly NewBlob[]
}

type NoSource = { readonly because: string; readonly next: string }
type Named = { readonly number: number; readonly base: ObjectId }

/** Reads head and merge base once, at the command; what is pushed later is not looked at. */
export async function sourceOf(
  intake: Intake,
  repository: RepositoryRef,
  { number, base }: Named,
): Promise<Result<Source, NoSource>> {
  const pull = await intake.github.pullRequest(repository, number)
  const fault = await faultOf(intake, repository, { number, pull })
  if (pull === null || fault !== null) return refuse(fault ?? absent(number))
  const { head, isFork, author, title, body } = pull
  const mergeBase = await intake.github.mergeBase(repository, base, head)
  if (mergeBase === null) {
    const next = `open a pull request from a branch of \`${repository.defaultBranch}\``
    return refuse({ because: `#${number} shares no history with \`${repository.defaultBranch}\``, next })
  }
  const named = author === null ? null : wordsBlob(intake, { login: author.login, text: '', params: {} })
  const credited = author === null || named === null ? null : { id: author.id, kind: author.kind, words: named.sha256 }
  return ok({
    planner: { is: 'pull-request', number, head, mergeBase, isFork, author: credited },
    words: { title, body },
    blobs: named === null ? [] : [named],
  })
}

function absent(number: number): NoSource {
  return { because: `there is no pull request #${number} here`, next: 'name an open pull request of this repository' }
}

type Seen = { readonly number: number; readonly pull: PullRequestNow | null }

/** Only an open pull request is somebody's current proposal. A draft one is as good as any other. */
async function faultOf(
  intake: Intake,
  { defaultBranch }: RepositoryRef,
  { number, pull }: Seen,
): Promise<NoSource | null> {
  if (pull === null) return absent(number)
  if (pull.state === 'merged') {
    return { because: `#${number} is merged, so its change is there already`, next: 'name an open pull request' }
  }
  if (pull.state === 'closed') {
    return { because: `#${number} is closed`, next: 'reopen it first, or name an open pull request' }
  }
  if (pull.author?.id === (await intake.github.ownId())) {
    const next = 'review it there, or name somebody else’s pull request'
    return { because: `#${number} is the pull request of one of my own runs`, next }
  }
  if (pull.baseBranch !== defaultBranch) {
    const next = `change its base to \`${defaultBranch}\` first`
    return { because: `#${number} does not ask to be merged into \`${defaultBranch}\``, next }
  }
  return null
}
