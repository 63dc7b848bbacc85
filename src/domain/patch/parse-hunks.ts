import type { Hunk, HunkLine } from './file-patch.ts'
import { lineStarts, MalformedPatch, type PatchReader, peekLine, takeHeader, takeLine } from './patch-reader.ts'

/** All hunks that follow, at least one; they must be in order and agree about their own positions. */
export function parseHunks(reader: PatchReader): readonly Hunk[] {
  const hunks: Hunk[] = []
  let oldEnd = 0
  let shift = 0
  while (lineStarts(reader, '@@ ')) {
    const hunk = parseHunk(reader)
    if (hunk.oldStart < oldEnd) throw new MalformedPatch(hunk.line, 'the hunk overlaps the one before it')
    if (hunk.newStart !== hunk.oldStart + shift) {
      throw new MalformedPatch(hunk.line, 'the new position of the hunk does not follow from the hunks before it')
    }
    oldEnd = hunk.oldStart + hunk.oldCount
    shift += hunk.newCount - hunk.oldCount
    hunks.push(hunk)
  }
  if (hunks.length === 0) throw new MalformedPatch(reader.line, 'a hunk (@@ -… +… @@) is expected here')
  return hunks
}

function parseHunk(reader: PatchReader): Hunk {
  const { line } = reader
  const range = parseRange(takeHeader(reader), line)
  const lines = takeHunkLines(reader, range)
  if (lines.every(({ sign }) => sign === ' ')) throw new MalformedPatch(line, 'the hunk changes nothing')
  return { line, ...range, lines }
}

type HunkRange = Omit<Hunk, 'line' | 'lines'>

const RANGE = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@(?: [^]*)?$/

function parseRange(header: string, line: number): HunkRange {
  const match = RANGE.exec(header)
  if (match === null) throw new MalformedPatch(line, 'the head of the hunk is not "@@ -start,count +start,count @@"')
  const oldCount = Number(match[2] ?? 1)
  const newCount = Number(match[4] ?? 1)
  return {
    oldStart: toIndex(Number(match[1]), oldCount, line),
    oldCount,
    newStart: toIndex(Number(match[3]), newCount, line),
    newCount,
  }
}

/** An empty range names the line after which it stands, any other its own first line. */
function toIndex(start: number, count: number, line: number): number {
  if (count === 0) return start
  if (start === 0) throw new MalformedPatch(line, 'lines are counted from 1')
  return start - 1
}

type Side = { left: number; closed: boolean }

function takeHunkLines(reader: PatchReader, range: HunkRange): readonly HunkLine[] {
  const lines: HunkLine[] = []
  const before: Side = { left: range.oldCount, closed: false }
  const after: Side = { left: range.newCount, closed: false }
  while (before.left > 0 || after.left > 0) {
    const at = reader.line
    const line = takeHunkLine(reader)
    const sides = [line.sign === '+' ? [] : [before], line.sign === '-' ? [] : [after]].flat()
    for (const side of sides) countLine(side, line, at)
    lines.push(line)
  }
  if (lineStarts(reader, '\\')) throw new MalformedPatch(reader.line, 'a second mark for a missing final newline')
  return lines
}

function countLine(side: Side, line: HunkLine, at: number): void {
  if (side.closed) throw new MalformedPatch(at, 'a line follows the one that was marked as the last, without a newline')
  if (side.left === 0) throw new MalformedPatch(at, 'the hunk has more lines than its head says')
  side.left -= 1
  side.closed = line.bytes.at(-1) !== 10
}

const SIGNS: ReadonlyMap<number | undefined, HunkLine['sign']> = new Map([
  [0x20, ' '],
  [0x2d, '-'],
  [0x2b, '+'],
])

/** A wholly empty line is an empty line of context: diff writes it so under diff.suppressBlankEmpty. */
function takeHunkLine(reader: PatchReader): HunkLine {
  const at = reader.line
  const raw = takeLine(reader)
  if (raw === undefined) throw new MalformedPatch(at, 'the patch ends in the middle of a hunk')
  if (raw.length === 1) return { sign: ' ', bytes: raw }
  const sign = SIGNS.get(raw[0])
  if (sign === undefined) throw new MalformedPatch(at, 'a line of a hunk must begin with " ", "-" or "+"')
  const bytes = raw.subarray(1)
  return takeMissingNewline(reader) ? { sign, bytes: bytes.subarray(0, -1) } : { sign, bytes }
}

/** `\ No newline at end of file`, in whatever language. */
function takeMissingNewline(reader: PatchReader): boolean {
  if (!lineStarts(reader, '\\ ')) return false
  const mark = peekLine(reader)
  if (mark === undefined || mark.length < 12) throw new MalformedPatch(reader.line, 'an unknown mark in a hunk')
  takeLine(reader)
  return true
}
