import { auditLedger } from '../../app/audit-ledger.ts'
import { answered, type CliCommand, noWords, stopped } from './command.ts'

export const ledgerVerify: CliCommand = {
  usage: 'agentos ledger verify',
  summary: 'Check every chain and position of the server’s ledger.',
  exits: [0, 1, 2, 5],
  options: {},
  async run(given) {
    noWords(given)
    const { keptLedger } = await import('../local/kept-ledger.ts')
    const opened = await keptLedger(process.env)
    if (!opened.ok) return stopped(opened.refusal)
    try {
      const audit = await auditLedger(opened.value.ledger)
      if (!audit.valid) return answered(1, audit, `INVALID: ${audit.fault}`)
      return answered(0, audit, `valid: ${audit.events} events in ${audit.streams} streams`)
    } finally {
      await opened.value.close()
    }
  },
}
