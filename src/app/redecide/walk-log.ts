import type { Sha256 } from '../../domain/hash.ts'
import type { Instant } from '../../domain/ids.ts'
import { parseData } from '../../domain/run/events.ts'
import { wholeLog } from '../audit-ledger.ts'
import { namesIn } from '../blob-names.ts'
import type { Ledger } from '../ledger.ts'
import { type LoggedTransition, transitionsFrom } from './log-transitions.ts'
import { type Found, type Redeciding, redecider } from './redecide.ts'

/** Where a walk over the log begins: at the position of an input, behind the runs that `writer` wrote. */
export type Start = { readonly from: number; readonly writer: Sha256 | null }

/** What came of one page of the log. */
export type Walked = {
  /** The position behind the last event that was decided again. */
  readonly next: number
  readonly events: number
  readonly transitions: number
  readonly found: readonly Found[]
  /** The runs that began here. */
  readonly begun: number
  readonly writer: Sha256 | null
}

/** Decides the log again, a page at a time: it holds no more of a long log than of a short one. */
export async function* walkLog(
  ledger: Pick<Ledger, 'read' | 'positions' | 'blobs' | 'log'>,
  { from, ...redeciding }: Redeciding & Start,
): AsyncGenerator<Walked> {
  const decider = redecider(ledger, redeciding)
  for await (const page of transitionsFrom(ledger, from)) {
    const documents = await ledger.blobs([...new Set(page.flatMap(({ events: [input] }) => namesIn(input?.data)))])
    const found: Found[] = []
    for (const logged of page) {
      const one = await decider.decide(logged, (sha256) => documents.get(sha256))
      if (one !== undefined) found.push(one)
    }
    const last = page.at(-1)
    if (last !== undefined) yield { next: last.to + 1, ...counted(page), found, writer: decider.writer() }
  }
}

function counted(page: readonly LoggedTransition[]): Pick<Walked, 'events' | 'transitions' | 'begun'> {
  return {
    events: page.reduce((sum, { events }) => sum + events.length, 0),
    transitions: page.length,
    begun: page.filter(({ events: [input] }) => input?.type === 'RequestReceived').length,
  }
}

/** The first transition at or after a time; the whole log where no time is given, null where nothing is that late. */
export async function startAt(ledger: Pick<Ledger, 'log'>, since: Instant | null): Promise<Start | null> {
  let writer: Sha256 | null = null
  if (since === null) return { from: 1, writer }
  for await (const { pos, event } of wholeLog(ledger)) {
    if (event.kind === 'input' && event.at >= since) return { from: pos, writer }
    if (event.type === 'RequestReceived') writer = parseData('RequestReceived', event.data).engine.digest
  }
  return null
}
