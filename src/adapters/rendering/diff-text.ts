import { structuredPatch } from 'diff'
import type { RenderedDiff } from '../../app/planning/examine-change.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import type { Edit, FileState } from '../../domain/patch/edit.ts'
import { showText } from '../../domain/patch/hidden-text.ts'

const MAX_CHARACTERS = 300_000
const MAX_FILE_CHARACTERS = 1_000_000
const MAX_LINE = 2000
const MAX_EDIT_LENGTH = 4000
const MAX_NAME = 500

type Rendered = Omit<RenderedDiff, 'unread'>
type ContentOf = (blob: string) => Uint8Array | undefined

/**
 * The change as text for people, in git's form. Binary files are one line, hidden characters are written out, and what is
 * too long is cut with a line that says so. Never an identity: that is the raw diff's hash.
 */
export function renderDiff(edits: readonly Edit[], contentOf: ContentOf): RenderedDiff {
  const files = edits.map((edit) => renderFile(edit, contentOf))
  const unread = edits.flatMap(({ path }, index) => (files[index]?.isUnread === true ? [path] : []))
  const shown: string[] = []
  let left = MAX_CHARACTERS
  for (const { text } of files) {
    if (text.length > left) break
    shown.push(text)
    left -= text.length
  }
  const hidden = files.length - shown.length
  const rest = hidden === 0 ? '' : `[${hidden} more files are not shown here]\n`
  return {
    text: `${shown.join('')}${rest}`,
    added: files.reduce((sum, file) => sum + file.added, 0),
    removed: files.reduce((sum, file) => sum + file.removed, 0),
    unread,
  }
}

function renderFile({ path, before, after }: Edit, contentOf: ContentOf): Rendered & { readonly isUnread: boolean } {
  const name = showText(path).slice(0, MAX_NAME)
  const head = [`diff --git a/${name} b/${name}`, ...modeLines(before, after)].join('\n')
  const [old, new_] = [textOf(before, contentOf), textOf(after, contentOf)]
  if (old === undefined || new_ === undefined) {
    return { text: `${head}\nBinary files differ\n`, added: 0, removed: 0, isUnread: true }
  }
  const body = renderText(old, new_)
  const names = `--- ${before === null ? '/dev/null' : `a/${name}`}\n+++ ${after === null ? '/dev/null' : `b/${name}`}\n`
  return { ...body, isUnread: false, text: `${head}\n${body.text === '' ? '' : names}${body.text}` }
}

function modeLines(before: FileState | null, after: FileState | null): readonly string[] {
  if (before === null) return after === null ? [] : [`new file mode ${after.mode}`]
  if (after === null) return [`deleted file mode ${before.mode}`]
  return before.mode === after.mode ? [] : [`old mode ${before.mode}`, `new mode ${after.mode}`]
}

/** Undefined for content that is no text of a size that people read. */
function textOf(state: FileState | null, contentOf: ContentOf): string | undefined {
  if (state === null) return ''
  if (state.mode === '160000') return `Subproject commit ${state.blob}\n`
  const bytes = contentOf(state.blob)
  if (bytes === undefined || bytes.length > MAX_FILE_CHARACTERS || bytes.includes(0)) return undefined
  return fromUtf8(bytes)
}

function renderText(old: string, new_: string): Rendered {
  const patch = structuredPatch('', '', old, new_, undefined, undefined, {
    context: 3,
    maxEditLength: MAX_EDIT_LENGTH,
  })
  if (patch === undefined) return wholeFile(old, new_)
  const lines = patch.hunks.flatMap((hunk) => [
    `@@ -${rangeOf(hunk.oldStart, hunk.oldLines)} +${rangeOf(hunk.newStart, hunk.newLines)} @@`,
    ...hunk.lines.map(showLine),
  ])
  const signs = patch.hunks.flatMap((hunk) => hunk.lines.map((line) => line.charAt(0)))
  return {
    text: lines.map((line) => `${line}\n`).join(''),
    added: signs.filter((sign) => sign === '+').length,
    removed: signs.filter((sign) => sign === '-').length,
  }
}

function rangeOf(start: number, lines: number): string {
  return lines === 1 ? String(start) : `${start},${lines}`
}

function wholeFile(old: string, new_: string): Rendered {
  const [removed, added] = [countLines(old), countLines(new_)]
  return { text: `[${removed} lines become ${added} lines: too different to show]\n`, added, removed }
}

function countLines(text: string): number {
  const feeds = text.split('\n').length - 1
  return text === '' || text.endsWith('\n') ? feeds : feeds + 1
}

function showLine(line: string): string {
  const cut =
    line.length > MAX_LINE ? `${line.slice(0, MAX_LINE).toWellFormed()}[… ${line.length - MAX_LINE} more]` : line
  return cut.split('\t').map(showText).join('\t')
}
