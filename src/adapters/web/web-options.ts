import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JobDesk } from '../../app/job-desk.ts'
import type { Ledger } from '../../app/ledger.ts'
import type { Queries } from '../../app/queries.ts'
import type { RunId } from '../../domain/ids.ts'
import type { SecretFilter } from '../../domain/secrets/secret-filter.ts'

/** What the web server answers from; every part is given. */
export type WebOptions = {
  /** Looks at every request first, and answers those for the webhook path. */
  readonly ingress: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>
  readonly ledger: Pick<Ledger, 'head'>
  readonly queries: Queries
  readonly desk: JobDesk
  /** The canonical bytes of one run's evidence; undefined where there is no such run. */
  readonly evidence: (run: RunId) => Promise<Uint8Array | undefined>
  /** What `/.well-known/agentos/keys.json` says. */
  readonly keys: () => Promise<{ readonly keys: readonly unknown[] }>
  readonly deliveriesWaiting: () => Promise<number>
  /** How many recorded decisions do not follow from their inputs, and up to where the log was decided again. */
  readonly replayed: () => { readonly divergences: number; readonly next: number }
  /** `AGENTOS_READ_TOKEN`; empty lets nobody in but this machine. */
  readonly readToken: string
  readonly publicUrl: string
  readonly log: (level: 'error' | 'warn', message: string, fields: Readonly<Record<string, string>>) => void
  readonly bodyTimeoutMs?: number
  readonly filter: SecretFilter
}
