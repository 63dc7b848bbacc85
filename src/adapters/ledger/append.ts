import { setImmediate as turn } from 'node:timers/promises'
import type { Append, AppendOutcome } from '../../app/ledger.ts'
import { type Database, isRetryable, sqlStateOf } from './database.ts'
import { type Prepared, prepare } from './prepare.ts'
import { record } from './record.ts'
import { standingOf } from './standing.ts'
import { type Verdict, weigh } from './weigh.ts'

const MAX_BATCH = 200
const MAX_TRIES = 5

type Waiting = {
  readonly prepared: Prepared
  readonly resolve: (outcome: AppendOutcome) => void
  readonly reject: (error: unknown) => void
}

/** Appends all that was asked for at once, or during one transaction, in the next, each append on its own terms. */
export function groupCommit(database: Database): (append: Append) => Promise<AppendOutcome> {
  const queue: Waiting[] = []
  let draining = false

  async function drain(): Promise<void> {
    draining = true
    // Who asks at the same moment comes along.
    await turn()
    while (queue.length > 0) await settle(database, queue.splice(0, MAX_BATCH), MAX_TRIES)
    draining = false
  }

  return async (append) => {
    const prepared = prepare(append)
    return new Promise<AppendOutcome>((resolve, reject) => {
      queue.push({ prepared, resolve, reject })
      if (!draining) void drain()
    })
  }
}

/** Never rejects: each caller hears of its own append. */
async function settle(database: Database, batch: readonly Waiting[], tries: number): Promise<void> {
  try {
    const verdicts = await commit(
      database,
      batch.map(({ prepared }) => prepared),
    )
    batch.forEach((waiting, i) => answer(waiting, verdicts[i]))
  } catch (error) {
    const [only] = batch
    if (sqlStateOf(error) === undefined) for (const { reject } of batch) reject(error)
    else if (batch.length > 1) for (const waiting of batch) await settle(database, [waiting], tries)
    else if (isRetryable(error) && tries > 1) await settle(database, batch, tries - 1)
    else if (only !== undefined) giveUp(only, error)
  }
}

async function commit(database: Database, batch: readonly Prepared[]): Promise<readonly Verdict[]> {
  return database.exclusive(async (session) => {
    const standing = await standingOf(session, batch)
    const verdicts = weigh(batch, standing)
    const accepted = batch.filter((_, i) => verdicts[i]?.is === 'appended')
    await record(session, accepted, standing.pos)
    return verdicts
  })
}

function answer({ resolve, reject }: Waiting, verdict: Verdict | undefined): void {
  if (verdict === undefined) reject(new Error('an append was left without a verdict'))
  else if (verdict.is === 'refused') reject(verdict.error)
  else resolve(verdict)
}

function giveUp({ prepared, resolve, reject }: Waiting, error: unknown): void {
  const [relied] = prepared.append.expect
  if (isRetryable(error) && relied !== undefined) resolve({ is: 'moved', stream: relied.stream })
  else reject(error)
}
