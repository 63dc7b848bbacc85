import { Pool } from 'pg'
import { openLedger } from '../../../src/adapters/ledger/open.ts'
import { JournalBusy, journal } from '../../../src/app/journal.ts'
import type { MakeInput } from '../../../src/app/recording.ts'
import { wakingJournal } from '../../../src/app/wake.ts'
import { plus } from '../../../src/domain/clock.ts'
import { lockHeldGate } from '../../../src/domain/gates/lock-held.ts'
import { pathLock } from '../../../src/domain/lock-keys.ts'
import { effectStandings, isFinal, type RunState } from '../../../src/domain/run/state.ts'
import { CUT_OFF, isCutOff } from '../cut-off.ts'
import { approval, memory, pathsOf, request, runIn, SLOTS, stop, TURNS, timer } from '../parts.ts'

/**
 * One of several processes without a leader. Each operation takes the run of some slot one step further, whichever process
 * took the steps before; the write in the middle asks for the lock as delivery does and bears its fencing token.
 */
const [url = '', operations = '0', mode = 'no-timers', seed = '1'] = process.argv.slice(2)
const START = '2026-03-01T09:00:00.000Z'
/** So much of the logical clock passes with each operation that a lease may expire before its run is done. */
const TICK_MS = 120_000

const store = await openLedger({ databaseUrl: url, dataDir: '' }).catch(end)
const runs = wakingJournal(journal(store), store.ledger)
const pool = new Pool({ connectionString: url, max: 2 })
pool.on('error', end)
pool.on('connect', (client) => client.on('error', end))
let random = Number(seed)

function chance(): number {
  random = (random * 1_103_515_245 + 12_345) % 2_147_483_648
  return random / 2_147_483_648
}

async function next(): Promise<number> {
  const { rows } = await pool.query<{ n: string }>("select nextval('operation') as n")
  return Number(rows[0]?.n)
}

process.send?.('started')
process.disconnect()

await takePart().catch(end)
await store.close()
await pool.end()

async function takePart(): Promise<void> {
  for (let n = await next(); n <= Number(operations); n = await next()) {
    const repository = 1 + Math.floor(n / TURNS)
    await stepOf(repository, Math.floor(chance() * SLOTS), { at: plus(START, n * TICK_MS), begins: true })
  }
  await drain()
}

/** A process whose database is gone ends, and is started again by whoever started it. */
function end(error: unknown): never {
  if (isCutOff(error)) process.exit(CUT_OFF)
  throw error
}

type Moment = { readonly at: string; readonly begins: boolean }

/** What was begun is brought to its end: should anybody wait in a circle, this never ends. */
async function drain(): Promise<void> {
  const last = 1 + Math.floor(Number(operations) / TURNS)
  for (let repository = 1; repository <= last; repository += 1) {
    for (let round = 0; ; round += 1) {
      if (round > 400) throw new Error(`the runs of repository ${repository} never come to their end`)
      const at = plus(START, (Number(operations) + repository * 10) * TICK_MS)
      const open: boolean[] = []
      for (let slot = 0; slot < SLOTS; slot += 1) open.push(await stepOf(repository, slot, { at, begins: false }))
      if (!open.includes(true)) break
    }
  }
}

/** False where nothing is left to do. */
async function stepOf(repository: number, slot: number, moment: Moment): Promise<boolean> {
  const generation = await generationOf(repository, slot)
  const run = runIn(repository, slot, generation)
  const { state } = await runs.load(run)
  if (state.phase === 'absent' && !moment.begins) return false
  if (isFinal(state.phase)) {
    if (!moment.begins) return false
    await pool.query('update slot set generation = $3 + 1 where repository = $1 and slot = $2 and generation = $3', [
      repository,
      slot,
      generation,
    ])
    return true
  }
  try {
    await advance(run, repository, { state, ...moment })
  } catch (error) {
    if (!(error instanceof JournalBusy)) throw error
  }
  return true
}

