import { stdout } from 'node:process'
import { openLedger } from '../../../../src/adapters/ledger/open.ts'
import { comment, observed, RUN, recording } from '../../../contracts/ledger-examples.ts'

/** Appends to the embedded ledger until it is killed; says on stdout what was acknowledged. */
const [dataDir = ''] = process.argv.slice(2)
const { ledger } = await openLedger({ dataDir })
let last = (await ledger.read(RUN)).at(-1)

for (;;) {
  const event = observed(RUN, last, { text: 'x'.repeat(500) })
  const outcome = await ledger.append(recording([event], { effects: [comment(event, 0)] }))
  if (outcome.is !== 'appended') throw new Error(outcome.is)
  stdout.write(`${event.hash}\n`)
  last = event
}
