import { execFile } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Two pipes for a child's output. */
export type OutputPipes = {
  readonly stdout: Readable
  readonly stderr: Readable
  readonly ends: readonly [stdout: number, stderr: number]
  readonly closeEnds: () => void
}

/** Real pipes, because what Node calls a pipe is a socket, which a program cannot open again as /dev/stdout. */
export async function outputPipes(): Promise<OutputPipes> {
  const folder = mkdtempSync(join(tmpdir(), 'agentos-pipes-'))
  try {
    const paths = [join(folder, 'stdout'), join(folder, 'stderr')] as const
    await run('mkfifo', ['-m', '0666', ...paths], { env: { PATH: '/usr/bin:/bin' } })
    const [stdout, stderr] = [openReader(paths[0]), openReader(paths[1])]
    const ends = [openSync(paths[0], constants.O_WRONLY), openSync(paths[1], constants.O_WRONLY)] as const
    return { stdout, stderr, ends, closeEnds: () => ends.forEach((end) => closeSync(end)) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function openReader(path: string): Readable {
  return new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false })
}
