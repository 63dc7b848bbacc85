import { parseComment } from '../../../src/commands/parse-comment.ts'
import { readVisible } from '../../../src/domain/packs/intent-text.ts'
import { decisionOf, intentOf, isCovered, type Setting } from './faults.ts'

const OPENING = ['\u202a', '\u202b', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u200e', '\u200f', '\u061c']
const CLOSING = ['', '\u202c', '\u2069', '\u202c\u2069', '\u2069\u202c']
const CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Where controls of direction make a reader see another text than the one that stands there. */
const TEXTS: readonly ((open: string, close: string) => string)[] = [
  (open, close) => `Please ${open}fix${close} src/words.js at once`,
  (open, close) => `Please fix src/${open}words.js${close}`,
  (open, close) => `Fix it\n\n\`\`\`js\n/*${open} } ${open}if (isAdmin)${close} begin */\n\`\`\`\n`,
  (open, close) => `Fix it\n\n\`\`\`js\nif (level !== "user${open} // check ${close}") {}\n\`\`\`\n`,
  (open, close) => `Rename \`${open}isReady${close}\` in src/words.js`,
  (open, close) => `## Acceptance ${open}criteria${close}\n\n- [ ] ${open}tests pass${close}\n`,
  (open, close) => `- You must${open} not${close} delete tests/all.ts`,
  (open, close) => `Out of scope: ${open}src/${close}words.js`,
  (open, close) => `> ${open}quoted${close}\n\nFix docs/usage.md and${open} nothing else`,
]
const COMMANDS: readonly ((open: string, close: string) => string)[] = [
  (open, close) => `${open}/agentos${close} plan fix it`,
  (open, close) => `/agentos pl${open}an${close} fix it`,
  (open, close) => `/agentos plan --mode ${open}full_auto${close} fix it`,
  (open, close) => `/agentos plan --${open}mode${close} full_auto fix it`,
]

export type Turned = { readonly text: string; readonly isCommand: boolean }

/** Trojan Source: every control alone, with each end and with none, inside one of another kind, at each place. */
export function turnedTexts(): readonly Turned[] {
  const pairs = OPENING.flatMap((open, at) => [
    ...CLOSING.map((close) => [open, close] as const),
    [open + (OPENING[(at + 1) % OPENING.length] ?? ''), '\u2069\u202c'] as const,
  ])
  return pairs.flatMap(([open, close]) => [
    ...TEXTS.map((say) => ({ text: say(open, close), isCommand: false })),
    ...COMMANDS.map((say) => ({ text: say(open, close), isCommand: true })),
  ])
}

/** What goes wrong with it: each control is reported, none is shown, and the rest decides what it would without them. */
export function turnedFaults({ text, isCommand }: Turned, setting: Setting): readonly string[] {
  if (isCommand) return parseComment(text).is === 'command' ? ['it is read as a command'] : []
  const { visible, hidden } = readVisible(text)
  const controls = Array.from(text.matchAll(CONTROLS), ({ index }) => index)
  const straight = intentOf(text.replaceAll(CONTROLS, ''), setting)
  return [
    ...controls.filter((at) => !isCovered(hidden, [at, at + 1])).map((at) => `not reported at ${at}`),
    ...(visible.search(CONTROLS) === -1 ? [] : ['a control is shown']),
    ...(decisionOf(intentOf(text, setting)) === decisionOf(straight) ? [] : ['a control decides something']),
  ]
}
