import type { Sha256 } from '../hash.ts'
import { type Documents, readWords } from '../packs/documents.ts'
import { hasRole, Words } from '../packs/people.ts'
import type { EventData } from '../run/events.ts'

/**
 * Whether a review asks for another change. Anyone who can read a public repository can review it: only a person who may
 * write to it has a say here.
 */
export function isCorrection({ author, state }: Pick<EventData<'ReviewSeen'>, 'author' | 'state'>): boolean {
  return state === 'changes_requested' && author.kind === 'User' && hasRole(author.role, 'write')
}

/** What the reviewer wrote; empty where that was nothing. Throws BrokenRecord where the words are not there. */
export function correctionIn(documents: Documents, words: Sha256): string {
  return readWords(documents, words, Words).text.trim()
}
