/** Puts text that nobody vouches for into a code fence longer than any run of backticks in it; nothing in it takes effect. */
export function fenced(text: string, language = ''): string {
  const shown = visible(text)
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map((run) => run[0].length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${shown}\n${fence}`
}

/** One line of untrusted text as inline code; where there is none a blank, since empty code would end at the next one. */
export function inline(text: string): string {
  if (text === '') return '` `'
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

/** Part of a table cell. A backslash before a bar would take its escape away, so it is written out. */
export function cell(text: string): string {
  return text
    .replace(/\\(?=\\*\|)/g, '\\u{5c}')
    .replace(/\|/g, '\\|')
    .replace(/[\r\n]+/g, ' ')
}

export function folded(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`
}

/** What is shown of a text takes at most `most` bytes, with a visible sentence where something was left out. */
export function limited(text: string, most: number): string {
  const kept = start(text, most)
  if (kept.length === text.length) return text
  return `${kept}\n… ${text.length - kept.length} more characters are left out here; the evidence has them all.`
}

/** The start of a text that takes at most `most` bytes when it is shown; whole lines where that leaves at least half. */
export function start(text: string, most: number): string {
  let bytes = 0
  let end = 0
  for (const character of text) {
    bytes += bytesOf(character)
    if (bytes > most) break
    end += character.length
  }
  if (end === text.length) return text
  const line = text.lastIndexOf('\n', end - 1)
  return text.slice(0, line > end / 2 ? line : end)
}

/** As many lines as fit into `most` bytes, and one line that tells of the rest. */
export function listed(lines: readonly string[], most: number, rest: (left: number) => string): readonly string[] {
  let bytes = 0
  const fitting = lines.findIndex((line) => {
    bytes += sizeOf(line) + 1
    return bytes > most
  })
  return fitting === -1 ? lines : [...lines.slice(0, fitting), rest(lines.length - fitting)]
}

/** In UTF-8, which is never shorter than what GitHub counts. */
export function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length
}

const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

function bytesOf(character: string): number {
  if (character === '\n' || character === '\t') return 1
  if (HIDDEN.test(character)) return escaped(character).length
  const code = character.codePointAt(0) ?? 0
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  return code < 0x10000 ? 3 : 4
}

/** Control, bidirectional and zero-width characters written as escapes, and a run of backticks that no fence could hold as one. */
function visible(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
      character === '\n' || character === '\t' ? character : escaped(character),
    )
    .replace(/`{40,}/g, (run) => `\\u{60}×${run.length}`)
    .toWellFormed()
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
