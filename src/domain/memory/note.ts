import { fromEpochMs, toEpochMs } from '../clock.ts'
import { Instant } from '../ids.ts'
import type { MemoryType } from '../packs/memory-pack.ts'
import { ok, type Result, refuse } from '../result.ts'

/** What a file of `.agentos/memory/` says, and of what: a note of people to whoever plans. */
export type Note = {
  readonly type: MemoryType
  /** Globs of the paths that it is about. */
  readonly scope: readonly string[]
  /** In percent. */
  readonly confidence: number
  readonly expires: Instant | null
  readonly text: string
}

/** What people may write down. Facts and outcomes are observed, never written. */
export const NOTE_TYPES = ['decision', 'convention', 'constraint', 'known_issue', 'playbook', 'glossary'] as const

const PLAIN: Head = { type: 'convention', scope: ['**'], confidence: 80, expires: null }
const FENCE = '---'

/** Reads a note. Its head, between two lines of `---`, holds `key: value` lines; whatever it does not know is refused. */
export function parseNote(given: string): Result<Note, string> {
  const lines = given.replace(/^\uFEFF/, '').split(/\r?\n/)
  if (lines[0]?.trimEnd() !== FENCE) return withText(PLAIN, given)
  const end = lines.findIndex((line, i) => i > 0 && line.trimEnd() === FENCE)
  if (end < 0) return refuse('its head has no second line of `---`')
  const head = parseHead(lines.slice(1, end).filter((line) => line.trim() !== ''))
  return head.ok ? withText(head.value, lines.slice(end + 1).join('\n')) : head
}

type Head = Omit<Note, 'text'>

function parseHead(lines: readonly string[]): Result<Head, string> {
  let head = PLAIN
  const seen = new Set<string>()
  for (const line of lines) {
    const [, key = '', value = ''] = /^([a-z]+):\s*(.*?)\s*$/.exec(line) ?? []
    const reading = READ.get(key)
    if (reading === undefined) return refuse(`its head has a line that is not understood: ${line.slice(0, 100).trim()}`)
    if (seen.has(key)) return refuse(`its head says \`${key}\` twice`)
    const read = reading.read(value)
    if (read === undefined) return refuse(`its ${key} takes ${reading.takes}: ${line.slice(0, 100).trim()}`)
    seen.add(key)
    head = { ...head, ...read }
  }
  return ok(head)
}

/** The text of a note as `parseNote` reads it back. */
export function renderNote({ type, scope, confidence, expires, text }: Note): string {
  const until = expires === null ? 'never' : expires
  const head = [
    FENCE,
    `type: ${type}`,
    `scope: ${scope.join(', ')}`,
    `confidence: ${confidence}`,
    `expires: ${until}`,
    FENCE,
  ]
  return `${head.join('\n')}\n${text.trim()}\n`
}

function withText(note: Head, text: string): Result<Note, string> {
  return text.trim() === '' ? refuse('it says nothing') : ok({ ...note, text })
}

/** A key of a head: how its value is read, and what it takes, for people. */
type Reading = { readonly read: (value: string) => Partial<Head> | undefined; readonly takes: string }

const READ: ReadonlyMap<string, Reading> = new Map([
  ['type', { read: readType, takes: `one of ${NOTE_TYPES.join(', ')}` }],
  ['scope', { read: readScope, takes: 'at most 20 globs, separated by commas' }],
  ['confidence', { read: readConfidence, takes: 'a number from 0 to 100' }],
  ['expires', { read: readExpires, takes: '`never` or a day like 2027-01-31' }],
])

function readType(value: string): Partial<Head> | undefined {
  const type = NOTE_TYPES.find((known) => known === value)
  return type === undefined ? undefined : { type }
}

function readScope(value: string): Partial<Head> | undefined {
  const scope = value.split(',').map((glob) => glob.trim())
  return scope.length <= 20 && scope.every((glob) => glob !== '' && glob.length <= 300) ? { scope } : undefined
}

function readConfidence(value: string): Partial<Head> | undefined {
  const percent = /^(\d{1,3})%?$/.exec(value)?.[1]
  const confidence = Number(percent)
  return percent === undefined || confidence > 100 ? undefined : { confidence }
}

function readExpires(value: string): Partial<Head> | undefined {
  if (value === 'never') return { expires: null }
  const instant = Instant.safeParse(/^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00.000Z` : value)
  return instant.success && isRealTime(instant.data) ? { expires: instant.data } : undefined
}

/** The thirtieth of February is the second of March. */
function isRealTime(instant: Instant): boolean {
  return fromEpochMs(toEpochMs(instant)) === instant
}
