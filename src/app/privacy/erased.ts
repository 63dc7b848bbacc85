import type { Documents } from '../../domain/packs/documents.ts'
import { readWords } from '../../domain/packs/documents.ts'
import { type Redaction, RedactionWords, redactedIn } from '../../domain/redaction.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import { tried } from '../evidence/named-blobs.ts'

/** An erased blob as people are told of it. */
export type Erased = Pick<Redaction, 'sha256' | 'bytes' | 'holds' | 'by' | 'at'> & { readonly because: string }

/** What a stream says was erased, and why, in the order in which it says so. */
export function erasedIn(events: readonly EventEnvelope[], documents: Documents): readonly Erased[] {
  return [...redactedIn(events).values()].map(({ sha256, bytes, holds, by, at, why }) => ({
    sha256,
    bytes,
    holds,
    by,
    at,
    because: becauseOf(why, documents),
  }))
}

function becauseOf(why: Redaction['why'], documents: Documents): string {
  if (why.is === 'retention') return `the policy keeps it for ${why.days} days after the end of the run`
  const words = tried(() => readWords(documents, why.words, RedactionWords))
  return words?.because ?? 'the reason was erased as well'
}

/** One sentence a moment and reason, however many blobs went with it. */
export function erasureLines(erased: readonly Erased[]): readonly string[] {
  const groups = Map.groupBy(erased, ({ at, by, because }) => JSON.stringify([at, by, because]))
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const kinds = [...new Set(group.map(({ holds }) => holds))].sort().join(', ')
    const blobs = group.length === 1 ? '1 blob' : `${group.length} blobs`
    return [`${blobs} (${kinds}) erased on ${first.at.slice(0, 10)} by ${first.by}, because: ${first.because}`]
  })
}
