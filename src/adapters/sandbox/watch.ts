import type { SandboxLimits, SandboxStop } from '../../app/sandbox.ts'
import { diskWatch } from './disk.ts'
import { type Usage, usageOf } from './process-tree.ts'
import type { Scratch } from './tally.ts'

const LOOK_EVERY_MS = 40

export type Watched = {
  readonly pid: number
  readonly limits: SandboxLimits
  readonly scratch: Scratch
  readonly signal: AbortSignal
  readonly halt: (by: SandboxStop) => void
}

/** Halts a sandbox at its limits of time, memory, processor and disk, or when the caller gives up. Returns how to stop watching. */
export function watch({ pid, limits, scratch, signal, halt }: Watched): () => void {
  const cancel = () => halt('cancelled')
  const diskExcess = diskWatch(scratch, pid, limits)
  const looking = setInterval(() => {
    const excess = excessOf(usageOf(pid), limits) ?? diskExcess()
    if (excess !== null) halt(excess)
  }, LOOK_EVERY_MS)
  const ringing = setTimeout(() => halt('wall-time'), limits.wallMs)
  signal.addEventListener('abort', cancel)
  if (signal.aborted) cancel()
  return () => {
    clearInterval(looking)
    clearTimeout(ringing)
    signal.removeEventListener('abort', cancel)
  }
}

function excessOf(usage: Usage, limits: SandboxLimits): SandboxStop | null {
  if (usage.memoryBytes > limits.memoryBytes) return 'memory'
  return usage.cpuMs > limits.cpuSeconds * 1000 ? 'cpu' : null
}
