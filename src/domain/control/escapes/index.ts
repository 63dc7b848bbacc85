import { type Escape, escapesOf, type Family, type Places } from './escape.ts'
import { gitEscapes } from './git.ts'
import { javascriptEscapes } from './javascript.ts'
import { languageEscapes } from './languages.ts'
import { systemEscapes } from './system.ts'
import { wrapperEscapes } from './wrappers.ts'

const FAMILIES: readonly Family[] = [
  ...gitEscapes,
  ...javascriptEscapes,
  ...languageEscapes,
  ...systemEscapes,
  ...wrapperEscapes,
]

/** Places that stand for all that must not be reached: outside of the checkout, and a script inside of it. */
export const EVIL_PLACES: Places = {
  run: '/tmp/evil',
  code: '/tmp/evil 1',
  out: '/tmp/out',
  dir: '/tmp',
  read: '/etc/passwd',
}
const INSIDE: Places = { ...EVIL_PLACES, run: './evil.sh', out: '../out', dir: '../dir', read: '../read' }

/** Every known escape once, with the given places. */
export function knownEscapes(places: Places): readonly Escape[] {
  const all = FAMILIES.flatMap((family) => escapesOf(family, places))
  return [...new Map(all.map((escape) => [escape.argv.join('\0'), escape])).values()]
}

/**
 * Every known escape in absolute and in relative spelling. A file of the checkout as a mere operand is none: people see it
 * before it runs.
 */
export function evilEscapes(): readonly Escape[] {
  const inside = knownEscapes(INSIDE).filter(({ argv }) => !argv.some((word, at) => isOperand(word, argv[at - 1])))
  const all = [...knownEscapes(EVIL_PLACES), ...inside]
  return [...new Map(all.map((escape) => [escape.argv.join('\0'), escape])).values()]
}

function isOperand(word: string, before = ''): boolean {
  return word === INSIDE.run && (!before.startsWith('-') || /^-(?:-test|-check|-|q)$/.test(before))
}
