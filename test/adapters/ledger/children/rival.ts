import { stdout } from 'node:process'
import { openLedger } from '../../../../src/adapters/ledger/open.ts'
import { observed, RUN, recording } from '../../../contracts/ledger-examples.ts'

/** Appends to a stream that others append to as well, and to one of its own; says on stdout what it won. */
const [databaseUrl = '', name = '', count = ''] = process.argv.slice(2)
const { ledger, close } = await openLedger({ databaseUrl, dataDir: '' })
const own = `run/${name}`

for (let n = 1; n <= Number(count); ) {
  const [shared, mine] = [await ledger.read(RUN), await ledger.read(own)]
  const events = [observed(RUN, shared.at(-1), { name, n }), observed(own, mine.at(-1), { n })]
  const outcome = await ledger.append(recording(events))
  if (outcome.is !== 'appended') continue
  stdout.write(`${JSON.stringify(events.map(({ hash }) => hash))}\n`)
  n += 1
}
await close()
