import { decodedView } from './decoding.ts'
import { type Finding, mergeFindings } from './finding.ts'
import { joinedView } from './joining.ts'
import type { Needles } from './needles.ts'
import { scan } from './scan.ts'
import { unescapedView } from './unescaping.ts'
import { partOf, plainView, reversedView, rotatedView, type View } from './views.ts'

/** How many encodings inside each other are opened. */
const DEPTH = 2

/** Longer input is looked at in parts that overlap by more than the longest secret. */
const PART = 4 * 1024 * 1024
const OVERLAP = 64 * 1024

/** Every secret in the bytes, in whatever of the known ways it is written. Linear in time and memory. */
export function findSecrets(bytes: Uint8Array, needles: Needles): readonly Finding[] {
  const findings: Finding[] = []
  for (let start = 0; start === 0 || start + OVERLAP < bytes.length; start += PART - OVERLAP) {
    const part = plainView(plainBytes(bytes, start, Math.min(bytes.length, start + PART)))
    explore(part, { needles, findings, start }, { depth: DEPTH, mayJoin: true })
  }
  return mergeFindings(findings)
}

/** Never a Buffer: one kind of array is read much faster than two. */
function plainBytes({ buffer, byteOffset }: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset + start, end - start)
}

type Search = { readonly needles: Needles; readonly findings: Finding[]; readonly start: number }
type Reach = { readonly depth: number; readonly mayJoin: boolean }

function explore(view: View, search: Search, { depth, mayJoin }: Reach): void {
  lookAt(view, search)
  const joined = mayJoin ? joinedView(view) : undefined
  if (joined !== undefined) explore(joined, search, { depth, mayJoin: false })
  if (depth === 0) return
  for (const decoded of [unescapedView(view), decodedView(view, { isThorough: depth === DEPTH })])
    if (decoded !== undefined) explore(decoded, search, { depth: depth - 1, mayJoin })
}

/** Scans a view, and the mirror images of the parts in which something begins like one. */
function lookAt(view: View, search: Search): void {
  const { findings, mirrored } = scan(view, search.needles)
  note(view, search, findings)
  for (const part of mirrored.reversed) look(reversedView(partOf(view, part)), search)
  for (const part of mirrored.rotated) look(rotatedView(partOf(view, part)), search)
}

function look(view: View, search: Search): void {
  note(view, search, scan(view, search.needles).findings)
}

/** What begins inside something found already says nothing new: joined text may run on into the next words. */
function note({ locate }: View, { findings, start: offset }: Search, found: readonly Finding[]): void {
  for (const { kind, start, end } of found) {
    const [from, to] = locate(start, end)
    const finding = { kind, start: from + offset, end: to + offset }
    if (!findings.some((known) => known.start <= finding.start && finding.start < known.end)) findings.push(finding)
  }
}
