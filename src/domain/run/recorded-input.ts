import type { EventEnvelope } from './envelope.ts'
import { type EventData, type InputType, isRunEventType, parseData, type RunInput, runEvents } from './events.ts'

/** A recorded event that is no input at a place where one must stand, or of a shape that the catalogue does not have. */
class NoInput extends Error {
  override readonly name = 'NoInput'
}

/** A recorded input as the core takes it. Throws NoInput where it is none. */
export function inputOf({ type, kind, v, data, by, at }: EventEnvelope): RunInput {
  if (kind !== 'input' || v !== 1 || !isRunEventType(type) || !isInputType(type))
    throw new NoInput(`${type} v${v} is no input of a run`)
  return asInput(type, { data: parseData(type, data), by, at })
}

function isInputType(type: keyof typeof runEvents): type is InputType {
  return runEvents[type].kind === 'input'
}

function asInput<T extends InputType>(
  type: T,
  rest: { readonly data: EventData<T>; readonly by: string; readonly at: string },
): RunInput
function asInput(type: InputType, rest: object): unknown {
  return { type, ...rest }
}
