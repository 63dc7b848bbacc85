import { LedgerCorrupt } from '../../app/ledger.ts'
import { canonicalJson } from '../../domain/canonical.ts'
import { sha256Hex } from '../../domain/hash.ts'
import type { StreamName } from '../../domain/ids.ts'
import { isLonger } from '../../domain/patch/bytes.ts'
import { EventEnvelope, MAX_EVENT_BYTES } from '../../domain/run/envelope.ts'

/** An event as it is kept: its canonical text, from which its hash can be computed again. */
export type EventText = { readonly event: EventEnvelope; readonly text: string; readonly bytes: number }

export function toText(event: EventEnvelope): EventText {
  const text = canonicalJson(event)
  return { event, text, bytes: Buffer.byteLength(withoutHash(event, text)) }
}

/** Whether the event's hash is that of its canonical text. */
export function isHashed(event: EventEnvelope, text: string): boolean {
  return sha256Hex(withoutHash(event, text)) === event.hash
}

/** Beside what the limit is for, the text holds the hash: 64 digits and their name. */
const MOST_BYTES = MAX_EVENT_BYTES + '"hash":"",'.length + 64

/** Reads one kept event; anything but what was once recorded is corruption. */
export function readEvent(text: string): EventEnvelope {
  const parsed = EventEnvelope.safeParse(parseJson(text))
  if (!parsed.success) throw new LedgerCorrupt('a recorded event does not have the shape of one')
  if (isLonger(text, MOST_BYTES)) throw new LedgerCorrupt(`${placeOf(parsed.data)} is larger than an event can be`)
  if (!isHashed(parsed.data, text)) throw new LedgerCorrupt(`${placeOf(parsed.data)} is not what its hash names`)
  return parsed.data
}

/** Reads a whole stream and follows its chain. */
export function readStream(stream: StreamName, texts: readonly string[]): readonly EventEnvelope[] {
  return followed(stream, texts.map(readEvent))
}

/** Events of a stream from its beginning or from one that is known, once their chain is seen to hold. */
export function followed(
  stream: StreamName,
  events: readonly EventEnvelope[],
  known?: EventEnvelope,
): readonly EventEnvelope[] {
  let before = known
  for (const event of events) {
    const [seq, hash] = [before?.seq ?? 0, before?.hash ?? null]
    if (event.stream !== stream || event.seq !== seq + 1 || event.prevHash !== hash)
      throw new LedgerCorrupt(`${placeOf(event)} does not follow ${stream}@${seq}`)
    before = event
  }
  return events
}

export function placeOf(event: EventEnvelope): string {
  return `${event.stream}@${event.seq}`
}

/** In canonical text only `data` stands before `hash`, and nothing in it can hold a hash taken over it. */
function withoutHash(event: EventEnvelope, text: string): string {
  return text.replace(`"hash":"${event.hash}",`, () => '')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new LedgerCorrupt('a recorded event is not JSON', { cause })
  }
}
