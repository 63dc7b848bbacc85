import { slashCommands } from '../../../src/commands/index.ts'
import { parseComment } from '../../../src/commands/parse-comment.ts'
import { intentOf, type Setting } from './faults.ts'

/** A word with one of its signs replaced by one that looks like it, and what must not take it for the word. */
export type LookAlike = { readonly in: 'token' | 'verb' | 'option' | 'mode' | 'path'; readonly word: string }

/** Signs of other scripts that look like these; beside them each has its full-width, mathematical and circled forms. */
const ALIKE: ReadonlyMap<string, string> = new Map([
  ['a', '\u0430\u03b1\u0251\u00aa\u237a'],
  ['b', '\u044c\u0184\u15af'],
  ['c', '\u0441\u03f2\u217d\u1d04'],
  ['d', '\u0501\u217e\u0257'],
  ['e', '\u0435\u212e\u04bd\u03b5'],
  ['f', '\u0192\u03dd\u017f'],
  ['g', '\u0261\u0581\u0121'],
  ['h', '\u04bb\u0570\u210e'],
  ['i', '\u0456\u2170\u0131\u03b9\u0130'],
  ['j', '\u0458\u03f3'],
  ['k', '\u212a\u03ba\u043a'],
  ['l', '\u217c\u04cf\u0399\u01c0'],
  ['m', '\u217f\u043c\u028d'],
  ['n', '\u0578\u0564\u03b7'],
  ['o', '\u043e\u03bf\u0585\u0c66\u1d0f'],
  ['p', '\u0440\u03c1\u2374'],
  ['q', '\u051b\u0566'],
  ['r', '\u0433\u1d26\u0433'],
  ['s', '\u0455\u017f\ua731'],
  ['t', '\u0442\u03c4\u1d1b'],
  ['u', '\u057d\u03c5\u1d1c'],
  ['v', '\u03bd\u2174\u0475'],
  ['w', '\u051d\u03c9\u1d21'],
  ['x', '\u0445\u2179\u03c7'],
  ['y', '\u0443\u03b3\u04af'],
  ['z', '\u1d22\u0290'],
  ['/', '\uff0f\u2215\u2044\u29f8'],
  ['-', '\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d'],
  ['_', '\uff3f\u203f\u2017'],
  ['.', '\u2024\uff0e\ua4f8'],
])

const WORDS: readonly (readonly [LookAlike['in'], readonly string[]])[] = [
  ['token', ['/agentos']],
  ['verb', slashCommands.map(({ name }) => name)],
  ['option', ['--mode', '--recipe', '--from']],
  ['mode', ['interactive', 'semi_auto', 'full_auto']],
  ['path', ['src/words.js', '.github/workflows/ci.yml', 'package.json']],
]

export function lookAlikes(): readonly LookAlike[] {
  return WORDS.flatMap(([part, words]) =>
    words.flatMap((word) =>
      Array.from(word).flatMap((sign, at) =>
        alike(sign).map((other) => ({ in: part, word: word.slice(0, at) + other + word.slice(at + 1) })),
      ),
    ),
  )
}

function alike(sign: string): readonly string[] {
  const place = sign.charCodeAt(0) - 0x61
  const forms = /[a-z]/.test(sign) ? [0xff41, 0x1d41a, 0x24d0].map((first) => String.fromCodePoint(first + place)) : []
  return [...Array.from(ALIKE.get(sign) ?? ''), ...forms]
}

/** What goes wrong with it: it is no command, names no mode, option or path of those that it looks like. */
export function lookAlikeFaults({ in: part, word }: LookAlike, setting: Setting): readonly string[] {
  if (part === 'path') return pathFaults(word, setting)
  const { body, is } = COMMANDS[part](word)
  return parseComment(body).is === is ? [] : [`${body} is read as a command`]
}

const COMMANDS = {
  token: (word: string) => ({ body: `${word} plan fix it`, is: 'none' }),
  verb: (word: string) => ({ body: `/agentos ${word}`, is: 'refused' }),
  option: (word: string) => ({ body: `/agentos plan ${word} 7 fix it`, is: 'refused' }),
  mode: (word: string) => ({ body: `/agentos plan --mode ${word} fix it`, is: 'refused' }),
} as const

function pathFaults(word: string, setting: Setting): readonly string[] {
  const text = `Please fix ${word}.`
  const { goal, scope } = intentOf(text, setting)
  return [
    ...(goal.includes(word) ? [] : ['a path that is seen is not shown']),
    ...scope.filter((claim) => !/[^ -~]/.test(claim.text) && word.startsWith(claim.text)).map(() => 'a part is a path'),
    ...scope
      .filter((claim) => text.slice(claim.start, claim.end) !== claim.text)
      .map((claim) => `is read as ${claim.text}`),
  ]
}
