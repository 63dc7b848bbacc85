import type { SandboxLimits, SandboxStop } from '../../app/sandbox.ts'
import { type Room, roomOf, type Scratch, type Tally, tallyOf, usedOf } from './tally.ts'

/** The memory file systems of a sandbox, as it names them. */
export const privateFolders: readonly string[] = ['/tmp', '/dev/shm', '/home/sandbox']

type Quota = Pick<SandboxLimits, 'diskBytes' | 'files'>

/** Which limit a tree passed by what was added to it, beside what the private folders hold. */
export function diskExcess({ before }: Scratch, now: Tally, limits: Quota, held = NOTHING): SandboxStop | null {
  if (now.bytes - before.bytes + held.bytes > limits.diskBytes) return 'disk'
  return now.files - before.files + held.files > limits.files ? 'files' : null
}

const NOTHING: Room = { bytes: 0, files: 0 }

/** Between two counts of a tree pass at least so many times what the last one took, and at least so long. */
const REST = { alarmed: 10, calm: 50 } as const
const REST_MS = { alarmed: 40, calm: 2000 } as const

/**
 * Looks whether a command takes too much disk. Counting a tree is slow, so it happens now and then, and at once when its file
 * system lost more than the command may take: what is hidden from the count is then held against it.
 */
export function diskWatch(scratch: Scratch, pid: number, limits: Quota): () => SandboxStop | null {
  const start = roomOf(scratch.checkout)
  let counted = { at: performance.now(), tookMs: 0 }
  return () => {
    const held = heldIn(pid)
    const room = roomOf(scratch.checkout)
    const isAlarmed = start.bytes - room.bytes > limits.diskBytes || start.files - room.files > limits.files
    if (held.bytes > limits.diskBytes) return 'disk'
    if (held.files > limits.files) return 'files'
    const pace = isAlarmed ? 'alarmed' : 'calm'
    const began = performance.now()
    if (began < counted.at + Math.max(REST_MS[pace], REST[pace] * counted.tookMs)) return null
    const now = tallyOf(scratch.checkout)
    counted = { at: performance.now(), tookMs: performance.now() - began }
    return diskExcess(scratch, now, limits, held) ?? (isAlarmed && !now.isWhole ? 'disk' : null)
  }
}

function heldIn(pid: number): Room {
  const used = privateFolders.map((folder) => usedOf(`/proc/${pid}/root${folder}`) ?? NOTHING)
  return { bytes: total(used.map(({ bytes }) => bytes)), files: total(used.map(({ files }) => files)) }
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)
