import { ok, type Result, refuse } from '../result.ts'
import type { FilePatch, PatchRefusal } from './file-patch.ts'
import { type Inflate, parseBinary } from './parse-binary.ts'
import { parseHunks } from './parse-hunks.ts'
import { type BodyNames, type Headers, takeHeaders, toChange } from './patch-headers.ts'
import { takeName, toPath, withoutPrefix } from './patch-name.ts'
import { lineStarts, MalformedPatch, type PatchReader, readPatch, takePlainHeader } from './patch-reader.ts'

/**
 * Reads a unified diff, git's or plain `diff -u` with `a/` and `b/`, on its bytes. Text outside the files, a mail's
 * head or signature too, is refused: what a patch says must have one reading only.
 */
export function parsePatch(
  bytes: Uint8Array,
  tools: { readonly inflate: Inflate },
): Result<readonly FilePatch[], PatchRefusal> {
  try {
    return ok(takeFiles(readPatch(bytes), tools.inflate))
  } catch (error) {
    if (error instanceof MalformedPatch) return refuse({ line: error.line, because: error.because })
    throw error
  }
}

function takeFiles(reader: PatchReader, inflate: Inflate): readonly FilePatch[] {
  const files: FilePatch[] = []
  while (reader.at < reader.bytes.length) files.push(takeFile(reader, inflate))
  if (files.length === 0) throw new MalformedPatch(1, 'the patch is empty')
  return files
}

function takeFile(reader: PatchReader, inflate: Inflate): FilePatch {
  if (lineStarts(reader, 'diff --git ')) return takeGitFile(reader, inflate)
  if (lineStarts(reader, 'diff -') && !lineStarts(reader, 'diff --')) takePlainHeader(reader)
  if (lineStarts(reader, '--- ')) return takePlainFile(reader)
  throw new MalformedPatch(
    reader.line,
    'neither "diff --git" nor "---" nor a hunk: text outside a patch, such as a mail around it, is refused ' +
      '(give the change alone, as `git diff --binary --full-index` or `git show --format= --binary --full-index` print it)',
  )
}

function takeGitFile(reader: PatchReader, inflate: Inflate): FilePatch {
  const { line } = reader
  const headers = takeHeaders(reader)
  if (lineStarts(reader, '--- ')) return takeTextBody(reader, line, headers)
  const change = toChange(headers, line)
  const blobs = headers.index?.blobs ?? null
  if (lineStarts(reader, 'GIT binary patch\n')) {
    takePlainHeader(reader)
    if (blobs === null || blobs.before.length !== 40 || blobs.after.length !== 40) {
      throw new MalformedPatch(
        line,
        'a binary patch needs an index line with full ids (git diff --binary --full-index)',
      )
    }
    return { line, change, blobs, body: parseBinary(reader, inflate) }
  }
  if (lineStarts(reader, 'Binary files ')) {
    throw new MalformedPatch(reader.line, 'the patch leaves out binary content (make it with git diff --binary)')
  }
  requireSomething(headers, line)
  return { line, change, blobs, body: { is: 'none' } }
}

/** Without a body, the head alone must say what changes. */
function requireSomething(headers: Headers, line: number): void {
  const { kind, modes, index } = headers
  if (kind.is === 'create' || kind.is === 'delete') return
  if (index !== undefined) throw new MalformedPatch(line, 'the content changes, but there is no hunk')
  if (kind.is === 'modify' && modes === undefined)
    throw new MalformedPatch(line, 'the file is named, but nothing changes')
}

function takeTextBody(reader: PatchReader, line: number, headers: Headers): FilePatch {
  const names = takeTextNames(reader, false)
  const change = toChange(headers, line, names)
  const body = { is: 'text', hunks: parseHunks(reader) } as const
  return { line, change, blobs: headers.index?.blobs ?? null, body }
}

function takePlainFile(reader: PatchReader): FilePatch {
  const { line } = reader
  const { from, to } = takeTextNames(reader, true)
  const body = { is: 'text', hunks: parseHunks(reader) } as const
  return { line, change: plainChange(from, to, line), blobs: null, body }
}

/** Without git's head a mode is never named: a new file is a plain file, an old one keeps what it has. */
function plainChange(from: string | null, to: string | null, line: number): FilePatch['change'] {
  if (to !== null && from === null) return { is: 'create', path: toPath(to, line), mode: '100644' }
  if (from !== null && to === null) return { is: 'delete', path: toPath(from, line), mode: null }
  if (from === null || from !== to) throw new MalformedPatch(line, 'the two names differ, and no header says why')
  return { is: 'modify', path: toPath(from, line), modes: { before: null, after: null } }
}

function takeTextNames(reader: PatchReader, isStamped: boolean): BodyNames {
  const from = takeTextName(reader, '--- ', isStamped)
  const to = takeTextName(reader, '+++ ', isStamped)
  return { from, to }
}

/** Plain diff writes a time after the name; git writes nothing, or a lone tab after a name with a space. */
function takeTextName(reader: PatchReader, mark: '--- ' | '+++ ', isStamped: boolean): string | null {
  const { line } = reader
  if (!lineStarts(reader, mark)) throw new MalformedPatch(line, `a line that begins with "${mark}" is expected here`)
  const { name, rest } = takeName(takePlainHeader(reader).slice(mark.length), line)
  const isClean = rest === '' || rest === '\t' || (isStamped && rest.startsWith('\t'))
  if (!isClean) throw new MalformedPatch(line, 'something follows the file name')
  return withoutPrefix(name, mark === '--- ' ? 'a/' : 'b/', line)
}
