import { AppendUncertain, LedgerUnavailable } from '../../src/app/ledger.ts'

/** What a contestant ends with whose database is gone. */
export const CUT_OFF = 75

/** The ledger says that it cannot be reached, or PostgreSQL and the socket say so in codes 08, 57P and of their own. */
export function isCutOff(error: unknown): boolean {
  if (error instanceof LedgerUnavailable || error instanceof AppendUncertain) return true
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return (
    /^(08...|57P0[123]|ECONNREFUSED|ECONNRESET|EPIPE)$/.test(code) || error.message.startsWith('Connection terminated')
  )
}
