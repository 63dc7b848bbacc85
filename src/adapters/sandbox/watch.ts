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

export type Watch = {
  /** Looks at what the sandbox uses from now on. Before it stands, its folders are still those of this machine. */
  readonly look: () => void
  readonly end: () => void
}

/** Halts a sandbox at its limits of time, memory, processor and disk, or when the caller gives up. */
export function watch({ pid, limits, scratch, signal, halt }: Watched): Watch {
  const cancel = () => halt('cancelled')
  const ringing = setTimeout(() => halt('wall-time'), limits.wallMs)
  signal.addEventListener('abort', cancel)
  if (signal.aborted) cancel()
  let looking: NodeJS.Timeout | undefined
  return {
    look: () => {
      const diskExcess = diskWatch(scratch, pid, limits)
      looking = setInterval(() => {
        const excess = excessOf(usageOf(pid), limits) ?? diskExcess()
        if (excess !== null) halt(excess)
      }, LOOK_EVERY_MS)
    },
    end: () => {
      clearInterval(looking)
      clearTimeout(ringing)
      signal.removeEventListener('abort', cancel)
    },
  }
}

function excessOf(usage: Usage, limits: SandboxLimits): SandboxStop | null {
  if (usage.memoryBytes > limits.memoryBytes) return 'memory'
  return usage.cpuMs > limits.cpuSeconds * 1000 ? 'cpu' : null
}
