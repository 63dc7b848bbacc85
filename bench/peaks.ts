import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const CHILD = join(import.meta.dirname, 'children/walk.ts')

/** The most memory that a process of its own held while it went through the first so many `items` of a ledger. */
export type Peak = { readonly about: string; readonly items: number; readonly peakMiB: number }

/** Measures a tenth of a ledger and the whole of it: where memory is flat, both come to the same. */
export async function peaksOf(kind: 'replay' | 'shadow', url: string, items: number): Promise<readonly Peak[]> {
  const peaks: Peak[] = []
  for (const most of [Math.ceil(items / 10), items]) {
    const { stdout } = await promisify(execFile)(process.execPath, [CHILD, url, kind, String(most)])
    peaks.push({ about: kind, items: most, peakMiB: Math.round(Number(stdout) / 1024) })
  }
  return peaks
}
