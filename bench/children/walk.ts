import { openDatabase } from '../../src/adapters/ledger/open.ts'
import { pgDatabase } from '../../src/adapters/ledger/pg.ts'
import { walkLog } from '../../src/app/redecide/walk-log.ts'
import { shadowLedger } from '../../src/app/shadow.ts'
import { sha256Hex } from '../../src/domain/hash.ts'
import { governedWith } from '../../test/support/builders.ts'

/* Goes through the beginning of a ledger, and prints how much memory this process held at most, in KiB. */
const [url = '', kind = '', most = ''] = process.argv.slice(2)
const { ledger, close } = await openDatabase(pgDatabase(url))
if (kind === 'shadow') await shadow(Number(most))
else await replay(Number(most))
await close()
console.log(process.resourceUsage().maxRSS)

async function shadow(runs: number): Promise<void> {
  const first = { ...ledger, streams: async (prefix: string) => (await ledger.streams(prefix)).slice(0, runs) }
  let shadowed = 0
  for await (const { shadow: one } of shadowLedger(first, governedWith(), null)) shadowed += one.verdicts > 0 ? 1 : 0
  if (shadowed === 0) throw new Error('no run has a verdict')
}

async function replay(events: number): Promise<void> {
  const first = {
    ...ledger,
    log: async (from: number, limit: number) =>
      from > events ? [] : ledger.log(from, Math.min(limit, events - from + 1)),
  }
  let replayed = 0
  for await (const walked of walkLog(first, { from: 1, writer: null, digest: sha256Hex('engine') }))
    replayed += walked.events
  if (replayed !== events) throw new Error(`${replayed} of ${events} events were decided again`)
}
