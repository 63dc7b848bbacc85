import { isBinary } from '../../domain/packs/byte-search.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import type { ModuleFile, UnreadFile } from '../recipe-modules.ts'
import { type Covered, coveredFiles, isFile, withBytes } from './covered-files.ts'
import type { Work } from './recipe-work.ts'

export type ModuleFiles = { readonly files: readonly ModuleFile[]; readonly unread: readonly UnreadFile[] }

const MAX_FILES = 10_000
const MAX_FILE_BYTES = 2 * 1024 * 1024
const MAX_BYTES = 16 * 1024 * 1024

/**
 * The files that a module declares: the text of those that are text and not too big, the names of the others. More than a
 * module can be given at all is refused, never left out in silence.
 */
export async function moduleFiles(work: Work, patterns: readonly string[]): Promise<Result<ModuleFiles, string>> {
  const covered = coveredFiles(patterns, work)
  const readable = covered.filter((file) => isFile(file) && file.size <= MAX_FILE_BYTES)
  const size = readable.reduce((sum, file) => sum + file.size, 0)
  if (covered.length > MAX_FILES || size > MAX_BYTES)
    return refuse(
      `its patterns cover ${covered.length} files of ${size} bytes; ${MAX_FILES} files of ${MAX_BYTES} bytes are the most`,
    )
  const files: ModuleFile[] = []
  const unread = covered.flatMap(unreadOf)
  for await (const [file, bytes] of withBytes(work.scene, readable)) {
    const text = isBinary(bytes) ? undefined : fromUtf8(bytes)
    const { path } = file
    if (text === undefined) unread.push({ path, size: bytes.length, why: isBinary(bytes) ? 'binary' : 'not-utf8' })
    else files.push({ path, text, executable: file.mode === '100755' })
  }
  return ok({ files, unread: unread.sort((a, b) => (a.path < b.path ? -1 : 1)) })
}

function unreadOf(file: Covered): UnreadFile[] {
  const { path, size, mode } = file
  if (mode === '120000') return [{ path, size, why: 'link' }]
  if (mode === '160000') return [{ path, size, why: 'submodule' }]
  return size > MAX_FILE_BYTES ? [{ path, size, why: 'big' }] : []
}
