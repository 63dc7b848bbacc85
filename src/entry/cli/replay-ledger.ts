import { type Ledger, LedgerCorrupt } from '../../app/ledger.ts'
import type { Found } from '../../app/redecide/redecide.ts'
import { startAt, type Walked, walkLog } from '../../app/redecide/walk-log.ts'
import type { Instant } from '../../domain/ids.ts'
import { thisEngine } from '../engine.ts'
import { stop } from '../local/stop.ts'
import { answered, type Ending, stopped } from './command.ts'

type Source = Pick<Ledger, 'read' | 'positions' | 'blobs' | 'log' | 'head'>

type Sum = {
  readonly events: number
  readonly transitions: number
  readonly runs: number
  readonly divergences: number
  readonly changes: number
  /** What rests on blobs that were erased. */
  readonly undecided: number
  /** The first of them, in the order of the log. */
  readonly found: readonly Found[]
}

const NONE: Sum = { events: 0, transitions: 0, runs: 0, divergences: 0, changes: 0, undecided: 0, found: [] }

/** So many are named; all are counted. */
const MOST_NAMED = 100

/** Decides the whole ledger again, from a time on where one is given; how far it is goes to stderr. */
export async function replayLedger(ledger: Source, since: Instant | null): Promise<Ending> {
  try {
    const start = await startAt(ledger, since)
    if (start === null) return toEnding(NONE)
    const head = (await ledger.head())?.pos ?? 0
    let sum = NONE
    let next = start.from + STEP
    for await (const walked of walkLog(ledger, { ...start, digest: thisEngine().digest })) {
      sum = added(sum, walked)
      if (walked.next < next) continue
      next = walked.next + STEP
      process.stderr.write(`decided again up to event ${walked.next - 1} of ${head}\n`)
    }
    return toEnding(sum)
  } catch (error) {
    if (!(error instanceof LedgerCorrupt)) throw error
    const because = `the ledger cannot be read: ${error.message}`
    return stopped(stop(1, 'ledger', because, 'run `agentos ledger verify`, and bring the ledger back from a copy'))
  }
}

const STEP = 10_000

function added(sum: Sum, { events, transitions, begun, found }: Walked): Sum {
  const count = (kind: Found['is']) => found.filter(({ is }) => is === kind).length
  return {
    events: sum.events + events,
    transitions: sum.transitions + transitions,
    runs: sum.runs + begun,
    divergences: sum.divergences + count('divergence'),
    changes: sum.changes + count('change'),
    undecided: sum.undecided + count('undecided'),
    found: [...sum.found, ...found].sort(divergencesFirst).slice(0, MOST_NAMED),
  }
}

function divergencesFirst(one: Found, other: Found): number {
  return Number(other.is === 'divergence') - Number(one.is === 'divergence') || one.pos - other.pos
}

function toEnding({ found, ...sum }: Sum): Ending {
  const same = sum.divergences === 0
  const named = [...found.map(toText), ...unnamed(sum.divergences + sum.changes + sum.undecided - found.length)]
  const counts = `${sum.events} events in ${sum.transitions} transitions, ${sum.runs} runs begun`
  const changes = sum.changes === 0 ? '' : `; ${sum.changes} decisions of other engines are changed`
  const changed = sum.undecided === 0 ? changes : `${changes}; ${sum.undecided} rest on what was erased`
  const verdict = same ? `decided again the same${changed}` : `${sum.divergences} transitions differ${changed}`
  return answered(same ? 0 : 1, { same, ...sum, found }, [...named, `${counts}: ${verdict}`].join('\n'))
}

function unnamed(count: number): readonly string[] {
  return count === 0 ? [] : [`… and ${count} more`]
}

const SAID = {
  divergence: 'DIVERGENCE',
  change: 'changed by the engine',
  undecided: 'not decided again, since what it rests on was erased',
} as const

function toText({ is, stream, seq, type, field, recorded, now }: Found): string {
  return `${SAID[is]}: ${stream}@${seq} ${type}, in ${field}\n  on record: ${recorded}\n  now:       ${now}`
}
