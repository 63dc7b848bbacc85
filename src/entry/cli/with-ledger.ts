import type { OpenLedger } from '../../adapters/ledger/open.ts'
import { type Ending, stopped } from './command.ts'

/** Looks into the server's ledger and closes it again, whatever came of it. */
export async function withLedger(use: (opened: OpenLedger) => Promise<Ending>): Promise<Ending> {
  const { keptLedger } = await import('../local/kept-ledger.ts')
  const opened = await keptLedger(process.env)
  if (!opened.ok) return stopped(opened.refusal)
  try {
    return await use(opened.value)
  } finally {
    await opened.value.close()
  }
}
