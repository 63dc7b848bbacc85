import type { Mode } from '../control/policy.ts'
import type { Sha256 } from '../hash.ts'
import type { Intent } from './intent.ts'
import { readVisible } from './intent-text.ts'
import type { Words } from './people.ts'

/** Forms the Intent from the exact words of a request: what a person can see is the goal, what is hidden is only shown. */
export function formIntent(
  words: Words,
  about: { readonly mode: Mode; readonly requester: string; readonly source: Sha256; readonly recipe: string | null },
): Intent {
  const { mode, requester, source, recipe } = about
  const own = readVisible(words.text)
  const given = readVisible(`${words.title}\n\n${words.body}`)
  const goal = (own.visible.trim() || given.visible.trim() || (recipe === null ? '' : `recipe ${recipe}`)).slice(
    0,
    16_000,
  )
  const hidden = own.visible.trim() === '' ? [...own.hidden, ...given.hidden] : own.hidden
  return {
    v: 1,
    goal: goal === '' ? 'no request was written' : goal,
    scope: [],
    constraints: [],
    criteria: criteriaIn(goal),
    hidden: hidden.slice(0, 50).map(({ kind, text }) => ({ kind, text: text.slice(0, 1000) })),
    mode,
    requester,
    source,
  }
}

/** Task-list lines (`- [ ] …`) of the request are its acceptance criteria. */
function criteriaIn(goal: string): Intent['criteria'] {
  return goal
    .split('\n')
    .flatMap((line) => {
      const found = /^\s{0,3}[-*] \[[ x]\] (.{1,1000})$/.exec(line)
      return found?.[1] === undefined ? [] : [found[1]]
    })
    .slice(0, 50)
    .map((text, index) => ({ id: `c${index + 1}`, text }))
}