async function generationOf(repository: number, slot: number): Promise<number> {
  const { rows } = await pool.query<{ generation: number }>(
    `insert into slot (repository, slot, generation) values ($1, $2, 0)
     on conflict (repository, slot) do update set generation = slot.generation returning generation`,
    [repository, slot],
  )
  return Number(rows[0]?.generation)
}

async function advance(run: string, repository: number, now: Moment & { readonly state: RunState }): Promise<void> {
  const { state, at } = now
  const record = (make: MakeInput) => runs.record({ run, repository: String(repository), make })
  if (state.phase === 'absent') {
    await record(({ state: found }) => (found.phase === 'absent' ? request(run, repository, at) : null))
  } else if (state.phase === 'planning') {
    const [key = ''] = effectStandings(state).keys()
    await record(({ state: found }) => (found.memory === null ? memory(key, at) : null))
  } else if (state.phase === 'proposed') {
    await record(({ state: found, locks }) => (found.phase === 'proposed' ? approval(at, locks) : null))
  } else if (state.phase === 'waiting_for_lock') {
    if (mode === 'no-timers' || chance() < 0.5) return
    await record(({ state: { phase, wait }, locks }) =>
      phase === 'waiting_for_lock' ? timer(run, { name: 'lock', about: String(wait?.at), at }, locks) : null,
    )
  } else if (state.phase === 'executing') await execute(run, repository, now)
}

/** Sometimes the lease is renewed or nothing is done for long; else every path is written, and the locks are given back. */
async function execute(run: string, repository: number, now: Moment & { readonly state: RunState }): Promise<void> {
  const { state, at, begins } = now
  const token = state.locks?.token ?? 0
  const about = { name: 'lease', about: String(token), at }
  const record = (make: MakeInput) => runs.record({ run, repository: String(repository), make })
  const luck = chance()
  if (begins && luck < 0.2) return
  if (begins && luck < 0.3) return void (await record(({ locks }) => timer(run, about, locks)))
  for (const path of pathsOf(run)) await write(run, { repository, path, token, at })
  await record(({ state: found, locks }) => (found.phase === 'executing' ? stop(at, locks) : null))
}

type Writing = { readonly repository: number; readonly path: string; readonly token: number; readonly at: string }

/** Reads, lets others run, and writes: without a lock this would lose updates. A newer fence makes it a stale write. */
async function write(run: string, { repository, path, token, at }: Writing): Promise<void> {
  const place = `${repository}/${path}`
  const entered = await pool.query<{ n: number }>(
    `insert into file (place, n, fence) values ($1, 0, $2)
     on conflict (place) do update set fence = $2 where file.fence <= $2 returning n`,
    [place, token],
  )
  const before = entered.rows[0]
  const { locks } = await locksNow(run, repository)
  const verdict = lockHeldGate.judge({ run, keys: [pathLock(path)], token, facts: locks, now: at })
  if (before === undefined) return refused(run, place, 'a newer fence')
  if (verdict.is !== 'passed') return refused(run, place, 'lock-held')
  await new Promise((resolve) => setImmediate(resolve))
  const { rowCount } = await pool.query(
    `with held as (select 1 from file where place = $1 and fence = $3 for update),
     noted as (
       insert into written (place, run, fence, n) select $1, $2, $3, $4 from held on conflict (place, run) do nothing returning n
     ) update file set n = noted.n from noted where place = $1`,
    [place, run, token, before.n + 1],
  )
  if (rowCount === 0) await refused(run, place, 'written already, or a newer fence since')
}

async function locksNow(run: string, repository: number) {
  let seen: Parameters<MakeInput>[0]['locks'] = { seq: 0, held: [] }
  await runs.record({
    run,
    repository: String(repository),
    make: ({ locks }) => {
      seen = locks
      return null
    },
  })
  return { locks: seen }
}

async function refused(run: string, place: string, because: string): Promise<void> {
  await pool.query('insert into refused (run, place, because) values ($1, $2, $3)', [run, place, because])
}
