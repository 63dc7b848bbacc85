import type { SandboxLimits, SandboxStop } from '../../app/sandbox.ts'
import { type Usage, usageOf } from './process-tree.ts'

const LOOK_EVERY_MS = 40

export type Watched = {
  readonly pid: number
  readonly limits: SandboxLimits
  readonly signal: AbortSignal
  readonly halt: (by: SandboxStop) => void
}

/** Halts a sandbox at its time, memory and processor limits, or when the caller gives up. Returns how to stop watching. */
export function watch({ pid, limits, signal, halt }: Watched): () => void {
  const cancel = () => halt('cancelled')
  const looking = setInterval(() => {
    const excess = excessOf(usageOf(pid), limits)
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
