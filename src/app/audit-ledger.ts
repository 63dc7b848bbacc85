import { hashOf, type Sha256 } from '../domain/hash.ts'
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
 * gap. The log also begins with exactly the events that each of the given checkpoints covers.
 */
export async function auditLedger(
  ledger: Pick<Ledger, 'read' | 'streams' | 'log'>,
  checkpoints: readonly TreeHead[] = [],
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
  const sizes = new Set(checkpoints.map(({ size }) => size))
  const log = await walkLog(ledger, expected, sizes)
  const fault = log.fault ?? checkpoints.map((one) => faultAgainst(one, log)).find((against) => against !== undefined)
  return fault === undefined ? { valid: true, streams: streams.length, events } : { valid: false, fault }
}

/** What a walk over the log found: the first fault, where it ends, and its roots at the sizes that were asked for. */
type Walk = { readonly fault?: string; readonly end: number; readonly roots: ReadonlyMap<number, Sha256> }

/** Takes every event that the log holds out of `expected`. */
async function walkLog(
  ledger: Pick<Ledger, 'log'>,
  expected: Map<string, StreamName>,
  sizes: ReadonlySet<number>,
): Promise<Walk> {
  const most = Math.max(0, ...sizes)
  const roots = new Map<number, Sha256>()
  let frontier: Frontier = []
  let end = 0
  for await (const { pos, event } of wholeLog(ledger)) {
    if (pos !== end + 1) return { fault: `the log jumps from position ${end} to ${pos}`, end, roots }
    if (!expected.delete(hashOf(event)))
      return { fault: `position ${pos} holds an event that no stream has`, end, roots }
    if (pos <= most) frontier = grown(frontier, eventLeaf(event.hash))
    if (sizes.has(pos)) roots.set(pos, rootAt(frontier))
    end = pos
  }
  const [left] = expected.values()
  return { ...(left === undefined ? {} : { fault: `the log lacks an event of ${left}` }), end, roots }
}

function faultAgainst({ size, root }: TreeHead, { end, roots }: Walk): string | undefined {
  if (end < size) return `the log ends at position ${end}, the checkpoint covers ${size}`
  return roots.get(size) === root ? undefined : `the first ${size} events are not those that the checkpoint covers`
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
