import { concatBytes, splitLines } from './bytes.ts'
import { type KeptLine, keptLines } from './kept-lines.ts'
import { type NumberedLines, numberLines } from './number-lines.ts'

/** Three versions of one text: the common one, and what two sides made of it. */
export type ThreeTexts = { readonly base: Uint8Array; readonly ours: Uint8Array; readonly theirs: Uint8Array }

/** Where both sides changed the same or neighbouring lines; lines count from one, and an empty span names the line it stands before. */
export type Clash = { readonly base: Span; readonly ours: Span; readonly theirs: Span }
export type Span = { readonly from: number; readonly count: number }

export type MergedLines =
  | { readonly is: 'merged'; readonly bytes: Uint8Array }
  | { readonly is: 'clash'; readonly clashes: readonly Clash[] }
  | { readonly is: 'too-large' }

/**
 * Merges two changes of one text line by line, on its bytes. Both are kept where they are apart by at least one line
 * that neither touches, or where they say the same; everything else is a clash. Nothing is ever marked in the text.
 */
export function mergeLines(texts: ThreeTexts): MergedLines {
  const ids = new Map<string, number>()
  const base = numberLines(texts.base, ids)
  const ours = sideOf(base, texts.ours, ids)
  const theirs = sideOf(base, texts.theirs, ids)
  if (ours === undefined || theirs === undefined) return { is: 'too-large' }
  const spots = spansOf([...ours.regions, ...theirs.regions]).map((span) => spotOf(span, { base, ours, theirs }))
  const clashes = spots.filter(({ says }) => says === undefined)
  if (clashes.length > 0) return { is: 'clash', clashes: clashes.map(clashOf) }
  return { is: 'merged', bytes: assemble(splitLines(texts.base), spots) }
}

/** Lines of the base that one side replaced by lines of its own; counted from zero, the ends not included. */
type Region = { readonly start: number; readonly end: number; readonly from: number; readonly to: number }

type Side = { readonly ids: NumberedLines; readonly lines: readonly Uint8Array[]; readonly regions: readonly Region[] }

function sideOf(base: NumberedLines, bytes: Uint8Array, ids: Map<string, number>): Side | undefined {
  const side = numberLines(bytes, ids)
  const kept = keptLines(base, side)
  if (kept === undefined) return undefined
  return { ids: side, lines: splitLines(bytes), regions: regionsOf(kept, base.length, side.length) }
}

function regionsOf(kept: readonly KeptLine[], before: number, after: number): readonly Region[] {
  const regions: Region[] = []
  let [start, from] = [0, 0]
  for (const next of [...kept, { before, after }]) {
    if (next.before > start || next.after > from) regions.push({ start, end: next.before, from, to: next.after })
    start = next.before + 1
    from = next.after + 1
  }
  return regions
}

/** Lines of one version; counted from zero, the end not included. */
type Range = { readonly start: number; readonly end: number }

/** The ranges of the base in which anybody changed anything; changes that touch are one. */
function spansOf(regions: readonly Region[]): readonly Range[] {
  const spans: Range[] = []
  for (const { start, end } of regions.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const last = spans.at(-1)
    if (last === undefined || start > last.end) spans.push({ start, end })
    else spans[spans.length - 1] = { start: last.start, end: Math.max(last.end, end) }
  }
  return spans
}

/** One span in all three versions, and the lines that the merge puts there; undefined where the sides disagree. */
type Spot = {
  readonly span: Range
  readonly ours: Range
  readonly theirs: Range
  readonly says: readonly Uint8Array[] | undefined
}

type Versions = { readonly base: NumberedLines; readonly ours: Side; readonly theirs: Side }

function spotOf(span: Range, { base, ours, theirs }: Versions): Spot {
  const [inOurs, inTheirs] = [rangeIn(ours, span), rangeIn(theirs, span)]
  const before = base.slice(span.start, span.end)
  const [our, their] = [ours.ids.slice(inOurs.start, inOurs.end), theirs.ids.slice(inTheirs.start, inTheirs.end)]
  const spot = { span, ours: inOurs, theirs: inTheirs }
  if (isSame(before, our)) return { ...spot, says: theirs.lines.slice(inTheirs.start, inTheirs.end) }
  const isAgreed = isSame(before, their) || isSame(our, their)
  return { ...spot, says: isAgreed ? ours.lines.slice(inOurs.start, inOurs.end) : undefined }
}

/** A span begins and ends between changes, so both ends have one place in each side. */
function rangeIn({ regions }: Side, { start, end }: Range): Range {
  const before = regions.findLast((region) => region.end < start)
  const within = regions.findLast((region) => region.end <= end)
  return { start: placeAfter(before, start), end: placeAfter(within, end) }
}

function placeAfter(region: Region | undefined, place: number): number {
  return region === undefined ? place : region.to + place - region.end
}

function isSame(a: NumberedLines, b: NumberedLines): boolean {
  return a.length === b.length && a.every((line, i) => line === b[i])
}

function clashOf({ span, ours, theirs }: Spot): Clash {
  return { base: toSpan(span), ours: toSpan(ours), theirs: toSpan(theirs) }
}

function toSpan({ start, end }: Range): Span {
  return { from: start + 1, count: end - start }
}

function assemble(base: readonly Uint8Array[], spots: readonly Spot[]): Uint8Array {
  const pieces: (readonly Uint8Array[])[] = []
  let at = 0
  for (const { span, says } of spots) {
    pieces.push(base.slice(at, span.start), says ?? [])
    at = span.end
  }
  return concatBytes([...pieces, base.slice(at)].flat())
}
