import type { Mode } from '../control/policy.ts'
import { hashOf } from '../hash.ts'
import type { Intent } from './intent.ts'
import type { Words } from './people.ts'
import { understand } from './understand.ts'

/** What the requester's side added later; `review` holds the words of a review that was taken along. */
export type Amendment = { readonly words: Words; readonly review: Words | null }

type About = {
  readonly mode: Mode
  readonly requester: string
  readonly recipe: string | null
  readonly amendments: readonly Amendment[]
}

/**
 * Forms the Intent from the exact words of a request and its amendments: what a person can see is the goal, what is hidden
 * is only shown. `source` is the digest of those words without their salts, so that the same words make the same Intent.
 */
export function formIntent(words: Words, { mode, requester, recipe, amendments }: About): Intent {
  const understood = understand({
    title: words.title,
    body: words.body,
    labels: words.labels,
    comment: words.text,
    amendments: amendments.map((one) => ({ text: one.words.text, review: one.review?.text ?? '' })),
    otherwise: recipe === null ? '' : `recipe ${recipe}`,
  })
  return {
    v: 1,
    version: amendments.length + 1,
    ...understood,
    mode,
    requester,
    source: hashOf(
      [words, ...amendments.flatMap((one) => [one.words, ...(one.review === null ? [] : [one.review])])].map(
        ({ title, body, labels, text, params }) => ({ title, body, labels, text, params }),
      ),
    ),
  }
}
