import { readdir, readFile } from 'node:fs/promises'
import { z } from 'zod'
import { sha256Hex } from '../../domain/hash.ts'
import { type Database, type Session, sqlStateOf } from './database.ts'

export type Migration = { readonly version: number; readonly name: string; readonly sql: string }

/** The database was migrated by other code than this: newer, or with a migration that reads differently. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused'
}

const Applied = z.object({ version: z.number(), name: z.string(), sha256: z.string() })
type Applied = z.infer<typeof Applied>

/** Brings the database to the newest version, all migrations in one transaction. */
export async function migrate(database: Database, migrations: readonly Migration[]): Promise<void> {
  await database.exclusive(async (session) => {
    const applied = await appliedTo(session)
    refuseForeign(applied, migrations)
    for (const migration of migrations.slice(applied.length)) await apply(session, migration)
  })
}

/** The migrations that stand beside this file, numbered without a gap. */
export async function shippedMigrations(): Promise<readonly Migration[]> {
  const folder = new URL('./migrations/', import.meta.url)
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name, i) => {
      if (Number.parseInt(name, 10) !== i + 1) throw new MigrationRefused(`${name} is not migration ${i + 1}`)
      return { version: i + 1, name, sql: await readFile(new URL(name, folder), 'utf8') }
    }),
  )
}

async function appliedTo(session: Session): Promise<readonly Applied[]> {
  const [found] = await session.query(`select to_regclass('agentos.migration') is not null as here`)
  if (found?.['here'] !== true) {
    await session.script(`
      create schema if not exists agentos;
      create table agentos.migration (version integer primary key, name text not null, sha256 text not null);`)
    return []
  }
  const rows = await session.query('select version, name, sha256 from agentos.migration order by version')
  return rows.map((row) => Applied.parse(row))
}

function refuseForeign(applied: readonly Applied[], migrations: readonly Migration[]): void {
  const newest = applied.at(-1)
  if (newest !== undefined && applied.length > migrations.length)
    throw new MigrationRefused(
      `the database is at version ${newest.version} (${newest.name}), this program knows ${migrations.length}: use a newer one`,
    )
  applied.forEach((row, i) => {
    const migration = migrations[i]
    if (migration === undefined || row.version !== migration.version || row.sha256 !== sha256Hex(migration.sql))
      throw new MigrationRefused(
        `migration ${row.version} (${row.name}) of the database is not the one this program has`,
      )
  })
}

async function apply(session: Session, { version, name, sql }: Migration): Promise<void> {
  for (const extension of extensionsOf(sql)) await createExtension(session, name, extension)
  await session.script(sql)
  const row = [version, name, sha256Hex(sql)]
  await session.query('insert into agentos.migration (version, name, sha256) values ($1, $2, $3)', row)
}

/** What a migration needs of the server is on lines of its own: `-- needs extension: NAME`. */
function extensionsOf(sql: string): readonly string[] {
  return [...sql.matchAll(/^-- needs extension: ([a-z_]+)$/gm)].flatMap(([, name]) =>
    name === undefined ? [] : [name],
  )
}

async function createExtension(session: Session, migration: string, extension: string): Promise<void> {
  try {
    await session.script(`create extension if not exists ${extension}`)
  } catch (cause) {
    if (sqlStateOf(cause) === undefined) throw cause
    throw new MigrationRefused(
      `${migration} needs the extension ${extension}, which this server does not let AgentOS create: install PostgreSQL's contrib modules, or have an administrator run "create extension ${extension}" in this database`,
      { cause },
    )
  }
}
