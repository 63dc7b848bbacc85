import { chmodSync, lstatSync, mkdirSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { PlacedFile } from '../../app/runner/ports.ts'

/**
 * Puts a file at a path of a tree, or takes it away with the folders that it leaves empty. A link that is there is
 * replaced and never followed, and every folder on the way is a real one, so that a link which a command left does not
 * lead elsewhere. Nothing else may run meanwhile.
 */
export function writeTreeFile(root: string, path: string, file: PlacedFile | null): string | null {
  const parts = path.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0')))
    return 'is no path of a tree'
  const parents = parts.slice(0, -1).map((_, i) => join(root, ...parts.slice(0, i + 1)))
  const blocked = parents.find((folder) => !['absent', 'folder'].includes(kindOf(folder)))
  if (blocked !== undefined) return `${blocked.slice(root.length + 1)} is not a folder`
  const target = join(root, ...parts)
  const kind = kindOf(target)
  if (kind === 'other' || (kind === 'folder' && !removeIfEmpty(target)))
    return 'something other than a file, a link or an empty folder is there'
  if (file === null) return remove(root, target)
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 })
  rmSync(target, { force: true })
  place(target, file)
  return null
}

function place(target: string, file: PlacedFile): void {
  if (file.mode === '160000') return mkdirSync(target, { mode: 0o755 })
  if (file.mode === '120000') return symlinkSync(Buffer.from(file.bytes), target)
  writeFileSync(target, file.bytes, { flag: 'wx' })
  return chmodSync(target, file.mode === '100755' ? 0o755 : 0o644)
}

function kindOf(at: string): 'absent' | 'file' | 'link' | 'folder' | 'other' {
  const stat = lstatSync(at, { throwIfNoEntry: false })
  if (stat === undefined) return 'absent'
  if (stat.isDirectory()) return 'folder'
  if (stat.isSymbolicLink()) return 'link'
  return stat.isFile() ? 'file' : 'other'
}

function remove(root: string, target: string): string | null {
  rmSync(target, { force: true })
  for (let folder = dirname(target); folder.length > root.length; folder = dirname(folder)) {
    if (!removeIfEmpty(folder)) break
  }
  return null
}

function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'ENOENT'))
      return false
    throw error
  }
}
