import type { CommandRule } from '../control/command-rule.ts'
import type { NotTaken } from './plain-command.ts'
import type { Suggested } from './suggest-rules.ts'

const MOST_PLACES = 3

/** The text of a `.agentos/policy.yml` with these entries; what was not taken stands below, as comments. */
export function renderRules(entries: readonly Suggested[], notTaken: readonly NotTaken[]): string {
  const rules = entries.flatMap(({ rule, seen }) => {
    const places = seen.slice(0, MOST_PLACES).map(({ where, text }) => `  # ${safe(where)}: ${safe(text)}`)
    const more = seen.length > MOST_PLACES ? [`  # and ${seen.length - MOST_PLACES} more`] : []
    return [...places, ...more, `  - ${flow(written(rule))}`]
  })
  const left = notTaken.filter(({ kind }) => kind !== 'builtin')
  const rest = left.map(({ seen, because }) => `# ${safe(seen.where)}: ${safe(seen.text)}: ${safe(because)}`)
  const head = rules.length === 0 ? ['commands: []'] : ['commands:', ...rules]
  return `${['version: 1', ...head, ...(rest.length === 0 ? [] : ['', '# Not taken:', ...rest])].join('\n')}\n`
}

/** What a rule says beyond the defaults. */
function written(rule: CommandRule): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(rule).filter(([, value]) => !isDefault(value)))
}

function isDefault(value: unknown): boolean {
  return value === false || (Array.isArray(value) && value.length === 0)
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${key}: ${flow(item)}`)
      .join(', ')} }`
  }
  return typeof value === 'string' ? scalar(value) : String(value)
}

/** Plain where YAML reads nothing else into it. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z][A-Za-z0-9._/-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)
  return isPlain ? text : JSON.stringify(text)
}

function safe(text: string): string {
  return text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(0, 160)
    .trim()
}
