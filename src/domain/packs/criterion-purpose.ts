import { tokenize } from '../control/tokenize.ts'
import type { Purpose } from './checks.ts'

/** What shows that a criterion is met: a check of a purpose, or one exact command. */
export type Shown =
  | { readonly by: 'purpose'; readonly purpose: Purpose }
  | { readonly by: 'command'; readonly argv: readonly string[] }

const WHOSE = "(?:(?:all|the|our|existing|current|unit|project|repository|whole|full|automated)(?:’s|'s)? )*"
const STILL = '(?: still| must| should| all| continue to| keep| stays?| remains?| is| are| be)*'
const GOOD = '(?:pass|passes|passing|succeed|succeeds|green|clean|successful|works?|runs? through|exits? (?:with )?0)'
const WITHOUT = '(?: without (?:any )?(?:errors?|failures?|warnings?|problems?))?'

const SENTENCES: readonly (readonly [RegExp, Purpose])[] = [
  [sentence('(?:tests?|test suite|tests? cases|npm test)'), 'test'],
  [sentence('(?:lint|linter|linting|linters?|lint checks?)'), 'lint'],
  [sentence('(?:type ?checks?|type-checks?|type ?checking|types|tsc)'), 'typecheck'],
  [sentence('(?:build|builds)'), 'build'],
  [sentence('(?:format(?:ting)?(?: check)?|formatter)'), 'format'],
  [/^(?:there are )?no (?:lint|linter|linting) (?:errors?|warnings?|problems?)$/i, 'lint'],
  [/^(?:there are )?no type errors?$/i, 'typecheck'],
  [/^(?:it|the (?:code|project|package)) (?:still )?(?:type-?checks|compiles without type errors)$/i, 'typecheck'],
  [/^(?:it|the (?:code|project|package)) (?:still )?builds$/i, 'build'],
  [/^(?:there are )?no (?:failing|failed) tests$/i, 'test'],
]

function sentence(subject: string): RegExp {
  return new RegExp(`^${WHOSE}${subject}${STILL} ${GOOD}${WITHOUT}$`, 'i')
}

/**
 * What a criterion asks for, where its words say nothing else. Words beside that make it a criterion that only people can
 * judge: then it stays untied.
 */
export function shownBy(criterion: string): Shown | null {
  const text = criterion
    .trim()
    .replace(/[.!]+$/, '')
    .replace(/\s+/g, ' ')
  const command = /^(?:the command |running )?`([^`]{1,500})`(.*)$/.exec(text)
  if (command !== null)
    return new RegExp(`^${STILL} ${GOOD}${WITHOUT}$`, 'i').test(command[2] ?? '') ? exact(command[1] ?? '') : null
  const purpose = SENTENCES.find(([pattern]) => pattern.test(text))?.[1]
  return purpose === undefined ? null : { by: 'purpose', purpose }
}

function exact(command: string): Shown | null {
  const words = tokenize(command)
  return words.ok ? { by: 'command', argv: words.value } : null
}
