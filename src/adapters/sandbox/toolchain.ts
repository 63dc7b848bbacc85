import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, sep } from 'node:path'

/** A folder that the command sees read-only at `inside`, beside the system's own `/usr`. */
export type Mount = { readonly host: string; readonly inside: string }

/** Where bare names are looked up: a folder as the command names it, and as it is named out here. */
export type PathEntry = Mount

export const systemPath: readonly string[] = ['/usr/local/bin', '/usr/bin', '/bin']

/** The folders in `PATH` that belong to the machine: absolute, and not the `node_modules/.bin` that npm puts first. */
export function machinePath(path: string): readonly string[] {
  return path
    .split(':')
    .filter((entry) => isAbsolute(entry) && !entry.includes(`${sep}node_modules${sep}`))
    .filter((entry) => !entry.endsWith('node-gyp-bin'))
}

/** The first executable file of that name in the folders, or null. */
export function findProgram(name: string, folders: readonly string[]): string | null {
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/**
 * Where the machine's Node lives when that is not under /usr: the prefix around `bin/node`. One in a home folder is taken
 * only when there is no other, and the Node that runs us only when the machine has none.
 */
export function nodeMounts(path: string, home: string): readonly Mount[] {
  const folders = machinePath(path)
  const own = dirname(process.execPath)
  const isAtHome = (folder: string) => home !== '' && home !== '/' && folder.startsWith(`${home}${sep}`)
  const candidates = [
    ...folders.filter((folder) => !isAtHome(folder)),
    ...systemPath,
    ...folders.filter(isAtHome),
    own,
  ].map((folder) => join(folder, 'node'))
  const found = candidates
    .filter(isExecutable)
    .map((file) => realpathSync(file))
    .find(isOpenToOthers)
  if (found === undefined || found.startsWith('/usr/')) return []
  return [{ host: prefixOf(found), inside: '/opt/node' }]
}

/** `<prefix>/bin/node` is mounted with its prefix, so that npm comes along. */
function prefixOf(node: string): string {
  return basename(dirname(node)) === 'bin' ? dirname(dirname(node)) : dirname(node)
}

/** True when the user who runs sandboxed commands for root can walk to the file. */
function isOpenToOthers(file: string): boolean {
  return process.getuid?.() !== 0 || firstClosedFolder(dirname(file)) === null
}

/** The first folder on the way to `folder`, itself included, that others may not pass through, or null. */
export function firstClosedFolder(folder: string): string | null {
  const parent = dirname(folder)
  const above = parent === folder ? null : firstClosedFolder(parent)
  if (above !== null) return above
  return (statSync(folder).mode & 0o001) === 0 ? folder : null
}
