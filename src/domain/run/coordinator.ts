import { z } from 'zod'
import { canonicalJson, Json } from '../canonical.ts'
import type { Effect } from '../effects.ts'
import { hashOf, type Sha256 } from '../hash.ts'
import type { EffectKey, Instant } from '../ids.ts'
import { type Documents, type NewBlob, saltFor, saltOf } from '../packs/documents.ts'
import { toHex, toUtf8 } from '../patch/bytes.ts'
import { decide } from './decide/index.ts'
import { plain, type Unplaced } from './envelope.ts'
import { CATALOGUE_VERSION, type RunDecision, type RunInput } from './events.ts'
import { evolve } from './evolve.ts'
import { react } from './react/index.ts'
import { secretOf } from './secret.ts'
import { isErased, type RunState, told } from './state.ts'

/** One transition: the input, what was decided from it, the effects that follow, and the documents made on the way. */
export type Transition = {
  readonly events: readonly Unplaced[]
  readonly decisions: readonly RunDecision[]
  readonly effects: readonly Effect[]
  readonly blobs: readonly NewBlob[]
  readonly state: RunState
}

/**
 * The effects of one transition as they are kept beside the log; `salt` keeps short texts from being guessed by hash. From
 * version 2 on no other document has the same salt, and receipts name an effect under it.
 */
export const IntendedEffects = z.strictObject({
  v: z.literal([1, 2]),
  salt: z.string().regex(/^[0-9a-f]{64}$/),
  effects: z.array(z.strictObject({ kind: z.string(), body: Json })),
})
export type IntendedEffects = z.infer<typeof IntendedEffects>

/**
 * The pure core: an input against a state. Nothing but the recorded input and the documents it names is looked at, so the
 * same history always gives the same events, effects and texts.
 */
export function transition(past: RunState, input: RunInput, recorded: Documents): Transition {
  const data = plain(input.data)
  const taken = evolve(past, { type: input.type, v: CATALOGUE_VERSION, data, at: input.at })
  const deliberation = decide(taken, input, recorded)
  const { documents, decisions, blobs, state } = deliberation
  const effects = react(state(), decisions, documents)
  if (effects.length > 0)
    deliberation.decide('EffectsIntended', { effects: keepEffects(deliberation, effects), count: effects.length })
  const events: Unplaced[] = [
    { kind: 'input', type: input.type, v: CATALOGUE_VERSION, data, by: input.by, at: input.at },
    ...deliberation.events,
  ]
  return { events, decisions: [...decisions], effects, blobs: [...blobs], state: state() }
}

/** Where the words of the request were erased, there is nothing left that a text could quote. */
const NO_SALT = '0'.repeat(64)

function keepEffects(
  deliberation: { keep(value: unknown): Sha256; readonly documents: Documents; state(): RunState },
  effects: readonly Effect[],
): Sha256 {
  const state = deliberation.state()
  const secret = secretOf(state, deliberation.documents)
  if (secret !== null)
    return deliberation.keep({ v: 2, salt: saltFor(toUtf8(canonicalJson(effects)), secret), effects })
  const { words } = told(state.request, 'the request')
  const salt = isErased(state, words) ? NO_SALT : toHex(saltOf(deliberation.documents, words))
  return deliberation.keep({ v: 1, salt, effects })
}

/** What the receipt of an effect names it by. */
export function nameOfIntended(
  { v, salt }: Pick<IntendedEffects, 'v' | 'salt'>,
  effect: { readonly kind: string; readonly body: unknown },
): Sha256 {
  return hashOf(v === 1 ? effect : { ...effect, salt })
}

/** The key of the effect at `ordinal` of the EffectsIntended event at `seq`. */
export function effectKey(owner: string, seq: number, ordinal: number): EffectKey {
  return `${owner}/${seq}/${ordinal}`
}

/** When an effect is due: timers at their time, everything else at once. */
export function dueAt(effect: Effect): Instant | null {
  return effect.kind === 'timer' ? effect.body.at : null
}
