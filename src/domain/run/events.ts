import type { z } from 'zod'
import type { Instant } from '../ids.ts'
import { decisions } from './decisions.ts'
import { inputs } from './inputs.ts'

/**
 * The event catalogue of a run. Inputs tell what arrived or was observed, with every fact that the decision needs;
 * decisions follow from them alone.
 */
export const runEvents = { ...inputs, ...decisions } as const

export type RunEventType = keyof typeof runEvents
type KindOf<K> = { [T in RunEventType]: (typeof runEvents)[T]['kind'] extends K ? T : never }[RunEventType]
export type InputType = KindOf<'input'>
export type DecisionType = KindOf<'decision'>
type DataByType = { readonly [T in RunEventType]: z.infer<(typeof runEvents)[T]['data']> }
export type EventData<T extends RunEventType> = DataByType[T]

/** An input as the shell observed it, before it is placed in a stream. */
export type RunInput = {
  readonly [T in InputType]: {
    readonly type: T
    readonly data: EventData<T>
    readonly by: string
    readonly at: Instant
  }
}[InputType]
export type RunDecision = {
  readonly [T in DecisionType]: { readonly type: T; readonly data: EventData<T> }
}[DecisionType]

export const CATALOGUE_VERSION = 1

export function isRunEventType(text: string): text is RunEventType {
  return Object.hasOwn(runEvents, text)
}

const schemas: { readonly [T in RunEventType]: { readonly data: { parse(data: unknown): DataByType[T] } } } = runEvents

/** Reads an event's data by its type. Throws ZodError where the record does not hold what the catalogue says. */
export function parseData<T extends RunEventType>(type: T, data: unknown): EventData<T> {
  return schemas[type].data.parse(data)
}
