import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const held = new Map<string, number>()

/** A descriptor at the beginning of these bytes, which the caller closes. The same bytes are written once a process, to a file without a name. */
export function handedOver(name: string, bytes: () => string | Buffer): number {
  const file = held.get(name) ?? unnamedFile(bytes())
  held.set(name, file)
  return openSync(`/proc/self/fd/${file}`, constants.O_RDONLY)
}

function unnamedFile(bytes: string | Buffer): number {
  const folder = mkdtempSync(join(tmpdir(), 'agentos-handed-'))
  try {
    const path = join(folder, 'file')
    writeFileSync(path, bytes, { mode: 0o600 })
    return openSync(path, constants.O_RDONLY)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Does the work with these descriptors, and closes them in every case. */
export function withDescriptors<T>(open: readonly (() => number)[], work: (descriptors: readonly number[]) => T): T {
  const opened: number[] = []
  try {
    for (const one of open) opened.push(one())
    return work(opened)
  } finally {
    for (const descriptor of opened) closeSync(descriptor)
  }
}
