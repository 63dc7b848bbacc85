import { toCharacters } from './bytes-text.ts'
import type { Finding } from './finding.ts'
import type { SecretFormat } from './formats.ts'
import { isOfAllKinds } from './looks.ts'
import { type Clue, gramAt, type Mirrored, type Needles, nextSifted, type ValueForm } from './needles.ts'
import type { View } from './views.ts'

/** What stands in one view, and the parts of it in which something may stand that is only read backwards or rotated. */
export type Scanned = {
  readonly findings: readonly Finding[]
  readonly mirrored: Readonly<Record<Mirrored, readonly Part[]>>
}

export type Part = { readonly start: number; readonly end: number }

/** A part of the view as text: shapes are tried on it, since whole views are large and shapes seldom tried. */
type Window = { readonly start: number; readonly end: number; readonly text: string }

const NO_WINDOW: Window = { start: 0, end: 0, text: '' }
/** As far as any shape looks before its anchor. */
const BEFORE = 128

type Scan = {
  readonly view: View
  readonly needles: Needles
  readonly findings: Finding[]
  readonly mirrored: Record<Mirrored, Part[]>
  /** Up to where each form or kind was found already: what lies in there is not looked at again. */
  readonly until: Map<ValueForm | string, number>
  window: Window
}

/** Looks through one view once; the time is linear in its length. */
export function scan(view: View, needles: Needles): Scanned {
  const state: Scan = {
    view,
    needles,
    findings: [],
    mirrored: { reversed: [], rotated: [] },
    until: new Map(),
    window: NO_WINDOW,
  }
  const { bytes } = view
  const { sieve, clues } = needles
  for (let at = nextSifted(bytes, sieve, 0); at >= 0; at = nextSifted(bytes, sieve, at + 1))
    for (const clue of clues.get(gramAt(bytes, at)) ?? []) follow(state, clue, at)
  return { findings: state.findings, mirrored: state.mirrored }
}

function follow(state: Scan, clue: Clue, at: number): void {
  if (clue.is === 'value') return followValue(state, clue, at)
  if (!standsAt(state.view.bytes, clue.anchor, at)) return
  if (clue.is === 'mirrored') addPart(state.mirrored[clue.how], partAround(clue, at, state.view.bytes.length))
  else followFormat(state, clue.format, at)
}

/** As much as a secret of this format takes, with what its shape looks at before it; backwards it ends where its anchor does. */
function partAround(
  { how, format: { reach }, anchor }: Extract<Clue, { is: 'mirrored' }>,
  at: number,
  length: number,
): Part {
  const [before, after] = how === 'rotated' ? [BEFORE, reach] : [reach, BEFORE + anchor.length]
  return { start: Math.max(0, at - before), end: Math.min(length, at + after) }
}

/** Parts that touch become one, so that nothing is looked at twice. */
function addPart(parts: Part[], { start, end }: Part): void {
  let [from, to] = [start, end]
  for (let last = parts.at(-1); last !== undefined && from <= last.end; last = parts.at(-1)) {
    from = Math.min(from, last.start)
    to = Math.max(to, last.end)
    parts.pop()
  }
  parts.push({ start: from, end: to })
}

function standsAt(bytes: Uint8Array, anchor: Uint8Array, at: number): boolean {
  for (let i = 4; i < anchor.length; i += 1) if (bytes[at + i] !== anchor[i]) return false
  return true
}

function followFormat(state: Scan, format: SecretFormat, at: number): void {
  const from = at - format.lead
  if (from < 0 || at < (state.until.get(format.kind) ?? 0)) return
  const { start, text } = windowAt(state, at, format.reach)
  const match = matchAt(format, state.view, { text, from: from - start, at: from })
  if (match === undefined) return
  const [first, last] = placeOf(match)
  state.until.set(format.kind, start + last)
  state.findings.push({ kind: format.kind, start: start + first, end: start + last })
}

/** The group where the shape has one, and else the whole. */
function placeOf({ indices }: RegExpExecArray): readonly [number, number] {
  return indices?.[1] ?? indices?.[0] ?? [0, 0]
}

type Spot = { readonly text: string; readonly from: number; readonly at: number }

/** Where words stand apart their edges count; elsewhere what precedes a secret may look like a part of it. */
function matchAt(format: SecretFormat, { words, isEdge }: View, { text, from, at }: Spot): RegExpExecArray | undefined {
  const { shape, joined, atDot, isSecret, isNoWord, isApart } = format
  if (atDot !== '' && !text.startsWith(atDot, text.indexOf('.', from))) return undefined
  const tried = (one: RegExp, isHeld: (found: string) => boolean) => {
    one.lastIndex = from
    const match = one.exec(text)
    return match !== null && isHeld(match[1] ?? match[0]) ? match : undefined
  }
  const whole = words === 'joined' ? undefined : tried(shape, isSecret)
  if (whole !== undefined || words === 'apart') return whole
  const stands = (found: string) => !isApart || isEdge(at) || (words === 'decoded' && isOfAllKinds(found))
  return tried(joined, (found) => isSecret(found) && isNoWord(found) && stands(found))
}

function windowAt(state: Scan, at: number, reach: number): Window {
  const { bytes } = state.view
  const [from, to] = [Math.max(0, at - BEFORE), Math.min(bytes.length, at + reach)]
  if (from < state.window.start || to > state.window.end || state.window.text === '') {
    const end = Math.min(bytes.length, from + 4 * reach)
    state.window = { start: from, end, text: toCharacters(bytes.subarray(from, end)) }
  }
  return state.window
}

/** Follows a known value to both sides from four bytes that it shares with the view. */
function followValue(
  { view: { bytes }, needles: { forms }, until, findings }: Scan,
  { form, offset }: Extract<Clue, { is: 'value' }>,
  at: number,
): void {
  const value = forms[form]
  if (value === undefined || at < (until.get(value) ?? 0)) return
  const before = sameBefore(bytes, at, { value: value.bytes, offset })
  const after = sameAfter(bytes, at, { value: value.bytes, offset })
  if (before + after < value.least) return
  until.set(value, at + after)
  findings.push({ kind: value.kind, start: at - before, end: at + after })
}

type Aligned = { readonly value: Uint8Array; readonly offset: number }

function sameBefore(bytes: Uint8Array, at: number, { value, offset }: Aligned): number {
  let same = 0
  while (same < offset && same < at && bytes[at - same - 1] === value[offset - same - 1]) same += 1
  return same
}

function sameAfter(bytes: Uint8Array, at: number, { value, offset }: Aligned): number {
  let same = 0
  while (offset + same < value.length && at + same < bytes.length && bytes[at + same] === value[offset + same])
    same += 1
  return same
}
