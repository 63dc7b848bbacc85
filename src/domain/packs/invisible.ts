/** Characters that leave no mark of their own: format, control, variation, filler and tag characters, half surrogates. */
export function isInvisible(character: string): boolean {
  return (
    /[\p{Cf}\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u.test(character) &&
    !/[\n\r\t]/.test(character)
  )
}

/** Joiners and selectors have an honest use inside emoji and in scripts that join their letters. */
export function isJoining(character: string, before: string, after: string): boolean {
  if (/[\uFE0E\uFE0F]/.test(character)) return /[\p{Emoji}]/u.test(before)
  if (character === '\u200D' && /[\p{Emoji}\uFE0F]/u.test(before) && /\p{Emoji}/u.test(after)) return true
  return /[\u200C\u200D]/.test(character) && isJoiningLetter(before) && isJoiningLetter(after)
}

function isJoiningLetter(character: string): boolean {
  return (
    /[\p{L}\p{M}]/u.test(character) &&
    !/[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}]/u.test(character)
  )
}

/** What a character reference such as `&#8203;` or `&zwj;` stands for; `undefined` where the page shows it as it is. */
export function referenced(name: string): string | undefined {
  const number = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name)
  if (number !== null) return fromCode(number[1] === undefined ? Number(number[2]) : Number.parseInt(number[1], 16))
  return NAMED.get(name)
}

function fromCode(code: number): string {
  return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : '\uFFFD'
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['nbsp', ' '],
  ['shy', '\u00AD'],
  ['zwj', '\u200D'],
  ['zwnj', '\u200C'],
  ['lrm', '\u200E'],
  ['rlm', '\u200F'],
  ['NoBreak', '\u2060'],
  ['ZeroWidthSpace', '\u200B'],
  ['NegativeMediumSpace', '\u200B'],
  ['NegativeThickSpace', '\u200B'],
  ['NegativeThinSpace', '\u200B'],
  ['NegativeVeryThinSpace', '\u200B'],
  ['ApplyFunction', '\u2061'],
  ['af', '\u2061'],
  ['InvisibleTimes', '\u2062'],
  ['it', '\u2062'],
  ['InvisibleComma', '\u2063'],
  ['ic', '\u2063'],
])
