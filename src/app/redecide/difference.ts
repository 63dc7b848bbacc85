import { canonicalJson, isSame } from '../../domain/canonical.ts'
import { type Documents, readDocument } from '../../domain/packs/documents.ts'
import { IntendedEffects } from '../../domain/run/coordinator.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import { tried } from '../evidence/named-blobs.ts'

/** Where a record and its re-decision part: the event, its first member that differs, what is on record and what comes out. */
export type Difference = {
  readonly stream: string
  readonly seq: number
  readonly type: string
  readonly field: string
  readonly recorded: string
  readonly now: string
}

/** The documents behind either side: what was recorded, and what is made again. */
export type BothDocuments = { readonly recorded: Documents; readonly now: Documents }

/** The first event that is not the same byte for byte; undefined where all are. */
export function firstDifference(
  recorded: readonly EventEnvelope[],
  now: readonly EventEnvelope[],
  documents: BothDocuments,
): Difference | undefined {
  for (let i = 0; i < Math.max(recorded.length, now.length); i += 1) {
    const [was, is] = [recorded[i], now[i]]
    if (isSame(was, is)) continue
    const place = was ?? is
    if (place === undefined) continue
    const sides = { was: shown(was, documents.recorded), is: shown(is, documents.now) }
    return {
      ...placeOf(place),
      field: was === undefined || is === undefined ? 'type' : fieldOf(sides.was, sides.is),
      recorded: tell(was, sides.was),
      now: tell(is, sides.is),
    }
  }
  return undefined
}

/** Nothing came out at all: the core cannot decide what is on record. */
export function failure(recorded: EventEnvelope, error: Error): Difference {
  const now = `${error.name}: ${error.message.slice(0, 500)}`
  return { ...placeOf(recorded), field: 'type', recorded: recorded.type, now }
}

/** A decision stands where an input must: nothing can lead to it. */
export function noInput(recorded: EventEnvelope): Difference {
  return { ...placeOf(recorded), field: 'kind', recorded: recorded.type, now: 'nothing: no input stands before it' }
}

function placeOf({ stream, seq, type }: EventEnvelope): Pick<Difference, 'stream' | 'seq' | 'type'> {
  return { stream, seq, type }
}

/** An event's own words: its hashes follow from them. Of intended effects also what they are. */
function shown(event: EventEnvelope | undefined, documents: Documents): unknown {
  if (event === undefined) return undefined
  const { type, data, kind, v, by, at } = event
  const { effects } = data
  const intended =
    type === 'EffectsIntended' && typeof effects === 'string'
      ? tried(() => readDocument(documents, effects, IntendedEffects))
      : undefined
  return { type, ...(intended === undefined ? {} : { effects: intended.effects }), data, kind, v, by, at }
}

/** The path to the first member that differs; an event that differs in its hashes alone follows one that does. */
function fieldOf(was: unknown, is: unknown): string {
  return pathTo(was, is).join('.') || 'hash'
}

function pathTo(was: unknown, is: unknown): readonly string[] {
  if (typeof was !== 'object' || typeof is !== 'object' || was === null || is === null) return []
  const others = new Map<string, unknown>(Object.entries(is))
  const all = new Map<string, unknown>(Object.entries(was))
  const key = [...new Set([...all.keys(), ...others.keys()])].find((one) => !isSame(all.get(one), others.get(one)))
  return key === undefined ? [] : [key, ...pathTo(all.get(key), others.get(key))]
}

const MOST_TOLD = 2000

function tell(event: EventEnvelope | undefined, words: unknown): string {
  if (event === undefined) return 'nothing'
  const effects = typeof words === 'object' && words !== null && 'effects' in words ? words.effects : undefined
  const line = `${event.type} ${canonicalJson(event.data)}`
  const told = effects === undefined ? line : `${line}: ${canonicalJson(effects)}`
  return told.length <= MOST_TOLD ? told : `${told.slice(0, MOST_TOLD).toWellFormed()}…`
}
