import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Pool } from 'pg'
import { openLedger } from '../../src/adapters/ledger/open.ts'
import type { Ledger } from '../../src/app/ledger.ts'
import { evolveLocks, type LockState, noLocks } from '../../src/domain/lock.ts'
import { conflicts } from '../../src/domain/lock-keys.ts'
import { type EventEnvelope, faultInChain } from '../../src/domain/run/envelope.ts'
import { foldRun } from '../../src/domain/run/evolve.ts'
import { isFinal } from '../../src/domain/run/state.ts'
import type { PostgresServer } from '../support/postgres.ts'
import { CUT_OFF, isCutOff } from './cut-off.ts'

export type Race = {
  readonly url: string
  readonly operations: number
  readonly processes: number
  /** How many processes are killed on the way, each replaced by a new one. */
  readonly kills: number
  /** How often the database crashes on the way and comes back. */
  readonly restarts: number
  readonly server: Pick<PostgresServer, 'crash' | 'restart'>
  readonly seed: number
}

export type Result = {
  readonly faults: readonly string[]
  readonly runs: number
  readonly leases: number
  readonly takeovers: number
  readonly waits: number
  readonly writes: number
  readonly staleRefused: number
  readonly killed: number
  /** How often the database crashed and came back. */
  readonly crashed: number
  /** How many processes ended because their database was gone, each replaced by a new one. */
  readonly cutOff: number
}

const TABLES = `
  create sequence operation;
  create table slot (repository int, slot int, generation int, primary key (repository, slot));
  create table file (place text primary key, n int not null, fence int not null);
  create table written (at bigserial, place text, run text, fence int, n int, primary key (place, run));
  create table refused (run text, place text, because text);`

/** Lets several processes race for the same few paths in a real PostgreSQL, and gives every promise that was broken. */
export async function race(asked: Race): Promise<Result> {
  const { url } = asked
  await (await openLedger({ databaseUrl: url, dataDir: '' })).close()
  const client = new Pool({ connectionString: url, max: 4 })
  client.on('error', lostAfterUse)
  client.on('connect', (one) => one.on('error', lostAfterUse))
  try {
    await client.query(TABLES)
    const [{ codes, ...ends }, crashed] = await Promise.all([contest(asked, client), restarting(asked, client)])
    return { ...(await resultOf(asked, client, codes)), ...ends, crashed }
  } finally {
    await client.end()
  }
}

/** A server that stops or crashes tells each connection so, in use or not. A query tells of its own loss. */
function lostAfterUse(): void {}

async function resultOf({ url, operations }: Race, client: Pool, codes: readonly (number | null)[]) {
  const store = await openLedger({ databaseUrl: url, dataDir: '' })
  try {
    const locks = await faultsInLocks(store.ledger)
    const runs = await faultsInRuns(store.ledger)
    const writes = await faultsInWrites(client)
    const ended = codes.flatMap((code) => (code === 0 ? [] : [`a process ended with ${code}`]))
    const reached = await countOf(client, OPERATIONS)
    const early = reached < operations ? [`only ${reached} operations were made`] : []
    const faults = [...ended, ...early, ...locks.faults, ...runs.faults, ...writes.faults]
    return { ...locks, ...runs, ...writes, faults }
  } finally {
    await store.close()
  }
}

/** Crashes the database at even distances, as often as was asked for, and counts the servers that began anew. */
async function restarting({ operations, restarts, server }: Race, client: Pool): Promise<number> {
  const began = new Set([await beginningOf(client)])
  for (let nth = 1; nth <= restarts; nth += 1) {
    while ((await operationsOf(client)) < Math.floor((nth * operations) / (restarts + 1))) await aMoment()
    await server.crash()
    await server.restart()
    began.add(await beginningOf(client))
  }
  return began.size - 1
}

async function beginningOf(client: Pool): Promise<number> {
  return countOf(client, 'select extract(epoch from pg_postmaster_start_time()) as n')
}

async function contest({ url, operations, processes, kills, restarts, seed }: Race, client: Pool) {
  let [killed, cutOff] = [0, 0]
  const mode = kills + restarts === 0 ? 'no-timers' : 'timers'
  let started: Promise<unknown> = Promise.resolve()
  const begin = (nth: number) => {
    const file = new URL('./children/contestant.ts', import.meta.url).pathname
    const args = [file, url, String(operations), mode, String(seed + nth * 7919)]
    const begun = started.then(() => spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }))
    // One after another: each reads every recipe as it starts, and a recipe has a time limit.
    started = begun.then((child) => Promise.race([once(child, 'message'), once(child, 'exit')]))
    return begun
  }
  const one = async (lane: number): Promise<number | null> => {
    for (let nth = 0; ; nth += 1) {
      const child = await begin(lane + nth * processes)
      const exited = once(child, 'exit')
      const mine = Math.ceil(kills / processes)
      if (nth < mine && killed < kills) {
        await reaches(client, Math.floor(((nth * processes + lane + 1) * operations) / (kills + processes + 1)), child)
        if (child.exitCode === null && child.kill('SIGKILL')) killed += 1
      }
      await exited
      if (child.exitCode === CUT_OFF) cutOff += 1
      else if (child.signalCode !== 'SIGKILL') return child.exitCode
    }
  }
  const codes = await Promise.all(Array.from({ length: processes }, (_, lane) => one(lane)))
  return { codes, killed, cutOff }
}

