import { evolveLocks, type LockState, noLocks } from '../../domain/lock.ts'
import { type CliCommand, done, noWords, stopped } from './command.ts'

export const lockList: CliCommand = {
  usage: 'agentos lock list',
  summary: 'List the locks that runs hold, and the runs that wait for them, from the server’s ledger.',
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
          const state = (await ledger.read(stream)).reduce<LockState>(evolveLocks, noLocks)
          return listed(state, stream.slice('locks/'.length), now)
        }),
      )
      const locks = all.flatMap((one) => one.locks)
      const queue = all.flatMap((one) => one.queue)
      const lines = [...locks.map(lockLine), ...queue.map(waitLine)]
      return done({ locks, queue }, lines.length === 0 ? 'no run holds a lock' : lines.join('\n'))
    } finally {
      await close()
    }
  },
}

function listed({ held, queue }: LockState, repository: string, now: string) {
  return {
    locks: held.map((one) => ({ repository, ...one, expired: one.until <= now })),
    queue: queue.map((waiting, index) => ({ repository, ...waiting, position: index + 1 })),
  }
}

type Listed = ReturnType<typeof listed>

function lockLine({ repository, key, run, number, token, until, expired }: Listed['locks'][number]): string {
  return `${repository}  ${key}  ${runIn(run, number)}  token ${token}  ${expired ? 'expired' : 'until'} ${until}`
}

function waitLine({ repository, run, number, position, since, keys }: Listed['queue'][number]): string {
  return `${repository}  ${runIn(run, number)} waits since ${since}, number ${position} in line, for ${keys.join(' ')}`
}

function runIn(run: string, number: number | undefined): string {
  return `run ${run}${number === undefined ? '' : ` (#${number})`}`
}
