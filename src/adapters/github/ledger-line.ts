import type { Intended } from '../../app/ports.ts'

/** The place in the ledger from which a text was made, which only the performer knows: what `agentos verify --anchor` takes. */
export function ledgerLine({ run, event }: Pick<Intended<'check'>, 'run' | 'event'>): string {
  return run === null ? '' : `\n\n**Ledger position** of run \`${run}\`: \`${event.seq}@${event.hash}\``
}
