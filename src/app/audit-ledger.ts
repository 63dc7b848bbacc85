import { hashOf } from '../domain/hash.ts'
import type { StreamName } from '../domain/ids.ts'
import { eventLeaf, type Frontier, grown, rootAt, type TreeHead } from '../domain/merkle.ts'
import { faultInChain } from '../domain/run/envelope.ts'
import type { Ledger, LoggedEvent } from './ledger.ts'

export type LedgerAudit =
  | { readonly valid: true; readonly streams: number; readonly events: number }
  | { readonly valid: false; readonly fault: string }

const PAGE = 1000

/**
 * Goes through the whole ledger: each stream is an unbroken chain, and the log holds each of their events once, without a
 * gap. With a checkpoint that was kept elsewhere, the log also begins with exactly the events that it covers.
 */
export async function auditLedger(
  ledger: Pick<Ledger, 'read' | 'streams' | 'log'>,
  checkpoint: TreeHead | null = null,
): Promise<LedgerAudit> {
  const streams = await ledger.streams('')
  const expected = new Map<string, StreamName>()
  for (const stream of streams) {
    const events = await ledger.read(stream)
    const fault = faultInChain(stream, events)
    if (fault !== undefined) return { valid: false, fault }
    for (const event of events) expected.set(hashOf(event), stream)
  }
  const events = expected.size
  const log = await walkLog(ledger, expected, checkpoint?.size ?? 0)
  const fault = log.fault ?? (checkpoint === null ? undefined : faultAgainst(checkpoint, log.covered))
  return fault === undefined ? { valid: true, streams: streams.length, events } : { valid: false, fault }
}

/** What a walk over the log found: the first fault, and the tree over as many of its first events as were asked for. */
type Walk = { readonly fault?: string; readonly covered: TreeHead }

/** Takes every event that the log holds out of `expected`. */
async function walkLog(ledger: Pick<Ledger, 'log'>, expected: Map<string, StreamName>, size: number): Promise<Walk> {
  let frontier: Frontier = []
  let end = 0
  const covered = () => ({ size: Math.min(end, size), root: rootAt(frontier) })
  for await (const { pos, event } of wholeLog(ledger)) {
    if (pos !== end + 1) return { fault: `the log jumps from position ${end} to ${pos}`, covered: covered() }
    if (!expected.delete(hashOf(event)))
      return { fault: `position ${pos} holds an event that no stream has`, covered: covered() }
    if (pos <= size) frontier = grown(frontier, eventLeaf(event.hash))
    end = pos
  }
  const [left] = expected.values()
  return { ...(left === undefined ? {} : { fault: `the log lacks an event of ${left}` }), covered: covered() }
}

function faultAgainst({ size, root }: TreeHead, covered: TreeHead): string | undefined {
  if (covered.size < size) return `the log ends at position ${covered.size}, the checkpoint covers ${size}`
  return covered.root === root ? undefined : `the first ${size} events are not those that the checkpoint covers`
}

/** Every event in the order of its position, from `first` on. */
export async function* wholeLog(ledger: Pick<Ledger, 'log'>, first = 1): AsyncGenerator<LoggedEvent> {
  let from = first
  for (;;) {
    const page = await ledger.log(from, PAGE)
    yield* page
    const last = page.at(-1)
    if (last === undefined) return
    from = last.pos + 1
  }
}
