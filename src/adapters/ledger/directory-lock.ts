import { randomUUID } from 'node:crypto'
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { z } from 'zod'

/** Another process has this directory open. */
export class DirectoryTaken extends Error {
  override readonly name = 'DirectoryTaken'
}

/** A process, told apart from a later one that was given the same pid. */
const Holder = z.object({ pid: z.int().min(1), started: z.string(), boot: z.string(), token: z.string() })
type Holder = z.infer<typeof Holder>

const MAX_DEPTH = 3

/** Takes the lock file at `path`; a lock left by a dead process is taken over. Resolves to what gives it back. */
export async function lockDirectory(path: string, directory: string): Promise<() => Promise<void>> {
  const self = await myself()
  await acquire({ path, directory, self }, 0)
  return async () => {
    if ((await holderOf(path))?.token === self.token) await unlink(path)
  }
}

type Wanted = { readonly path: string; readonly directory: string; readonly self: Holder }

async function acquire(wanted: Wanted, depth: number): Promise<void> {
  const { path, directory, self } = wanted
  if (await create(path, self)) return
  const holder = await holderOf(path)
  if (holder === undefined) return again(wanted, depth)
  if (await isAlive(holder))
    throw new DirectoryTaken(`${directory} is open in process ${holder.pid}: stop it, or use another directory`)
  await takeOver(wanted, holder, depth)
}

/** The lock vanished between two looks at it. */
async function again(wanted: Wanted, depth: number): Promise<void> {
  if (depth >= MAX_DEPTH) throw new DirectoryTaken(`${wanted.directory} is being opened by several processes at once`)
  await acquire(wanted, depth + 1)
}

/** Of several processes that find the same dead holder, one replaces its lock: the one that holds the lock on the lock. */
async function takeOver(wanted: Wanted, dead: Holder, depth: number): Promise<void> {
  const { path, self } = wanted
  const guard = `${path}.takeover`
  if (depth >= MAX_DEPTH)
    throw new DirectoryTaken(`the locks beside ${wanted.directory} are all left over: remove them`)
  await acquire({ ...wanted, path: guard }, depth + 1)
  try {
    if ((await holderOf(path))?.token === dead.token) return await replace(path, self)
  } finally {
    await unlink(guard)
  }
  await again(wanted, depth)
}

/** Appears under its name complete, or not at all. */
async function create(path: string, self: Holder): Promise<boolean> {
  const draft = await written(path, self)
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  } finally {
    await unlink(draft)
  }
}

async function replace(path: string, self: Holder): Promise<void> {
  await rename(await written(path, self), path)
}

async function written(path: string, self: Holder): Promise<string> {
  const draft = `${path}.${self.token}`
  await writeFile(draft, JSON.stringify(self), { mode: 0o600 })
  return draft
}

async function holderOf(path: string): Promise<Holder | undefined> {
  const text = await readIfThere(path)
  return text === undefined ? undefined : Holder.parse(JSON.parse(text))
}

async function isAlive(holder: Holder): Promise<boolean> {
  if (!answersSignals(holder.pid)) return false
  const { started, boot } = await startOf(String(holder.pid))
  return started === holder.started && boot === holder.boot
}

function answersSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}

async function myself(): Promise<Holder> {
  return { pid: process.pid, ...(await startOf('self')), token: randomUUID() }
}

/** When a process started, in the kernel's own terms; empty where there is no /proc, so that only the pid decides. */
async function startOf(pid: string): Promise<{ readonly started: string; readonly boot: string }> {
  const stat = await readIfThere(`/proc/${pid}/stat`)
  const boot = await readIfThere('/proc/sys/kernel/random/boot_id')
  const afterName = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
  return { started: afterName[19] ?? '', boot: boot?.trim() ?? '' }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return undefined
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
