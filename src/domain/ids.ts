import { z } from 'zod'

/** A run's id: ten characters of Crockford's base32 in lower case, drawn by the shell and recorded in the first event. */
export const RunId = z.string().regex(/^[0-9a-hjkmnp-tv-z]{10}$/)
export type RunId = z.infer<typeof RunId>

/** A numeric id that GitHub gave, as a decimal string: ids passed 2^53 in 2026. */
export const ForeignId = z.string().regex(/^[1-9][0-9]{0,19}$/)
export type ForeignId = z.infer<typeof ForeignId>

/** `run/<id>`, `desk/<repository>`, `locks/<repository>`, `schedule/<repository>`, `keys/controller` or `replay/log`. */
export const StreamName = z.string().regex(/^(run|desk|locks|schedule|keys|replay)\/[A-Za-z0-9._-]{1,64}$/)
export type StreamName = z.infer<typeof StreamName>

/** `<run or repository>/<seq>/<ordinal>`: names one intended side effect for ever. */
export const EffectKey = z.string().regex(/^[A-Za-z0-9._-]{1,64}\/[0-9]{1,9}\/[0-9]{1,3}$/)
export type EffectKey = z.infer<typeof EffectKey>

/** `YYYY-MM-DDTHH:mm:ss.sssZ` */
export const Instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
export type Instant = z.infer<typeof Instant>

export function runStream(id: RunId): StreamName {
  return `run/${id}`
}

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz'

/** Turns 10 random bytes into a run id. */
export function toRunId(random: Uint8Array): RunId {
  return RunId.parse(Array.from(random.slice(0, 10), (byte) => CROCKFORD.charAt(byte % 32)).join(''))
}
