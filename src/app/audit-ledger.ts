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
  const fault = (await faultInLog(ledger, expected)) ?? (await faultAgainst(ledger, checkpoint))
  return fault === undefined ? { valid: true, streams: streams.length, events } : { valid: false, fault }
}

/** Takes every event that the log holds out of `expected`. */
async function faultInLog(ledger: Pick<Ledger, 'log'>, expected: Map<string, StreamName>): Promise<string | undefined> {
  let events = 0
  for await (const { pos, event } of wholeLog(ledger)) {
    events += 1
    if (pos !== events) return `the log jumps from position ${events - 1} to ${pos}`
    if (!expected.delete(hashOf(event))) return `position ${pos} holds an event that no stream has`
  }
  const [left] = expected.values()
  return left === undefined ? undefined : `the log lacks an event of ${left}`
}

async function faultAgainst(ledger: Pick<Ledger, 'log'>, checkpoint: TreeHead | null): Promise<string | undefined> {
  if (checkpoint === null) return undefined
  let frontier: Frontier = []
  let end = 0
  for await (const { pos, event } of wholeLog(ledger)) {
    if (pos > checkpoint.size) break
    end = pos
    frontier = grown(frontier, eventLeaf(event.hash))
  }
  if (end < checkpoint.size) return `the log ends at position ${end}, the checkpoint covers ${checkpoint.size}`
  return rootAt(frontier) === checkpoint.root
    ? undefined
    : `the first ${checkpoint.size} events are not those that the checkpoint covers`
}

/** Every event in the order of its position. */
export async function* wholeLog(ledger: Pick<Ledger, 'log'>): AsyncGenerator<LoggedEvent> {
  let from = 1
  for (;;) {
    const page = await ledger.log(from, PAGE)
    yield* page
    const last = page.at(-1)
    if (last === undefined) return
    from = last.pos + 1
  }
}
