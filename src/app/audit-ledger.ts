import { hashOf } from '../domain/hash.ts'
import type { StreamName } from '../domain/ids.ts'
import { faultInChain } from '../domain/run/envelope.ts'
import type { Ledger, LoggedEvent } from './ledger.ts'

export type LedgerAudit =
  | { readonly valid: true; readonly streams: number; readonly events: number }
  | { readonly valid: false; readonly fault: string }

const PAGE = 1000

/** Goes through the whole ledger: each stream is an unbroken chain, and the log holds each of their events once, without a gap. */
export async function auditLedger(ledger: Pick<Ledger, 'read' | 'streams' | 'log'>): Promise<LedgerAudit> {
  const streams = await ledger.streams('')
  const expected = new Map<string, StreamName>()
  for (const stream of streams) {
    const events = await ledger.read(stream)
    const fault = faultInChain(stream, events)
    if (fault !== undefined) return { valid: false, fault }
    for (const event of events) expected.set(hashOf(event), stream)
  }
  let events = 0
  for await (const { pos, event } of wholeLog(ledger)) {
    events += 1
    if (pos !== events) return { valid: false, fault: `the log jumps from position ${events - 1} to ${pos}` }
    if (!expected.delete(hashOf(event)))
      return { valid: false, fault: `position ${pos} holds an event that no stream has` }
  }
  const [left] = expected.values()
  return left === undefined
    ? { valid: true, streams: streams.length, events }
    : { valid: false, fault: `the log lacks an event of ${left}` }
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
