import type { EditTemplate } from '../../domain/control/recipe.ts'
import { isBinary, replaceBytes } from '../../domain/packs/byte-search.ts'
import { nearPaths } from '../../domain/packs/near-paths.ts'
import { toUtf8 } from '../../domain/patch/bytes.ts'
import { TreePath } from '../../domain/patch/edit.ts'
import { coveredFiles, isFile, withBytes } from './covered-files.ts'
import { claim, type Work } from './recipe-work.ts'
import { type Refused, refused, toWritten } from './sketch.ts'

type AddFile = Extract<EditTemplate, { kind: 'add-file' }>
type ReplaceText = Extract<EditTemplate, { kind: 'replace-text' }>

export function addFile(work: Work, { path, content }: AddFile): Refused | undefined {
  if (!TreePath.safeParse(path).success) {
    return refused('recipes', 'the path of the new file is not a path inside the repository', 'give another path')
  }
  if (work.written.get(path) ?? (work.written.has(path) ? null : work.scene.entries.get(path))) {
    return refused('no-fabrication', `there is already a file at ${path}`, 'give another path, or use replace-text')
  }
  claim(work, path, 'is-new')
  work.written.set(path, toWritten('100644', toUtf8(content)))
  return undefined
}

export async function replaceText(work: Work, edit: ReplaceText): Promise<Refused | undefined> {
  const [find, replacement] = [toUtf8(edit.find), toUtf8(edit.replace)]
  if (find.length === 0) return refused('recipes', 'the text to replace is empty', 'say which text is to be replaced')
  const covered = coveredFiles(edit.paths, work).filter(isFile)
  const counts = { changed: 0, binary: 0 }
  for await (const [{ path, mode }, bytes] of withBytes(work.scene, covered)) {
    const after = isBinary(bytes) ? undefined : replaceBytes(bytes, find, replacement)
    if (isBinary(bytes)) counts.binary += 1
    if (after === undefined) continue
    claim(work, path, 'exists')
    work.written.set(path, toWritten(mode, after))
    counts.changed += 1
  }
  if (covered.length === 0) return noFiles(edit.paths, work)
  return counts.changed > 0 ? undefined : nothingFound(edit.paths, covered.length, counts.binary)
}

function noFiles(globs: readonly string[], { scene }: Work): Refused {
  const near = [...new Set(globs.flatMap((glob) => nearPaths(glob, scene.entries.keys())))].slice(0, 3)
  return refused(
    'nothing-to-do',
    `no file of the base commit is covered by ${globs.join(' ').slice(0, 500)}`,
    near.length === 0
      ? 'name other files with paths=…'
      : `did you mean ${near.join(' or ').slice(0, 500)}? Name files with paths=…`,
  )
}

function nothingFound(globs: readonly string[], covered: number, binary: number): Refused {
  const skipped = binary === 0 ? '' : ` (${binary} of them binary and skipped)`
  return refused(
    'nothing-to-do',
    `the text is in none of the ${covered} files${skipped} that ${globs.join(' ').slice(0, 500)} covers at the base commit`,
    'check the spelling of the text, or name other files with paths=…',
  )
}
