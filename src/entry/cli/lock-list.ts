import { evolveLocks, type LockState } from '../../domain/lock.ts'
import { type CliCommand, done, noWords, stopped } from './command.ts'

export const lockList: CliCommand = {
  usage: 'agentos lock list',
  summary: 'List the locks that runs hold, from the server’s ledger.',
  exits: [0, 2, 5],
  options: {},
  async run(given) {
    noWords(given)
    const { keptLedger } = await import('../local/kept-ledger.ts')
    const opened = await keptLedger(process.env)
    if (!opened.ok) return stopped(opened.refusal)
    const { ledger, close } = opened.value
    try {
      const now = new Date().toISOString()
      const streams = await ledger.streams('locks/')
      const all = await Promise.all(
        streams.map(async (stream) => {
          const held = (await ledger.read(stream)).reduce<LockState>(evolveLocks, [])
          return held.map((one) => ({ repository: stream.slice('locks/'.length), ...one, expired: one.until <= now }))
        }),
      )
      const locks = all.flat()
      const lines = locks.map(
        ({ repository, key, run, until, expired }) =>
          `${repository}  ${key}  run ${run}  ${expired ? 'expired' : 'until'} ${until}`,
      )
      return done({ locks }, lines.length === 0 ? 'no run holds a lock' : lines.join('\n'))
    } finally {
      await close()
    }
  },
}
