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
  const [out, err] = [await takePipe(), await takePipe()]
  const ends = [out.end, err.end] as const
  return { stdout: out.reader, stderr: err.reader, ends, closeEnds: () => ends.forEach((end) => closeSync(end)) }
}

/** Fifos without a name that no command has had, each held open by one descriptor. They are made in batches, since that takes a process. */
const spare: number[] = []
const BATCH = 64

async function takePipe(): Promise<{ readonly reader: Readable; readonly end: number }> {
  const held = spare.pop() ?? (await makeSpare())
  const at = `/proc/self/fd/${held}`
  const reader = new Socket({
    fd: openSync(at, constants.O_RDONLY | constants.O_NONBLOCK),
    readable: true,
    writable: false,
  })
  const end = openSync(at, constants.O_WRONLY)
  closeSync(held)
  return { reader, end }
}

/** Returns one of the new ones. */
async function makeSpare(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'agentos-pipes-'))
  try {
    const paths = Array.from({ length: BATCH }, (_, index) => join(folder, `${index}`))
    await run('mkfifo', ['-m', '0666', ...paths], { env: { PATH: '/usr/bin:/bin' } })
    const [first = -1, ...rest] = paths.map((path) => openSync(path, constants.O_RDWR | constants.O_NONBLOCK))
    spare.push(...rest)
    return first
  } finally {
    rmSync(folder, { recursive: true })
  }
}
