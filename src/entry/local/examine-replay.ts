import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isUnreadable } from '../../app/audit-store.ts'
import type { Ledger } from '../../app/ledger.ts'
import { evolveReplay, neverReplayed, type Parting, REPLAY_STREAM } from '../../domain/replay-stream.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import type { Finding } from './finding.ts'
import { dataDirOf } from './local-signer.ts'

type Env = Readonly<Record<string, string | undefined>>

const PART = 'replay'
const UNKNOWN = (says: string): Finding => ({ part: PART, is: 'unused', says, next: null })

/** What the server found when it decided its log again. A folder that a server has open is not looked into. */
export async function examineReplay(env: Env): Promise<Finding> {
  const hasDatabase = (env['DATABASE_URL']?.trim() ?? '') !== ''
  if (!hasDatabase && !existsSync(join(dataDirOf(env), 'ledger'))) return UNKNOWN('there is no ledger yet')
  const { keptLedger } = await import('./kept-ledger.ts')
  const opened = await keptLedger(env)
  if (!opened.ok) return UNKNOWN(`${opened.refusal.because}; a server that runs tells it at /readyz`)
  try {
    return await replayIn(opened.value.ledger)
  } finally {
    await opened.value.close()
  }
}

async function replayIn(ledger: Pick<Ledger, 'read'>): Promise<Finding> {
  try {
    return replayFinding(await ledger.read(REPLAY_STREAM))
  } catch (error) {
    if (!isUnreadable(error)) throw error
    return { part: PART, is: 'wrong', says: 'the record of it cannot be read', next: 'run agentos ledger verify' }
  }
}

const MOST_NAMED = 5

/** What the rounds on record say: each decision that does not follow by its event, and when the log was looked at last. */
export function replayFinding(rounds: readonly Pick<EventEnvelope, 'data' | 'at'>[]): Finding {
  const { last, partings } = rounds.reduce(evolveReplay, neverReplayed)
  const at = rounds.at(-1)?.at
  if (last === null || at === undefined) return UNKNOWN('no server decided this log again yet')
  const looked = `decided again up to position ${last.next - 1}, last at ${at}`
  if (partings.length === 0) return { part: PART, is: 'fine', says: `${looked}: every decision follows`, next: null }
  const more = partings.length > MOST_NAMED ? [`and ${partings.length - MOST_NAMED} more`] : []
  const named = [...partings.slice(0, MOST_NAMED).map(inWords), ...more].join(', ')
  const next = 'run agentos replay to see what is on record and what comes out now'
  return { part: PART, is: 'wrong', says: `${looked}: ${partings.length} do not follow: ${named}`, next }
}

function inWords({ stream, seq, type, field }: Parting): string {
  return `${stream}@${seq} (${type}, ${field})`
}
