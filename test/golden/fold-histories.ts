import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readShippedPack } from '../../src/adapters/control/shipped-pack.ts'
import { hashOf, sha256Hex } from '../../src/domain/hash.ts'
import { EventEnvelope } from '../../src/domain/run/envelope.ts'
import { foldRun } from '../../src/domain/run/evolve.ts'
import { stateHash } from '../../src/domain/run/state-hash.ts'
import { thisEngine } from '../../src/entry/engine.ts'

/** Where the histories of every version are kept for ever: a folder a version, a file a history. */
export const HISTORIES = join(import.meta.dirname, 'histories')

/** A recorded run, and the state that the engine which recorded it folded it to. */
export const History = z.strictObject({
  engine: z.strictObject({ version: z.string(), digest: z.string() }),
  events: z.array(EventEnvelope).min(1),
  stateSha256: z.string(),
})
export type History = z.infer<typeof History>

export function historyFiles(): readonly string[] {
  const files = readdirSync(HISTORIES, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map(({ parentPath, name }) => join(parentPath, name).slice(HISTORIES.length + 1)).sort()
}

export function readHistory(file: string): History {
  return History.parse(JSON.parse(readFileSync(join(HISTORIES, file), 'utf8')))
}

/** What must be the same in every time zone, language and order of folders. */
export async function everythingFolded(): Promise<Readonly<Record<string, string>>> {
  const folded = historyFiles().map((file) => [file, stateHash(foldRun(readHistory(file).events))])
  const shipped = await readShippedPack()
  return {
    ...Object.fromEntries(folded),
    engine: thisEngine().digest,
    policies: hashOf(shipped.map(({ path, bytes }) => [path, sha256Hex(bytes)])),
  }
}

if (process.argv[1] === import.meta.filename) console.log(JSON.stringify(await everythingFolded()))
