import { readFileSync } from 'node:fs'
import { composeServer } from '../../src/entry/compose.ts'
import { readEnvironment } from '../../src/entry/environment.ts'

// The real server, started by a test as its own process, with a clock that runs ahead by as much as a file says.

const { AHEAD_FILE = '', ...given } = process.env
const server = await composeServer({
  env: readEnvironment(given),
  process: given,
  log: () => (level, message, about) => process.stderr.write(`${JSON.stringify({ level, message, ...about })}\n`),
  clock: { now: () => new Date(Date.now() + Number(readFileSync(AHEAD_FILE, 'utf8'))).toISOString() },
  paused: false,
})
process.send?.({ is: 'listening', url: server.url })
process.once('SIGTERM', () => {
  void server.close().then(() => {
    if (process.connected) process.disconnect()
  })
})
