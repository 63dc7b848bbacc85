import { type Sha256, sha256Hex } from './hash.ts'
import { fromHex } from './patch/bytes.ts'

/*
 * Merkle trees over event hashes, as RFC 6962 section 2.1 and RFC 9162 section 2.1 define them: a leaf is
 * SHA-256(0x00 ‖ entry), a node SHA-256(0x01 ‖ left ‖ right), and the tree over n entries splits at the largest power of
 * two below n. An entry is the 32 bytes that an event hash spells.
 */

/** The right edge of a tree: the roots of its full subtrees, the largest first. Enough to grow it, in little memory. */
export type Frontier = readonly { readonly leaves: number; readonly hash: Sha256 }[]

/** The root of the tree over no entry. */
export const EMPTY_ROOT: Sha256 = sha256Hex(new Uint8Array())

export function leafOf(entry: Uint8Array): Sha256 {
  const bytes = new Uint8Array(entry.length + 1)
  bytes.set(entry, 1)
  return sha256Hex(bytes)
}

/** The leaf that stands for an event. */
export function eventLeaf(hash: Sha256): Sha256 {
  return leafOf(fromHex(hash))
}

/** Adds one leaf on the right. */
export function grown(frontier: Frontier, leaf: Sha256): Frontier {
  const rest = [...frontier]
  let last = { leaves: 1, hash: leaf }
  for (let top = rest.at(-1); top?.leaves === last.leaves; top = rest.at(-1)) {
    rest.pop()
    last = { leaves: 2 * last.leaves, hash: nodeOf(top.hash, last.hash) }
  }
  return [...rest, last]
}

/** The root of the tree whose right edge a frontier is. */
export function rootAt(frontier: Frontier): Sha256 {
  if (frontier.length === 0) return EMPTY_ROOT
  return frontier.map(({ hash }) => hash).reduceRight((right, left) => nodeOf(left, right))
}

/** The root over the leaves of a tree from one place to before another. */
export type RootOver = (from: number, to: number) => Sha256

/** The root over leaves. */
export function rootOf(leaves: readonly Sha256[]): Sha256 {
  return subtree(leaves, 0, leaves.length)
}

/** The hashes that lead from the leaf at `index` to the root. Throws RangeError where there is no such leaf. */
export function inclusionProof(leaves: readonly Sha256[], index: number): readonly Sha256[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= leaves.length)
    throw new RangeError(`there is no leaf ${index} in a tree of ${leaves.length}`)
  return pathTo(leaves, index, { from: 0, to: leaves.length })
}

/** The root that a leaf and its proof lead to (RFC 9162, 2.1.3.2); undefined where the proof does not fit the place. */
export function rootByInclusion(
  leaf: Sha256,
  { index, size }: { readonly index: number; readonly size: number },
  proof: readonly Sha256[],
): Sha256 | undefined {
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(index) || index < 0 || index >= size) return undefined
  let place: Place = { here: index, end: size - 1 }
  let root = leaf
  for (const hash of proof) {
    if (place.end === 0) return undefined
    root = isRight(place) ? nodeOf(hash, root) : nodeOf(root, hash)
    place = above(place)
  }
  return place.end === 0 ? root : undefined
}

/** The hashes that show the tree over the first `size` leaves to be the beginning of the tree over all of them. */
export function consistencyProof(leaves: readonly Sha256[], size: number): readonly Sha256[] {
  if (!Number.isSafeInteger(size) || size < 1 || size > leaves.length)
    throw new RangeError(`no tree of ${size} leaves begins a tree of ${leaves.length}`)
  return consistencyOver((from, to) => subtree(leaves, from, to), { size, of: leaves.length })
}

/** As `consistencyProof`, for a tree that is known by the roots over its parts. */
export function consistencyOver(
  rootOver: RootOver,
  { size, of }: { readonly size: number; readonly of: number },
): readonly Sha256[] {
  return size === of ? [] : beginning(rootOver, size, { from: 0, to: of, isWhole: true })
}

/** A tree as its size and root tell it. */
export type TreeHead = { readonly size: number; readonly root: Sha256 }

