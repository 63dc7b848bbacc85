import type { Mode } from '../control/policy.ts'
import type { Words } from '../packs/people.ts'
import type { Planner } from '../run/inputs.ts'

const MOST = 300

/** The command that asks for the same in another mode, word for word; where it is too long it says what goes in its place. */
export function sayAgain(planner: Planner, { text, params }: Words, mode: Mode): string {
  const lines = text.trim().split(/\r\n|\n|\r/)
  const said = lines.length === 1 && !/[`\p{Cc}\p{Cf}]/u.test(text) ? text.trim() : '(the same text)'
  const command = ['/agentos plan', `--mode ${mode}`, ...flagsOf(planner, params), said].filter((part) => part !== '')
  const whole = command.join(' ')
  return whole.length <= MOST ? whole : `/agentos plan --mode ${mode} (the same words)`
}

function flagsOf(planner: Planner, params: Words['params']): readonly string[] {
  if (planner.is === 'pull-request') return [`--from #${planner.number}`]
  if (planner.is !== 'recipe') return []
  const values = Object.entries(params).map(([name, value]) => `${name}=${quoted(value)}`)
  return [`--recipe ${planner.name}`, ...values]
}

function quoted(value: string): string {
  if (/^[\w./*,@+-]+$/.test(value)) return value
  if (/[`\p{Cc}\p{Cf}]/u.test(value)) return '…'
  return value.includes("'") ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : `'${value}'`
}
