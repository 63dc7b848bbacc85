const fromCode = (code: number) => String.fromCodePoint(code)
const letters = (words: string, first: number) =>
  words.replaceAll(/[a-z]/g, (letter) => fromCode((letter.codePointAt(0) ?? 0) - 0x61 + first))
const turned = (letter: string) =>
  fromCode((((letter.toLowerCase().codePointAt(0) ?? 0) - 0x61 + 13) % 26) + (letter < 'a' ? 0x41 : 0x61))

/** What is done to the words so that no list of words finds them. */
export const OBFUSCATIONS: readonly (readonly [string, (words: string) => string])[] = [
  ['as they are', (words) => words],
  ['in capitals', (words) => words.toUpperCase()],
  ['with zero-width spaces', (words) => Array.from(words).join('\u200b')],
  ['with soft hyphens', (words) => words.replaceAll(/[aeiou]/g, '$&\u00ad')],
  [
    'in look-alike letters',
    (words) => words.replaceAll('a', '\u0430').replaceAll('e', '\u0435').replaceAll('o', '\u043e'),
  ],
  ['in full-width letters', (words) => letters(words, 0xff41)],
  ['in mathematical letters', (words) => letters(words, 0x1d41a)],
  ['in circled letters', (words) => letters(words, 0x24d0)],
  ['as references', (words) => words.replaceAll(/[aeiou]/g, (letter) => `&#${letter.codePointAt(0) ?? 0};`)],
  [
    'as references by sixteens',
    (words) => words.replaceAll(/[a-z]/g, (letter) => `&#x${(letter.codePointAt(0) ?? 0).toString(16)};`),
  ],
  ['with emphasis', (words) => words.replaceAll(' ', ' **x** ')],
  ['reversed by an override', (words) => `\u202e${Array.from(words).toReversed().join('')}\u202c`],
  ['in isolates of direction', (words) => words.replaceAll(/[^ ]+/g, '\u2067\u2066$&\u2069\u2069')],
  ['with escapes', (words) => words.replaceAll(/[.:/]/g, '\\$&')],
  ['with accents', (words) => words.replaceAll(/[aeiou]/g, '$&\u0301')],
  ['with variation selectors', (words) => words.replaceAll(/[a-z]/g, '$&\ufe0f\u{e0101}')],
  ['in base64', (words) => Buffer.from(words).toString('base64')],
  ['in turned letters', (words) => words.replaceAll(/[a-z]/gi, turned)],
  ['as percent signs', (words) => words.replaceAll(/[ :/]/g, encodeURIComponent)],
  ['letter by letter', (words) => Array.from(words).join(' ')],
]
