import { plus } from '../../domain/clock.ts'
import { Governed } from '../../domain/control/governed.ts'
import type { Sha256 } from '../../domain/hash.ts'
import type { Instant, StreamName } from '../../domain/ids.ts'
import { readDocument } from '../../domain/packs/documents.ts'
import { ERASABLE, type Erasable, type Retention } from '../../domain/redaction.ts'
import { endings } from '../../domain/run/event-words.ts'
import { parseData } from '../../domain/run/events.ts'
import { inTurns } from '../in-turns.ts'
import type { Log } from '../worker.ts'
import { erase, type Redacting } from './redact.ts'
import { type Surveyed, survey, surveyAll } from './survey.ts'

/** `retention` is this server's own; the policy of a run may keep less, never more. */
export type Retaining = Redacting & { readonly retention: Retention; readonly mostRuns: number }

/** Something of a run whose days are over. */
type Due = { readonly stream: StreamName; readonly holds: Erasable; readonly days: number }

const DAY_MS = 86_400_000

/**
 * Erases what has been kept for as long as it may be, of the runs that ended first, and resolves to the number of blobs.
 * What a run shares with one whose days are not over stays until they are.
 */
export async function retentionRound(parts: Retaining): Promise<number> {
  let all = await surveyAll(parts)
  let count = 0
  for (const [days, streams] of overdue(all, await dueIn(parts, all))) {
    const cause = { by: 'retention', why: { is: 'retention', days } } as const
    const erasure = await erase(parts, { all, selection: { streams, kept: new Map() } }, cause)
    if (erasure === 'moved') return count
    count += erasure.erased.length
    all = await Promise.all(all.map(async (one) => (streams.has(one.stream) ? survey(parts, one.stream) : one)))
  }
  return count
}

async function dueIn(parts: Retaining, all: readonly Surveyed[]): Promise<readonly Due[]> {
  const now = parts.clock.now()
  const due: (Due & { readonly ended: Instant })[] = []
  for (const one of all) {
    const ended = endOf(one)
    if (ended === undefined) continue
    const retention = await retentionFor(parts, one)
    for (const holds of ERASABLE) {
      const days = retention[holds]
      if (days !== undefined && plus(ended, days * DAY_MS) <= now && hasLeft(one, holds))
        due.push({ stream: one.stream, holds, days, ended })
    }
  }
  const first = [...due].sort((one, other) => (one.ended < other.ended ? -1 : 1))
  const runs = new Set([...new Set(first.map(({ stream }) => stream))].slice(0, parts.mostRuns))
  return first.filter(({ stream }) => runs.has(stream))
}

const ENDS: ReadonlySet<string> = new Set(endings)

/** When a run that is over came to its end. */
function endOf({ stream, events, living }: Surveyed): Instant | undefined {
  if (living !== null || !stream.startsWith('run/')) return undefined
  return events.findLast(({ type }) => ENDS.has(type))?.at
}

/** The shorter time of what the server and the run's own policy say. */
async function retentionFor({ ledger, retention }: Retaining, { events }: Surveyed): Promise<Retention> {
  const [first] = events
  if (first?.type !== 'RequestReceived') return retention
  const { manifest } = parseData('RequestReceived', first.data)
  const found = await ledger.blobs([manifest])
  const own = readDocument((sha256) => found.get(sha256), manifest, Governed).policy.retention ?? {}
  const shorter = ERASABLE.flatMap((holds) => {
    const days = [retention[holds], own[holds]].filter((one) => one !== undefined)
    return days.length === 0 ? [] : [[holds, Math.min(...days)] as const]
  })
  return Object.fromEntries(shorter)
}

function hasLeft(one: Surveyed, holds: Erasable): boolean {
  return standingIn(one).some((blob) => blob.holds === holds)
}

type Chosen = Map<StreamName, Map<Sha256, Erasable>>

/**
 * By days what goes. A blob goes from all streams that name it at once, after the longest of their times; one that any of
 * them still keeps, or holds as a record, stays.
 */
function overdue(all: readonly Surveyed[], due: readonly Due[]): ReadonlyMap<number, Chosen> {
  const daysFor = new Map(due.map(({ stream, holds, days }) => [`${stream} ${holds}`, days]))
  const longest = new Map<Sha256, number>()
  for (const { stream, sha256, holds } of all.flatMap(standingIn)) {
    const days = daysFor.get(`${stream} ${holds}`) ?? Number.POSITIVE_INFINITY
    longest.set(sha256, Math.max(days, longest.get(sha256) ?? 0))
  }
  const chosen = new Map<number, Chosen>()
  for (const { stream, sha256, holds } of all.flatMap(standingIn)) {
    const days = longest.get(sha256) ?? Number.POSITIVE_INFINITY
    if (holds === 'record' || days === Number.POSITIVE_INFINITY) continue
    const streams: Chosen = chosen.get(days) ?? new Map()
    chosen.set(days, streams.set(stream, (streams.get(stream) ?? new Map<Sha256, Erasable>()).set(sha256, holds)))
  }
  return chosen
}

/** What a stream holds that was not erased, but for the reasons of erasures. */
function standingIn({ stream, held, erased, reasons }: Surveyed) {
  return [...held].flatMap(([sha256, holds]) =>
    erased.has(sha256) || reasons.has(sha256) ? [] : [{ stream, sha256, holds }],
  )
}

const WAITS_MS = [60_000, 3_600_000] as const

/** Until `signal` aborts, a round soon after the start and then every hour. */
export function keepRetention(round: () => Promise<number>, log: Log, signal: AbortSignal): Promise<void> {
  const take = async () => {
    const erased = await round()
    if (erased > 0) log('info', 'what was kept long enough was erased', { blobs: erased })
  }
  return inTurns(
    { waitsMs: WAITS_MS, take, log, failed: ['warn', 'what was kept long enough could not be erased'] },
    signal,
  )
}
