import type { Governed } from '../domain/control/governed.ts'
import type { Instant, StreamName } from '../domain/ids.ts'
import type { RunShadow } from '../domain/shadow/run-shadow.ts'
import { shadowRun } from '../domain/shadow/shadow-run.ts'
import { documentsFor } from './journal.ts'
import { type Ledger, LedgerCorrupt, LedgerUnavailable } from './ledger.ts'

/** One run of the ledger under other rules. */
export type ShadowedRun = { readonly run: StreamName; readonly shadow: RunShadow }

/**
 * Decides every recorded run again under another control plane, one after the other: only reads, and holds no more of a long
 * ledger than of a short one. With `since` only the inputs from that time on are judged.
 */
export async function* shadowLedger(
  ledger: Pick<Ledger, 'streams' | 'read' | 'blobs'>,
  governed: Governed,
  since: Instant | null,
): AsyncGenerator<ShadowedRun> {
  for (const run of await ledger.streams('run/')) {
    const events = await ledger.read(run)
    if (since !== null && (events.at(-1)?.at ?? '') < since) continue
    const documents = await documentsFor(ledger, events)
    yield { run, shadow: shadowOrUnknown(run, () => shadowRun({ events, documents }, governed, since)) }
  }
}

/** A run whose record this engine cannot fold is told, and does not hide the others. */
function shadowOrUnknown(stream: StreamName, shadow: () => RunShadow): RunShadow {
  try {
    return shadow()
  } catch (error) {
    if (!(error instanceof Error) || error instanceof LedgerCorrupt || error instanceof LedgerUnavailable) throw error
    const because = `the record cannot be read: ${error.message.slice(0, 500)}`
    const unknown = {
      stream,
      seq: 1,
      input: 'RequestReceived',
      at: 'every moment',
      gate: 'every gate',
      was: null,
      because,
    }
    return { verdicts: 0, flips: [], unknown: [unknown], turns: [] }
  }
}
