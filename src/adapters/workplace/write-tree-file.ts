import { chmodSync, lstatSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { PlainFile } from '../../app/runner/ports.ts'

/**
 * Puts a file at a path of a tree, or takes it away with the folders that it leaves empty. Only plain files and real
 * folders are touched, so that a link which a command left does not lead elsewhere. Nothing else may run meanwhile.
 */
export function writeTreeFile(root: string, path: string, file: PlainFile | null): string | null {
  const parts = path.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0')))
    return 'is no path of a tree'
  const parents = parts.slice(0, -1).map((_, i) => join(root, ...parts.slice(0, i + 1)))
  const blocked = parents.find((folder) => kindOf(folder) === 'other' || kindOf(folder) === 'file')
  if (blocked !== undefined) return `${blocked.slice(root.length + 1)} is not a folder`
  const target = join(root, ...parts)
  const kind = kindOf(target)
  if (kind === 'folder' || (kind === 'other' && file !== null)) return 'something other than a plain file is there'
  if (file === null) return remove(root, target)
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 })
  rmSync(target, { force: true })
  writeFileSync(target, file.bytes, { flag: 'wx' })
  chmodSync(target, file.mode === '100755' ? 0o755 : 0o644)
  return null
}

function kindOf(at: string): 'absent' | 'file' | 'folder' | 'other' {
  const stat = lstatSync(at, { throwIfNoEntry: false })
  if (stat === undefined) return 'absent'
  if (stat.isDirectory()) return 'folder'
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
