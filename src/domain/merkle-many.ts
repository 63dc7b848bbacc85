import type { Sha256 } from './hash.ts'
import { nodeOf, type RootOver, splitOf } from './merkle.ts'

/*
 * One proof for many leaves of an RFC 6962 tree: the roots of the largest parts that hold none of them, from left to right.
 * For one leaf it is the inclusion proof in another order; for many, what their proofs have in common stands once.
 */

/** Above this size a tree has no proofs. */
const MOST_LEAVES = 2 ** 31

/** The proof of the leaves at `indices`, which stand in order. Throws RangeError where there is no such leaf. */
export function proofOfMany(size: number, indices: readonly number[], rootOver: RootOver): readonly Sha256[] {
  if (indices.some((index) => index >= size)) throw new RangeError(`a tree of ${size} has no such leaf`)
  return partsWithout({ from: 0, to: size }, indices, rootOver)
}

/** The root that leaves by their places and one proof of them all lead to; undefined where they do not fit. */
export function rootByMany(
  leaves: ReadonlyMap<number, Sha256>,
  size: number,
  proof: readonly Sha256[],
): Sha256 | undefined {
  const indices = [...leaves.keys()]
  if (size < 1 || size > MOST_LEAVES || indices.length === 0) return undefined
  if (indices.some((index, at) => index < 0 || index >= size || index <= (indices[at - 1] ?? -1))) return undefined
  const rest = proof.toReversed()
  const root = rootOfPart({ from: 0, to: size }, indices, { leaves, rest })
  return rest.length === 0 ? root : undefined
}

type Part = { readonly from: number; readonly to: number }

function partsWithout({ from, to }: Part, indices: readonly number[], rootOver: RootOver): readonly Sha256[] {
  if (indices.length === 0) return [rootOver(from, to)]
  if (to - from === 1) return []
  const middle = from + splitOf(to - from)
  return [
    ...partsWithout({ from, to: middle }, below(indices, middle), rootOver),
    ...partsWithout({ from: middle, to }, notBelow(indices, middle), rootOver),
  ]
}

/** `rest` is what is left of the proof, the next hash at its end. */
type Reading = { readonly leaves: ReadonlyMap<number, Sha256>; readonly rest: Sha256[] }

function rootOfPart({ from, to }: Part, indices: readonly number[], reading: Reading): Sha256 | undefined {
  if (indices.length === 0) return reading.rest.pop()
  if (to - from === 1) return reading.leaves.get(from)
  const middle = from + splitOf(to - from)
  const left = rootOfPart({ from, to: middle }, below(indices, middle), reading)
  const right = rootOfPart({ from: middle, to }, notBelow(indices, middle), reading)
  return left === undefined || right === undefined ? undefined : nodeOf(left, right)
}

function below(indices: readonly number[], middle: number): readonly number[] {
  return indices.filter((index) => index < middle)
}

function notBelow(indices: readonly number[], middle: number): readonly number[] {
  return indices.filter((index) => index >= middle)
}
