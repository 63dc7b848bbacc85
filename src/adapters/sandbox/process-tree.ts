import { readdirSync, readFileSync } from 'node:fs'

/** The first process of a sandbox, seen from outside. A process id alone could be used again. */
export type Root = { readonly pid: number; readonly startedAt: string }

/** What a process and all below it use at this moment. */
export type Usage = { readonly memoryBytes: number; readonly cpuMs: number }

const TICK_MS = 10

export function rootOf(pid: number): Root | null {
  const stat = statOf(pid)
  return stat === null ? null : { pid, startedAt: stat.startedAt }
}

/** A sandbox is over when its first process is reaped or a zombie: the kernel ends all others before that. */
export function isOver(root: Root): boolean {
  const stat = statOf(root.pid)
  return stat === null || stat.startedAt !== root.startedAt || stat.state === 'Z' || stat.state === 'X'
}

/** Orphans fall to the first process of the namespace, so that its tree is all there is. */
export function usageOf(pid: number): Usage {
  const own = { memoryBytes: memoryOf(pid), cpuMs: statOf(pid)?.cpuMs ?? 0 }
  return childrenOf(pid).map(usageOf).reduce(sum, own)
}

const sum = (a: Usage, b: Usage): Usage => ({ memoryBytes: a.memoryBytes + b.memoryBytes, cpuMs: a.cpuMs + b.cpuMs })

function childrenOf(pid: number): readonly number[] {
  return threadsOf(pid).flatMap((thread) => {
    const text = read(`/proc/${pid}/task/${thread}/children`)
    return text
      .split(' ')
      .filter((word) => word !== '')
      .map(Number)
  })
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch (error) {
    if (isGone(error)) return []
    throw error
  }
}

/** Pages of files do not count: the kernel can drop them. Shared memory counts for each who maps it. */
function memoryOf(pid: number): number {
  const lines = read(`/proc/${pid}/status`).matchAll(/^(?:RssAnon|RssShmem|VmSwap):\s+(\d+) kB$/gm)
  return [...lines].reduce((total, [, kib]) => total + Number(kib) * 1024, 0)
}

/** Time of children that ended is in their parent's last two fields. */
function statOf(pid: number): { readonly state: string; readonly cpuMs: number; readonly startedAt: string } | null {
  const text = read(`/proc/${pid}/stat`)
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, startedAt] = [fields[0], fields[19]]
  if (state === undefined || startedAt === undefined) return null
  const ticks = fields.slice(11, 15).reduce((total, field) => total + Number(field), 0)
  return { state, cpuMs: ticks * TICK_MS, startedAt }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isGone(error)) return ''
    throw error
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')
}
