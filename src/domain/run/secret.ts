import { type Documents, SALT_BYTES, type Secret, saltOf } from '../packs/documents.ts'
import { isErased, type RunState } from './state.ts'

/** Where all the words that a run knows were erased, there is nothing left that a text could quote. */
const NOTHING_LEFT = new Uint8Array(SALT_BYTES)

/**
 * What the salts of a run's documents follow from: the salt of the words of the request, or of the next words that are
 * still there. Throws BrokenRecord where they are not there and the record does not say that they were erased.
 */
export function secretOf(state: RunState, documents: Documents): Secret {
  const { request, amendments, approvals } = state
  if (request?.quotes !== 'salted') return null
  const words = [request, ...amendments, ...approvals].map((one) => one.words).find((name) => !isErased(state, name))
  return words === undefined ? NOTHING_LEFT : saltOf(documents, words)
}
