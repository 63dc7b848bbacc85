/** Puts text that nobody vouches for into a code fence longer than any run of backticks in it; nothing in it takes effect. */
export function fenced(text: string, language = ''): string {
  const shown = visible(text)
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map((run) => run[0].length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${shown}\n${fence}`
}

/** One line of untrusted text as inline code. */
export function inline(text: string): string {
  const shown = visible(text).replace(/[\r\n]+/g, ' ')
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map((run) => run[0].length))
  const tick = '`'.repeat(longest + 1)
  const space = shown.startsWith('`') || shown.endsWith('`') ? ' ' : ''
  return `${tick}${space}${shown}${space}${tick}`
}

/**
 * A reason of ours that may quote what nobody vouches for, as one line: `code` in it stays code, and nothing else takes
 * effect, neither markup, links and HTML nor mentions and references.
 */
export function prose(text: string): string {
  const line = visible(text).replace(/\s+/g, ' ')
  const parts = line.split('`')
  const isPaired = parts.length % 2 === 1 && !line.includes('``')
  if (!isPaired) return parts.map(defused).join('\\`')
  return parts.map((part, index) => (index % 2 === 0 ? defused(part) : part)).join('`')
}

const BREAK = '&#8203;'

/** Plain words; an invisible break keeps GitHub from reading names, numbers and addresses. */
function defused(text: string): string {
  return text
    .replace(/[\\*~[\]]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/@|#(?=\d)|\bgh-(?=\d)|:(?=\/\/)|\bwww(?=\.)/gi, `$&${BREAK}`)
}

/** Part of a table cell. */
export function cell(text: string): string {
  return text.replace(/\|/g, '\\|').replace(/[\r\n]+/g, ' ')
}

export function folded(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`
}

/** At most `most` characters, with a visible sentence where something was left out. */
export function limited(text: string, most: number): string {
  if (text.length <= most) return text
  return `${text.slice(0, most)}\n… ${text.length - most} more characters are left out here; the evidence has them all.`
}

/** Control, bidirectional and zero-width characters written as escapes. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n' || character === '\t' ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
}
