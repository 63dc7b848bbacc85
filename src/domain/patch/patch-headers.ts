import { FileMode } from './edit.ts'
import type { Change } from './file-patch.ts'
import { commonGitName, isGitPair, takeName, toPath } from './patch-name.ts'
import { lineStarts, MalformedPatch, type PatchReader, takePlainHeader } from './patch-reader.ts'

/** The lines between `diff --git` and the body, read as one statement. */
export type Headers = {
  readonly pair: string
  readonly kind: Kind
  readonly modes: { readonly before: FileMode; readonly after: FileMode } | undefined
  readonly index: { readonly blobs: { before: string; after: string }; readonly mode: FileMode | undefined } | undefined
}

type Kind =
  | { readonly is: 'create' | 'delete'; readonly mode: FileMode }
  | { readonly is: 'rename' | 'copy'; readonly from: string; readonly to: string }
  | { readonly is: 'modify' }

const PREFIXES = [
  'old mode ',
  'new mode ',
  'new file mode ',
  'deleted file mode ',
  'rename from ',
  'rename to ',
  'copy from ',
  'copy to ',
  'similarity index ',
  'dissimilarity index ',
  'index ',
] as const
type Prefix = (typeof PREFIXES)[number]
type Found = ReadonlyMap<Prefix, string>

export function takeHeaders(reader: PatchReader): Headers {
  const { line } = reader
  const pair = takePlainHeader(reader).slice('diff --git '.length)
  const found = takeFound(reader)
  for (const similarity of [found.get('similarity index '), found.get('dissimilarity index ')]) {
    if (similarity !== undefined && !/^\d{1,3}%$/.test(similarity)) {
      throw new MalformedPatch(line, 'a percentage is malformed')
    }
  }
  const headers = { pair, kind: kindOf(found, line), modes: modesOf(found, line), index: indexOf(found, line) }
  requireOneMode(headers, line)
  return headers
}

function requireOneMode({ kind, modes, index }: Headers, line: number): void {
  const isWhole = kind.is === 'create' || kind.is === 'delete'
  const said = [isWhole, modes !== undefined, index?.mode !== undefined].filter(Boolean)
  if (said.length > 1) throw new MalformedPatch(line, 'the mode is given twice')
}

function modesOf(found: Found, line: number): Headers['modes'] {
  const pair = pairOf(found, 'old mode ', 'new mode ', line)
  if (pair === undefined) return undefined
  const [before, after] = [toMode(pair[0], line), toMode(pair[1], line)]
  if (before === after) throw new MalformedPatch(line, 'the mode stays the same')
  return { before, after }
}

function takeFound(reader: PatchReader): Found {
  const found = new Map<Prefix, string>()
  for (let prefix = prefixAt(reader); prefix !== undefined; prefix = prefixAt(reader)) {
    if (found.has(prefix)) throw new MalformedPatch(reader.line, `"${prefix.trim()}" is said twice`)
    found.set(prefix, takePlainHeader(reader).slice(prefix.length))
  }
  return found
}

function prefixAt(reader: PatchReader): Prefix | undefined {
  return PREFIXES.find((prefix) => lineStarts(reader, prefix))
}

function kindOf(found: Found, line: number): Kind {
  const created = found.get('new file mode ')
  const deleted = found.get('deleted file mode ')
  const renamed = pairOf(found, 'rename from ', 'rename to ', line)
  const copied = pairOf(found, 'copy from ', 'copy to ', line)
  const kinds: readonly Kind[] = [
    created === undefined ? [] : [{ is: 'create', mode: toMode(created, line) } as const],
    deleted === undefined ? [] : [{ is: 'delete', mode: toMode(deleted, line) } as const],
    renamed === undefined ? [] : [{ is: 'rename', ...toMove(renamed, line) } as const],
    copied === undefined ? [] : [{ is: 'copy', ...toMove(copied, line) } as const],
  ].flat()
  if (kinds.length > 1)
    throw new MalformedPatch(line, `the file is said to be ${kinds.map(({ is }) => is).join(' and ')}`)
  return kinds[0] ?? { is: 'modify' }
}

function pairOf(found: Found, first: Prefix, second: Prefix, line: number): readonly [string, string] | undefined {
  const a = found.get(first)
  const b = found.get(second)
  if (a === undefined && b === undefined) return undefined
  if (a === undefined || b === undefined)
    throw new MalformedPatch(line, `"${first.trim()}" and "${second.trim()}" go together`)
  return [a, b]
}

function toMove([from, to]: readonly [string, string], line: number): { readonly from: string; readonly to: string } {
  const names = [from, to].map((text) => takeName(text, line))
  if (names.some(({ rest }) => rest !== '')) throw new MalformedPatch(line, 'something follows the file name')
  const [a, b] = names.map(({ name }) => name)
  if (a === undefined || b === undefined || a === b) throw new MalformedPatch(line, 'the two names are the same')
  return { from: a, to: b }
}

function toMode(text: string, line: number): FileMode {
  const mode = FileMode.safeParse(text)
  if (!mode.success) throw new MalformedPatch(line, 'a mode is not 100644, 100755, 120000 or 160000')
  return mode.data
}

const INDEX = /^([0-9a-f]{4,40})\.\.([0-9a-f]{4,40})(?: (\d{6}))?$/

function indexOf(found: Found, line: number): Headers['index'] {
  const text = found.get('index ')
  if (text === undefined) return undefined
  const match = INDEX.exec(text)
  const [before, after] = [match?.[1], match?.[2]]
  if (before === undefined || after === undefined) throw new MalformedPatch(line, 'the index line is malformed')
  return { blobs: { before, after }, mode: match?.[3] === undefined ? undefined : toMode(match[3], line) }
}

/** The names that the body gives; null stands for `/dev/null`. */
export type BodyNames = { readonly from: string | null; readonly to: string | null }

/** Puts the head and, where the body names the files too, those names together; they must agree. */
export function toChange(headers: Headers, line: number, names?: BodyNames): Change {
  const { kind, pair } = headers
  const { from, to } = kind.is === 'rename' || kind.is === 'copy' ? kind : sameName(pair, line, names)
  if (!isGitPair(pair, from, to)) throw new MalformedPatch(line, 'the names in "diff --git" differ from those below it')
  if (names !== undefined) requireNames(names, { kind, from, to }, line)
  return changeOf(headers, toPath(from, line), toPath(to, line))
}

function changeOf({ kind, modes: said, index }: Headers, from: string, path: string): Change {
  const modes = said ?? { before: index?.mode ?? null, after: null }
  switch (kind.is) {
    case 'create':
    case 'delete':
      return { is: kind.is, path, mode: kind.mode }
    case 'modify':
      return { is: 'modify', path, modes }
    case 'rename':
    case 'copy':
      return { is: kind.is, from, path, modes }
  }
}

function sameName(
  pair: string,
  line: number,
  names: BodyNames | undefined,
): { readonly from: string; readonly to: string } {
  const name = names?.to ?? names?.from ?? commonGitName(pair, line)
  if (name === undefined) {
    throw new MalformedPatch(line, 'the two names in "diff --git" differ, and no header says why')
  }
  return { from: name, to: name }
}

type Heading = { readonly kind: Kind; readonly from: string; readonly to: string }

function requireNames(names: BodyNames, { kind, from, to }: Heading, line: number): void {
  const agree = names.from === (kind.is === 'create' ? null : from) && names.to === (kind.is === 'delete' ? null : to)
  if (!agree) throw new MalformedPatch(line, 'the names after --- and +++ contradict the head')
}
