import { html } from 'hono/html'
import parseDiff from 'parse-diff'
import { type Html, visible } from './text.ts'

type Piece = Html | Promise<Html>

const OPEN_LINES = 60
const SHOWN_LINES = 4000

/**
 * A change in unified text as tables, one a file; long files are folded. A part that the parser does not give back line
 * by line is shown as the text it is, so nothing of the change is lost on the way to the page.
 */
export function diffPieces(text: string): readonly Piece[] {
  return text
    .split(/^(?=diff --git )/m)
    .filter((section) => section !== '')
    .map(fileOf)
}

function fileOf(section: string): Piece {
  const lines = section.split('\n').filter((line) => line !== '')
  const [head = '', ...rest] = lines
  const body = bodyOf(lines)
  const [file] = parseDiff(section)
  const chunks = file?.chunks ?? []
  const parsed = chunks.flatMap((chunk) => chunk.changes.map((change) => change.content))
  const faithful = body.length > 0 && parsed.length === body.length && parsed.every((line, i) => line === body[i])
  const inside =
    faithful && body.length <= SHOWN_LINES ? hunkTable(head, chunks) : html`<pre>${visible(rest.join('\n'))}</pre>`
  return html`<details class="diff"${body.length <= OPEN_LINES ? html` open` : ''}>
<summary><code>${visible(pathIn(head))}</code> <span class="soft">${sizeOf(body)}</span></summary>
${faithful ? noteLines(rest) : ''}${inside}
</details>
`
}

/** The lines of the hunks: what looks like a file's name before the first hunk is none. */
function bodyOf(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => line.startsWith('@@ '))
  return first === -1 ? [] : lines.slice(first).filter((line) => /^[-+ \\]/.test(line))
}

/** `diff --git a/X b/X`: both names are the same, so the first is half of the rest. */
function pathIn(head: string): string {
  const names = head.replace(/^diff --git /, '')
  const [a, b] = [names.slice(0, (names.length - 1) / 2), names.slice((names.length + 1) / 2)]
  return a.startsWith('a/') && b.startsWith('b/') && a.slice(2) === b.slice(2) ? a.slice(2) : names
}

function sizeOf(body: readonly string[]): string {
  if (body.length === 0) return ''
  const startingWith = (sign: string) => body.filter((line) => line.startsWith(sign)).length
  return `+${startingWith('+')} −${startingWith('-')}`
}

/** What the text says beside its hunks: changed modes, and what was left out. */
function noteLines(lines: readonly string[]): Piece | '' {
  const notes = lines.filter((line) => /^(\[|old mode |new mode |new file mode |deleted file mode |Binary )/.test(line))
  return notes.length === 0 ? '' : html`<p class="soft">${notes.map((line) => html`${visible(line)}<br>`)}</p>`
}

function hunkTable(head: string, chunks: readonly parseDiff.Chunk[]): Piece {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Change of ${visible(pathIn(head))}"><table>
<caption class="hidden">Lines before, lines after, sign, text</caption>
<tbody>${chunks.map(
    (
      chunk,
    ) => html`<tr class="at"><td class="n"></td><td class="n"></td><td class="s"></td><td>${visible(chunk.content)}</td></tr>
${chunk.changes.map(lineOf)}`,
  )}</tbody></table></div>`
}

function lineOf(change: parseDiff.Change): Piece {
  const before = change.type === 'normal' ? change.ln1 : change.type === 'del' ? change.ln : ''
  const after = change.type === 'normal' ? change.ln2 : change.type === 'add' ? change.ln : ''
  const sign = change.type === 'add' ? '+' : change.type === 'del' ? '−' : ''
  const text = change.content.startsWith('\\') ? change.content : change.content.slice(1)
  return html`<tr class="${change.type}"><td class="n">${before}</td><td class="n">${after}</td><td class="s">${sign}</td><td>${visible(text)}</td></tr>
`
}
