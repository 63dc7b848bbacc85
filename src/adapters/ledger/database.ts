import { AppendUncertain, LedgerUnavailable } from '../../app/ledger.ts'

export type Parameter = string | number | boolean | null | Uint8Array | readonly (string | number | boolean | null)[]
export type Row = Readonly<Record<string, unknown>>

/** One SQL for both engines: parameters only through `query`; `script` runs several statements and takes none. */
export type Session = {
  query(text: string, parameters?: readonly Parameter[]): Promise<readonly Row[]>
  script(text: string): Promise<void>
}

/** Inside `transaction` only the session handed to `work` may be used. */
export type Database = Session & {
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** A transaction of whoever appends, migrates or rebuilds: no two of them at once, in whatever processes. */
  exclusive<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** A transaction that only reads, and in which everything is of one moment, whatever is recorded meanwhile. */
  snapshot<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** Calls `heard` with what each notification says, and with nothing whenever some may have been missed. */
  listen(channel: string, heard: (about?: string) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** The engine's SQLSTATE when it answered with an error; undefined when it did not answer. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return /^[0-9A-Z]{5}$/.test(error.code) && 'severity' in error ? error.code : undefined
}

/** Whether the session is gone, so that what it was doing is undone or, while committing, unknown. */
export function isLost(error: unknown): boolean {
  const state = sqlStateOf(error)
  return state === undefined || state.startsWith('08') || state.startsWith('57P')
}

/** Whether the same work may succeed when done again. */
export function isRetryable(error: unknown): boolean {
  return ['40001', '40P01', '23505'].includes(sqlStateOf(error) ?? '')
}

/** The engine's answer; that there was none is said in the ledger's own words. */
export async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw isLost(error) ? unavailable('working', error) : error
  }
}

/** A failure to speak of: never one whose text holds the address, which holds the password. */
export function unavailable(doing: string, error: unknown): LedgerUnavailable {
  return new LedgerUnavailable(`the ledger cannot be reached while ${doing}${hint(error)}`, {
    cause: presentable(error),
  })
}

export function uncertain(error: unknown): AppendUncertain {
  const cause = presentable(error)
  return new AppendUncertain('the connection was lost while committing: read again before going on', { cause })
}

function hint(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? ` (${code})` : ''
}

function presentable(error: unknown): unknown {
  return error instanceof Error && 'input' in error ? new Error('the address of the database is malformed') : error
}
