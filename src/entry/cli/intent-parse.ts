import { z } from 'zod'
import { type ParsedComment, parseComment } from '../../commands/parse-comment.ts'
import type { Command } from '../../commands/slash-command.ts'
import { Understanding } from '../../domain/packs/intent.ts'
import { readVisible } from '../../domain/packs/intent-text.ts'
import { understand } from '../../domain/packs/understand.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import { claimLines } from '../../domain/text/intent.ts'
import { type CliCommand, done, noWords, WrongUsage } from './command.ts'
import { readInput } from './read-input.ts'

/** What a text shows, hides, commands and claims. Offsets count UTF-16 code units of the text itself. */
export const IntentParsed = z.strictObject({
  visible: z.string(),
  hidden: z.array(z.strictObject({ kind: z.string(), start: z.int().min(0), end: z.int().min(0), text: z.string() })),
  commands: z.array(z.looseObject({ name: z.string() })),
  refused: z.strictObject({ reason: z.string(), suggestion: z.string().nullable(), usage: z.string() }).nullable(),
  intent: Understanding,
})

type IntentParsed = z.infer<typeof IntentParsed>

export const intentParse: CliCommand = {
  usage: 'agentos intent parse < text',
  summary: 'Show what of a text a person sees, what is hidden in it, what it claims and which command it gives.',
  exits: [0, 2],
  options: {},
  async run(given) {
    noWords(given)
    const said = fromUtf8(await readInput('-'))
    if (said === undefined) throw new WrongUsage('the text is not UTF-8')
    const { visible, hidden } = readVisible(said)
    const parsed = parseComment(said)
    const commands = parsed.is === 'command' ? [toPlain(parsed.command)] : []
    const refused =
      parsed.is === 'refused' ? { reason: parsed.reason, suggestion: parsed.suggestion, usage: parsed.usage } : null
    const { text, at } = requestIn(said, parsed)
    const intent = shifted(understand({ ...NOTHING, comment: text }), at)
    const answer = IntentParsed.parse({ visible, hidden, commands, refused, intent })
    return done(answer, toPeople(answer))
  },
}

function toPeople({ visible, hidden, intent, commands, refused }: IntentParsed): string {
  const found = [
    ...claimLines(intent),
    ...hidden.map(({ kind, text }) => `hidden ${kind}: ${text}`),
    ...commands.map(({ name }) => `command: ${name}`),
    ...(refused === null ? [] : [refusedLine(refused)]),
  ]
  const said = found.length === 0 ? ['nothing is told apart: all of it is the goal'] : found
  const seen = visible.trim() === '' ? '(nothing)' : visible.trim()
  return ['A person sees:', ...seen.split('\n').map(indented), 'It says:', ...said.map(indented)].join('\n')
}

function indented(line: string): string {
  return `  ${line}`.trimEnd()
}

function refusedLine({ reason, suggestion, usage }: NonNullable<IntentParsed['refused']>): string {
  return `no command: ${reason}; ${suggestion === null ? `usage: ${usage}` : `did you mean ${suggestion}?`}`
}

/** The words behind a command, and where they begin; a text that is no request is read whole. */
function requestIn(said: string, parsed: ParsedComment): { readonly text: string; readonly at: number } {
  const command = parsed.is === 'command' ? parsed.command : null
  const text = command?.name === 'plan' || command?.name === 'amend' ? command.text : null
  const at = text === null ? -1 : said.lastIndexOf(text)
  return text === null || at === -1 ? { text: said, at: 0 } : { text, at }
}

/** The same with every place counted from further on. */
function shifted(found: Understanding, by: number): Understanding {
  const move = <T extends Placed>(one: T): T => ({ ...one, start: one.start + by, end: one.end + by })
  return {
    ...found,
    kindFrom: found.kindFrom === null ? null : move(found.kindFrom),
    scope: found.scope.map(move),
    constraints: found.constraints.map(move),
    criteria: found.criteria.map(move),
    nonGoals: found.nonGoals.map(move),
    assumptions: found.assumptions.map(move),
    overridden: found.overridden.map(({ claim, by: over }) => ({ claim: move(claim), by: move(over) })),
    hidden: found.hidden.map(move),
  }
}

type Placed = { readonly start: number; readonly end: number }

const NOTHING = { title: '', body: '', labels: [], amendments: [], otherwise: '' } as const

function toPlain(command: Command): object {
  if (command.name === 'amend') return { ...command, params: Object.fromEntries(command.params) }
  if (command.name !== 'plan' || command.recipe === null) return command
  const { name, params } = command.recipe
  return { ...command, recipe: { name, params: Object.fromEntries(params) } }
}