/** Waits until so many operations were begun, or the process has ended by itself. */
async function reaches(client: Pool, operation: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && (await operationsOf(client)) < operation) await aMoment()
}

async function aMoment(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20))
}

/** How many operations were begun; none that could be told of while the database is gone. */
async function operationsOf(client: Pool): Promise<number> {
  try {
    return await countOf(client, OPERATIONS)
  } catch (error) {
    if (isCutOff(error)) return 0
    throw error
  }
}

const OPERATIONS = 'select last_value as n from operation'

async function countOf(client: Pool, query: string): Promise<number> {
  const { rows } = await client.query<{ n: string }>(query)
  return Number(rows[0]?.n)
}

type Seen = { faults: string[]; leases: number; takeovers: number; waits: number }

async function faultsInLocks(ledger: Ledger): Promise<Seen> {
  const seen: Seen = { faults: [], leases: 0, takeovers: 0, waits: 0 }
  for (const stream of await ledger.streams('locks/')) {
    const events = await ledger.read(stream)
    const broken = faultInChain(stream, events)
    if (broken !== undefined) seen.faults.push(`${stream}: ${JSON.stringify(broken)}`)
    let state = noLocks
    for (const event of events) {
      if (event.type === 'LocksAwaited') seen.waits += 1
      if (event.type === 'LocksTaken') lookAtLease(seen, state, event)
      state = evolveLocks(state, event)
    }
    if (state.queue.length > 0) seen.faults.push(`${stream}: ${state.queue.length} runs wait for ever`)
    if (state.held.length > 0) seen.faults.push(`${stream}: ${state.held.length} keys are never given back`)
  }
  return seen
}

/** A lease is taken whole, with the newest token, over nobody's living lease, and past nobody who waited before. */
function lookAtLease(seen: Seen, state: LockState, { stream, seq, data, at }: EventEnvelope): void {
  seen.leases += 1
  const { run, keys, token } = data
  if (!Array.isArray(keys) || typeof run !== 'string') return void seen.faults.push(`${stream}@${seq} is no lease`)
  const wanted = keys.map(String)
  if (token !== seq) seen.faults.push(`${stream}@${seq} has the token ${JSON.stringify(token)}`)
  const clashing = state.held.filter((held) => held.run !== run && wanted.some((key) => conflicts(key, held.key)))
  if (clashing.some(({ until }) => until > at)) seen.faults.push(`${stream}@${seq} takes a living lease`)
  if (clashing.length > 0) seen.takeovers += 1
  const place = state.queue.find((waiting) => waiting.run === run)?.place ?? seq
  const passed = state.queue.filter(
    (waiting) => waiting.place < place && waiting.keys.some((key) => wanted.some((own) => conflicts(own, key))),
  )
  if (passed.length > 0) seen.faults.push(`${stream}@${seq} goes past ${passed.map((one) => one.run).join(', ')}`)
}

async function faultsInRuns(ledger: Ledger): Promise<{ faults: string[]; runs: number }> {
  const faults: string[] = []
  const streams = await ledger.streams('run/')
  for (const stream of streams) {
    const events = await ledger.read(stream)
    if (faultInChain(stream, events) !== undefined) faults.push(`${stream}: its chain is broken`)
    const { phase } = foldRun(events)
    if (!isFinal(phase)) faults.push(`${stream} is ${phase} for ever`)
  }
  return { faults, runs: streams.length }
}

async function faultsInWrites(client: Pool): Promise<{ faults: string[]; writes: number; staleRefused: number }> {
  const { rows } = await client.query<{ place: string; run: string; fence: number; n: number }>(
    'select place, run, fence, n from written order by place, at',
  )
  const last = new Map<string, { fence: number; n: number }>()
  const faults = rows.flatMap(({ place, run, fence, n }) => {
    const before = last.get(place) ?? { fence: 0, n: 0 }
    last.set(place, { fence, n })
    return [
      ...(n === before.n + 1 ? [] : [`${place}: the write ${n} of ${run} follows the write ${before.n}`]),
      ...(fence > before.fence ? [] : [`${place}: the fence ${fence} of ${run} is not newer than ${before.fence}`]),
    ]
  })
  const stale = "select count(*) as n from refused where because not like 'written already%'"
  return { faults, writes: rows.length, staleRefused: await countOf(client, stale) }
}
