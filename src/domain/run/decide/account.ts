import { authorityGate } from '../../gates/authority.ts'
import { ask } from '../../gates/gate.ts'
import type { Person } from '../../packs/people.ts'
import { type Deliberation, governedBy, recordVerdicts } from '../deliberation.ts'
import type { EventData } from '../events.ts'

export function decideProof(d: Deliberation, { author, number, position }: EventData<'ProofAsked'>): void {
  if (mayAsk(d, 'prove', { author, number })) d.decide('ProofTold', { number, position })
}

export function decideReason(d: Deliberation, { author, number, step }: EventData<'ReasonAsked'>): void {
  if (mayAsk(d, 'why', { author, number })) d.decide('ReasonTold', { number, step })
}

type Asker = { readonly author: Person; readonly number: number }

function mayAsk(d: Deliberation, command: 'prove' | 'why', { author, number }: Asker): boolean {
  const needed = governedBy(d).policy.roles[command]
  const stopped = recordVerdicts(d, command, [
    ask(authorityGate, { command, person: author, needed, scheduled: false, enabled: true }),
  ])
  if (stopped === undefined) return true
  d.decide('AccountDeclined', { command, number, rule: stopped.gate, because: stopped.because })
  return false
}
