import { parseArgs } from 'node:util'
import { startPostgres } from '../support/postgres.ts'
import { race } from './race.ts'

/** The large race: `npm run test:locks -- --operations 50000 --processes 8 --kills 40 --restarts 5 --seed 1`. */
const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '50000' },
    processes: { type: 'string', default: '8' },
    kills: { type: 'string', default: '40' },
    restarts: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
  },
})
const server = await startPostgres()
const began = performance.now()
try {
  const { faults, ...counts } = await race({
    url: await server.database(),
    operations: Number(values.operations),
    processes: Number(values.processes),
    kills: Number(values.kills),
    restarts: Number(values.restarts),
    server,
    seed: Number(values.seed),
  })
  const seconds = Math.round((performance.now() - began) / 1000)
  process.stdout.write(`${JSON.stringify({ ...values, seconds, ...counts, faults: faults.length })}\n`)
  for (const fault of faults.slice(0, 20)) process.stderr.write(`${fault}\n`)
  process.exitCode = faults.length === 0 ? 0 : 1
} finally {
  await server.stop()
}
