import type { EventEnvelope } from '../../domain/run/envelope.ts'
import type { Ledger, LoggedEvent } from '../ledger.ts'

/** What one append recorded: an input, and the decisions that follow from it, in its own stream and in others. */
export type LoggedTransition = {
  /** The position of its first event in the log. */
  readonly from: number
  readonly to: number
  readonly events: readonly EventEnvelope[]
}

const PAGE = 500

/** Every transition that begins at position `from` or later, a page at a time, in the order of the log. */
export async function* transitionsFrom(
  ledger: Pick<Ledger, 'log'>,
  from: number,
): AsyncGenerator<readonly LoggedTransition[]> {
  let open: LoggedEvent[] = []
  let next = from
  for (;;) {
    const page = await ledger.log(next, PAGE)
    const last = page.at(-1)
    if (last === undefined) break
    next = last.pos + 1
    const starts = [...open, ...page]
    const cut = starts.findLastIndex(({ event }) => event.kind === 'input')
    yield grouped(starts.slice(0, Math.max(cut, 0)))
    open = starts.slice(Math.max(cut, 0))
  }
  yield grouped(open)
}

/** A decision at the beginning that no input stands before is a transition of its own: nothing can lead to it. */
function grouped(logged: readonly LoggedEvent[]): readonly LoggedTransition[] {
  const groups: { from: number; to: number; events: EventEnvelope[] }[] = []
  for (const { pos, event } of logged) {
    const open = groups.at(-1)
    if (open === undefined || event.kind === 'input') groups.push({ from: pos, to: pos, events: [event] })
    else {
      open.events.push(event)
      open.to = pos
    }
  }
  return groups
}