export function isSameHead(one: TreeHead, other: TreeHead): boolean {
  return one.size === other.size && one.root === other.root
}

/** Whether the proof shows that the second tree only adds to the first (RFC 9162, 2.1.4.2). */
export function isConsistent(first: TreeHead, second: TreeHead, proof: readonly Sha256[]): boolean {
  if (first.size < 1 || first.size > second.size) return false
  if (first.size === second.size) return first.root === second.root && proof.length === 0
  const [seed, ...rest] = isPowerOfTwo(first.size) ? [first.root, ...proof] : proof
  const roots =
    seed === undefined ? undefined : rootsOver(seed, rest, lowestFull({ here: first.size - 1, end: second.size - 1 }))
  return roots?.first === first.root && roots.second === second.root
}

/** The roots of both trees, from the largest full subtree at the end of the first one upwards. */
function rootsOver(
  seed: Sha256,
  proof: readonly Sha256[],
  start: Place,
): { readonly first: Sha256; readonly second: Sha256 } | undefined {
  let place = start
  let [first, second] = [seed, seed]
  for (const hash of proof) {
    if (place.end === 0) return undefined
    if (isRight(place)) first = nodeOf(hash, first)
    second = isRight(place) ? nodeOf(hash, second) : nodeOf(second, hash)
    place = above(place)
  }
  return place.end === 0 ? { first, second } : undefined
}

/** A node on its level of the tree, and the last node of that level. */
type Place = { readonly here: number; readonly end: number }

/** Whether the next hash of a proof stands to the left: the node is a right child, or has nothing on its right. */
function isRight({ here, end }: Place): boolean {
  return here % 2 === 1 || here === end
}

/** The place of the parent; a node that has nothing on its right is its own parent until it is a right child. */
function above(place: Place): Place {
  let { here, end } = place
  if (here === end) for (; here % 2 === 0 && here !== 0; end = Math.floor(end / 2)) here /= 2
  return { here: Math.floor(here / 2), end: Math.floor(end / 2) }
}

/** The largest full subtree that ends at a leaf. */
function lowestFull({ here, end }: Place): Place {
  return here % 2 === 1 ? lowestFull({ here: Math.floor(here / 2), end: Math.floor(end / 2) }) : { here, end }
}

type Range = { readonly from: number; readonly to: number }

function subtree(leaves: readonly Sha256[], from: number, to: number): Sha256 {
  if (to - from === 0) return EMPTY_ROOT
  if (to - from === 1) return leaves[from] ?? EMPTY_ROOT
  const middle = from + splitOf(to - from)
  return nodeOf(subtree(leaves, from, middle), subtree(leaves, middle, to))
}

function pathTo(leaves: readonly Sha256[], index: number, { from, to }: Range): readonly Sha256[] {
  if (to - from === 1) return []
  const middle = from + splitOf(to - from)
  return index < middle
    ? [...pathTo(leaves, index, { from, to: middle }), subtree(leaves, middle, to)]
    : [...pathTo(leaves, index, { from: middle, to }), subtree(leaves, from, middle)]
}

function beginning(
  rootOver: RootOver,
  size: number,
  { from, to, isWhole }: Range & { readonly isWhole: boolean },
): readonly Sha256[] {
  if (size === to) return isWhole ? [] : [rootOver(from, to)]
  const middle = from + splitOf(to - from)
  return size <= middle
    ? [...beginning(rootOver, size, { from, to: middle, isWhole }), rootOver(middle, to)]
    : [...beginning(rootOver, size, { from: middle, to, isWhole: false }), rootOver(from, middle)]
}

/** The largest power of two below `count`. */
export function splitOf(count: number): number {
  return 2 ** (31 - Math.clz32(count - 1))
}

function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count))
}

/** The node over two others. */
export function nodeOf(left: Sha256, right: Sha256): Sha256 {
  const bytes = new Uint8Array(65)
  bytes[0] = 1
  bytes.set(fromHex(left), 1)
  bytes.set(fromHex(right), 33)
  return sha256Hex(bytes)
}
