import { ASCII } from './fold-path.ts'

/** Scripts whose spelling needs the joiners U+200C and U+200D between two of their letters. */
const JOINED =
  'Arabic Syriac Mongolian Nko Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Khmer Myanmar'
    .split(' ')
    .map((script) => `\\p{Script=${script}}`)
    .join('')

/** Invisible characters where they belong: inside emoji, keycaps and joined scripts. */
const IN_PLACE = [
  '(?<=\\p{Extended_Pictographic})[\\uFE0E\\uFE0F]',
  '(?<=[0-9#*])\\uFE0F(?=\\u20E3)',
  '(?<=[\\p{Extended_Pictographic}\\uFE0F\\u{1F3FB}-\\u{1F3FF}])\\u200D(?=\\p{Extended_Pictographic})',
  `(?<=[${JOINED}])[\\u200C\\u200D](?=[${JOINED}])`,
].join('|')

const HIDDEN = new RegExp(
  `(?!${IN_PLACE})[\\p{Default_Ignorable_Code_Point}\\p{Bidi_Control}\\u{FFF9}-\\u{FFFB}]`,
  'gu',
)

/** The hidden characters of a text, bidirectional, zero-width and tag characters among them, as `U+202E`; each once. */
export function hiddenIn(text: string): readonly string[] {
  if (ASCII.test(text)) return []
  return [...new Set(Array.from(text.matchAll(HIDDEN), ([char]) => nameOf(char)))]
}

const UNSHOWN = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u{FFF9}-\u{FFFB}]/gu

/** The text with everything that cannot be seen written as `<U+202E>`: for people, never for comparing. */
export function showText(text: string): string {
  return text.replace(UNSHOWN, (char) => `<${nameOf(char)}>`)
}

function nameOf(char: string): string {
  return `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
