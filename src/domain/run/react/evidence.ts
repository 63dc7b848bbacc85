import type { Effect, EffectBody } from '../../effects.ts'

/** Whatever was delivered leaves its evidence in the repository, and again each time that more has become of it. */
export function keepEvidence(phase: EffectBody<'keep-evidence'>['phase']): Effect {
  return { kind: 'keep-evidence', body: { phase } }
}
