import { z } from 'zod'
import { type MemoryIndex, type MemoryQuery, MemoryRow } from '../../app/memory-index.ts'
import { canonicalJson, parseCanonical } from '../../domain/canonical.ts'
import { wordsIn } from '../../domain/memory/words.ts'
import type { Database, Session } from './database.ts'

/** Words that are erased in the meantime are not kept again, and those that stand stay until this is done; and of a row that is kept already there is no second. */
const KEEP = `
  insert into agentos.memory (stream, seq, ordinal, installation, repository, words, at, name, terms, body)
  select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
   where $6::text is null or exists (select 1 from agentos.blob where sha256 = $6::text for key share)
  on conflict (stream, seq, ordinal) do nothing`

/** Any shared word counts, the rarer word and the name more; a name that is nearly the same counts as well. */
const SEARCH = `
  with asked as (
    select replace(plainto_tsquery('english', $3)::text, '&', '|')::tsquery as words, $4::text as line
  ), found as (
    select m.*, ts_rank(m.tokens, asked.words, 1) + word_similarity(asked.line, m.name) as nearness
      from agentos.memory m, asked
     where m.installation = $1 and m.repository = $2
       and (m.tokens @@ asked.words or word_similarity(asked.line, m.name) >= 0.5)
  )
  select body from found order by nearness desc, at desc, stream, seq, ordinal limit $5`

const BodyRow = z.object({ body: z.string() })
const ReachedRow = z.object({ pos: z.coerce.number() })

/** The memory of runs in a migrated database, found by full-text search and by likeness of names. */
export function sqlMemory(database: Database): MemoryIndex {
  return {
    reached: () => reached(database),
    keep: (rows, pos) => database.transaction((session) => keep(session, rows, pos)),
    search: (query) => search(database, query),
    clear: () =>
      database.transaction((session) =>
        session.script('delete from agentos.memory; update agentos.memory_reached set pos = 0'),
      ),
  }
}

async function reached(session: Session): Promise<number> {
  const [row] = await session.query('select pos from agentos.memory_reached')
  return ReachedRow.parse(row).pos
}

async function keep(session: Session, rows: readonly MemoryRow[], pos: number): Promise<void> {
  for (const row of rows) {
    const { stream, seq, ordinal, installation, repository, words, at, name } = row
    const terms = termsOf(row)
    const body = canonicalJson(row)
    await session.query(KEEP, [stream, seq, ordinal, installation, repository, words, at, name, terms, body])
  }
  await session.query('update agentos.memory_reached set pos = greatest(pos, $1)', [pos])
}

/** The text, with its identifiers taken apart as well, so that `parseUrl` is found by "url". */
function termsOf({ name, text, scope }: MemoryRow): string {
  const whole = [name, text, ...scope].join('\n')
  return withoutNul(`${whole}\n${wordsIn(whole).join(' ')}`)
}

const LONGEST_LINE = 200

async function search(session: Session, { installation, repository, text, limit }: MemoryQuery) {
  const asked = withoutNul(`${text}\n${wordsIn(text).join(' ')}`)
  const [line = ''] = asked.trim().split('\n')
  const rows = await session.query(SEARCH, [installation, repository, asked, line.slice(0, LONGEST_LINE), limit])
  return rows.map((row) => MemoryRow.parse(parseCanonical(BodyRow.parse(row).body)))
}

/** PostgreSQL's text holds every character but this one. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', ' ').toWellFormed()
}
