import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A clock that runs ahead of the true one by as much as a test says; the real server reads it where it is its main file. */
export type MovedClock = {
  readonly serverFile: string
  readonly env: Readonly<Record<string, string>>
  /** Moves on. What waits for a time, an answer or another try finds that it has come. */
  passes(milliseconds: number): Promise<void>
}

export async function movedClock(dir: string): Promise<MovedClock> {
  const file = join(dir, 'ahead')
  let ahead = 0
  await writeFile(file, '0')
  return {
    serverFile: new URL('../moved-clock-server.ts', import.meta.url).pathname,
    env: { AHEAD_FILE: file },
    async passes(milliseconds) {
      ahead += milliseconds
      await writeFile(file, String(ahead))
    },
  }
}
