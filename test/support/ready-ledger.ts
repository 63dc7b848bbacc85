import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openLedger } from '../../src/adapters/ledger/open.ts'

const root = join(import.meta.dirname, '../..')
const cache = join(root, 'node_modules/.cache/agentos')

/** Where the processes that tests start keep their compiled code from one start to the next, the stripped types included. */
export const COMPILE_CACHE: Readonly<Record<string, string>> = { NODE_COMPILE_CACHE: join(cache, 'compiled') }

/**
 * Puts an empty embedded ledger into a data directory: a copy of one that was made once for this schema, because making
 * a PostgreSQL cluster anew takes longer than a whole story.
 */
export async function putReadyLedger(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await cp(await readyLedger(), join(dataDir, 'ledger'), { recursive: true })
}

async function readyLedger(): Promise<string> {
  const place = join(cache, `ledger-${await schemaDigest()}`)
  if (await exists(place)) return place
  await mkdir(cache, { recursive: true })
  const making = await mkdtemp(join(cache, 'making-'))
  await (await openLedger({ dataDir: making })).close()
  // Of several that make it at once, the first one's stays.
  await rename(join(making, 'ledger'), place).catch(async (error: unknown) => {
    if (!(await exists(place))) throw error
  })
  await rm(making, { recursive: true, force: true })
  return place
}

/** The database's own version and every migration: another of either is another ledger. */
async function schemaDigest(): Promise<string> {
  const digest = createHash('sha256')
  digest.update(await readFile(join(root, 'node_modules/@electric-sql/pglite/package.json')))
  const migrations = join(root, 'src/adapters/ledger/migrations')
  for (const name of (await readdir(migrations)).sort()) digest.update(await readFile(join(migrations, name)))
  return digest.digest('hex').slice(0, 32)
}

async function exists(place: string): Promise<boolean> {
  return stat(place).then(
    () => true,
    () => false,
  )
}
