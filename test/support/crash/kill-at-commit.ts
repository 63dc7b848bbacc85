import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { PGlite, type Transaction } from '@electric-sql/pglite'
import { Client } from 'pg'

/**
 * Preloaded into the server process by the crash tests: notes each commit of the database, embedded or not, and at those named by
 * AGENTOS_TEST_CRASH (`append 3 before,receive 1 after`) the process kills itself. The notes count on over its lives. The product knows nothing of it.
 */
const wanted = new Set((process.env['AGENTOS_TEST_CRASH'] ?? '').split(','))
const notes = process.env['AGENTOS_TEST_COMMITS'] ?? ''
const counts = new Map<string, number>()
if (existsSync(notes))
  for (const line of readFileSync(notes, 'utf8').trim().split('\n')) count(line.split(' ')[0] ?? '')

function count(kind: string): number {
  const number = (counts.get(kind) ?? 0) + 1
  counts.set(kind, number)
  return number
}

const KINDS: readonly (readonly [kind: string, sql: RegExp])[] = [
  ['append', /insert into agentos\.event /],
  ['receive', /insert into agentos\.delivery /],
  ['handled', /update agentos\.delivery set status = 'handled'/],
  ['attempt', /with held as/],
  ['take', /with candidate as/],
  ['retry', /update agentos\.effect set status = 'due'/],
  ['release', /delete from agentos\.lease/],
  ['next', /update agentos\.delivery set owner = \$1/],
  ['blob', /insert into agentos\.blob /],
  ['migrate', /insert into agentos\.migration /],
]
/** Asked again and again by idle workers: a commit only when it took something. */
const POLLS: ReadonlySet<string> = new Set(['take', 'next'])

function kindOf(text: string): string | undefined {
  return KINDS.find(([, sql]) => sql.test(text))?.[0]
}

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

/** Counts a commit before it is made. */
function begin(kind: string): number {
  const number = count(kind)
  appendFileSync(notes, `${kind} ${number}\n`)
  if (wanted.has(`${kind} ${number} before`)) die()
  return number
}

function end(kind: string, number: number): void {
  if (wanted.has(`${kind} ${number} after`)) die()
}

const { query, transaction } = PGlite.prototype

PGlite.prototype.query = async function <T>(this: PGlite, ...asked: Parameters<typeof query>) {
  const kind = kindOf(asked[0])
  if (kind === undefined) return query.apply<PGlite, typeof asked, ReturnType<typeof query<T>>>(this, asked)
  const number = POLLS.has(kind) ? 0 : begin(kind)
  const results = await query.apply<PGlite, typeof asked, ReturnType<typeof query<T>>>(this, asked)
  if (results.rows.length > 0 || number > 0) end(kind, number === 0 ? begin(kind) : number)
  return results
}

PGlite.prototype.transaction = async function <T>(this: PGlite, work: (tx: Transaction) => Promise<T>) {
  const kinds: string[] = []
  let number = 0
  const made = await transaction.call<PGlite, [(tx: Transaction) => Promise<T>], Promise<T>>(this, async (tx) => {
    const asked = tx.query.bind(tx)
    tx.query = (text, ...rest) => {
      const kind = kindOf(text)
      if (kind !== undefined) kinds.push(kind)
      return asked(text, ...rest)
    }
    const value = await work(tx)
    if (kinds[0] !== undefined) number = begin(kinds[0])
    return value
  })
  if (kinds[0] !== undefined) end(kinds[0], number)
  return made
}

/** What the open transaction of a connection to a PostgreSQL server has asked for so far. */
const open = new WeakMap<Client, string[]>()
const askServer: (this: Client, ...asked: unknown[]) => unknown = Client.prototype.query

function queryServer(this: Client, ...asked: unknown[]): unknown {
  const [text] = asked
  if (typeof text !== 'string') return askServer.apply(this, asked)
  if (text.startsWith('begin')) open.set(this, [])
  if (text === 'rollback') open.delete(this)
  const kinds = open.get(this)
  if (text === 'commit') open.delete(this)
  const kind = text === 'commit' ? kinds?.[0] : kindOf(text)
  if (kind !== undefined && text !== 'commit' && kinds !== undefined) kinds.push(kind)
  if (kind === undefined || (kinds !== undefined && text !== 'commit')) return askServer.apply(this, asked)
  return committing(kind, () => askServer.apply(this, asked))
}

async function committing(kind: string, ask: () => unknown): Promise<unknown> {
  const number = POLLS.has(kind) ? 0 : begin(kind)
  const results: unknown = await ask()
  const took = typeof results === 'object' && results !== null && 'rowCount' in results && results.rowCount !== 0
  if (took || number > 0) end(kind, number === 0 ? begin(kind) : number)
  return results
}

Object.defineProperty(Client.prototype, 'query', { value: queryServer, writable: true, configurable: true })
