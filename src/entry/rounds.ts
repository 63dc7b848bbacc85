import { randomBytes } from 'node:crypto'
import type { OpenLedger } from '../adapters/ledger/open.ts'
import { type SigningSource, signRounds } from '../app/kept-checkpoint.ts'
import { keepRetention, retentionRound } from '../app/privacy/retention.ts'
import { type ReplayWatch, replayRounds } from '../app/redecide/replay-rounds.ts'
import type { Log } from '../app/worker.ts'
import type { Environment } from './environment.ts'

export type Rounds = {
  readonly env: Pick<Environment, 'AGENTOS_RETENTION'>
  readonly store: OpenLedger
  readonly signing: SigningSource
  readonly replay: ReplayWatch
  readonly log: Log
  readonly paused: boolean
}

/** A round erases from so many runs at most, so that it holds nobody up for long. */
const RUNS_A_ROUND = 20

/** What the server does from time to time until `signal` aborts; one that performs nothing still signs what it takes in. */
export async function takeRounds({ paused, ...rounds }: Rounds, signal: AbortSignal): Promise<void> {
  const { signing, replay, log } = rounds
  const rest = paused ? [] : [keepRetention(retentionOf(rounds), log, signal), replayRounds(replay, log, signal)]
  await Promise.all([signRounds(signing, log, signal), ...rest])
}

function retentionOf({ env, store, signing: { signer, clock } }: Omit<Rounds, 'paused'>): () => Promise<number> {
  const retention = env.AGENTOS_RETENTION
  return () => retentionRound({ ...store, signer, clock, random: randomBytes, retention, mostRuns: RUNS_A_ROUND })
}
