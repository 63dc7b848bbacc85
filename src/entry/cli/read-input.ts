import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { Instant } from '../../domain/ids.ts'
import { type Given, WrongUsage } from './command.ts'

/** The bytes of a file that the command line names; `-` is standard input. */
export async function readInput(file: string): Promise<Uint8Array> {
  if (file === '-') return buffer(process.stdin)
  try {
    return await readFile(file)
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    throw new WrongUsage(`${file} cannot be read (${String(error.code)})`, { cause: error })
  }
}

/** The instant of `--now`; null where it is not given. */
export function nowFrom(given: Given): Instant | null {
  const value = given.flags.get('now')
  if (value === undefined) return null
  const time = new Date(value)
  const instant = Number.isNaN(time.getTime()) ? undefined : Instant.safeParse(time.toISOString())
  const isFine = instant?.success === true && time.getTime() >= 0 && /^\d{4}-\d\d-\d\dT/.test(value)
  if (!isFine) throw new WrongUsage('--now is a time such as 2026-01-31T12:00:00.000Z')
  return instant.data
}
