import { assert, integer, nat, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Sha256, sha256Hex } from '../../src/domain/hash.ts'
import {
  consistencyProof,
  EMPTY_ROOT,
  type Frontier,
  grown,
  inclusionProof,
  isConsistent,
  leafOf,
  rootAt,
  rootByInclusion,
  rootOf,
} from '../../src/domain/merkle.ts'
import { fromHex } from '../../src/domain/patch/bytes.ts'

/** The entries and roots that the reference implementation of Certificate Transparency (RFC 6962) is tested with. */
const ENTRIES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
] as const
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
] as const
const MOST = 40
const leaves: readonly Sha256[] = Array.from({ length: MOST }, (_, i) => leafOf(new TextEncoder().encode(`entry ${i}`)))
const flipped = (hash: Sha256): Sha256 => `${hash.startsWith('0') ? '1' : '0'}${hash.slice(1)}`
const sizes = Array.from({ length: MOST }, (_, i) => i + 1)

describe('a Merkle tree', () => {
  it.each(ROOTS.map((root, size) => ({ root, size })))(
    'over $size published entries has the published root',
    (given) => {
      const published = ENTRIES.slice(0, given.size).map((hex) => leafOf(fromHex(hex)))
      expect(rootOf(published)).toBe(given.root)
    },
  )

  it('that has no entry has the hash of nothing as its root', () => {
    expect(rootOf([])).toBe(EMPTY_ROOT)
    expect(rootAt([])).toBe(EMPTY_ROOT)
  })

  it('grows leaf by leaf to the root that it has as a whole', () => {
    let frontier: Frontier = []
    for (const size of sizes) {
      frontier = grown(frontier, leaves[size - 1] ?? '')
      expect(rootAt(frontier)).toBe(rootOf(leaves.slice(0, size)))
    }
  })

  it('takes no leaf for a node and no node for a leaf', () => {
    const [one = '', two = ''] = leaves
    const both = new Uint8Array([...fromHex(one), ...fromHex(two)])
    expect(rootOf([one, two])).not.toBe(leafOf(both))
    expect(rootOf([one, two])).not.toBe(sha256Hex(both))
  })
})

describe('a proof that an entry is in a tree', () => {
  it('leads from every leaf of every small tree to its root', () => {
    for (const size of sizes)
      for (let index = 0; index < size; index += 1) {
        const tree = leaves.slice(0, size)
        expect(rootByInclusion(tree[index] ?? '', { index, size }, inclusionProof(tree, index))).toBe(rootOf(tree))
      }
  })

  it('fails for another leaf, place, size or hash, and when it is longer or shorter', () => {
    for (const size of sizes.filter((size) => size > 1))
      for (let index = 0; index < size; index += 1) {
        const tree = leaves.slice(0, size)
        const leaf = tree[index] ?? ''
        const proof = inclusionProof(tree, index)
        const tampered = [
          rootByInclusion(flipped(leaf), { index, size }, proof),
          rootByInclusion(leaf, { index: (index + 1) % size, size }, proof),
          rootByInclusion(leaf, { index, size }, proof.slice(1)),
          rootByInclusion(leaf, { index, size }, [...proof, leaf]),
          ...proof.map((_, i) =>
            rootByInclusion(
              leaf,
              { index, size },
              proof.map((hash, j) => (i === j ? flipped(hash) : hash)),
            ),
          ),
        ]
        expect(tampered).not.toContain(rootOf(tree))
      }
  })

  it('is not made for a leaf that is not there', () => {
    expect(() => inclusionProof(leaves, MOST)).toThrow(RangeError)
    expect(() => inclusionProof([], 0)).toThrow(RangeError)
    expect(rootByInclusion(leaves[0] ?? '', { index: 1, size: 1 }, [])).toBeUndefined()
  })
})

describe('a proof that a tree only grew', () => {
  it('holds between every two sizes of a small tree', () => {
    for (const second of sizes)
      for (const first of sizes.slice(0, second)) {
        const heads = [first, second].map((size) => ({ size, root: rootOf(leaves.slice(0, size)) }))
        const [before, after] = heads
        if (before === undefined || after === undefined) throw new Error('two heads')
        expect(isConsistent(before, after, consistencyProof(leaves.slice(0, second), first))).toBe(true)
      }
  })

  it('fails for a tree whose beginning was rewritten, however its proof is made', () => {
    assert(
      property(integer({ min: 1, max: MOST }), integer({ min: 0, max: MOST }), nat(), (first, more, which) => {
        const size = Math.min(MOST, first + more)
        const honest = leaves.slice(0, first)
        const at = which % first
        const rewritten = leaves.slice(0, size).map((leaf, i) => (i === at ? flipped(leaf) : leaf))
        const before = { size: first, root: rootOf(honest) }
        const after = { size, root: rootOf(rewritten) }
        expect(isConsistent(before, after, consistencyProof(rewritten, first))).toBe(false)
        expect(isConsistent(before, after, consistencyProof(leaves.slice(0, size), first))).toBe(false)
      }),
    )
  })

  it('fails for a tree that lost entries, and where a hash is altered, left out or added', () => {
    const whole = { size: MOST, root: rootOf(leaves) }
    for (const size of sizes.slice(0, -1)) {
      const first = { size, root: rootOf(leaves.slice(0, size)) }
      const proof = consistencyProof(leaves, size)
      expect(isConsistent(whole, first, proof)).toBe(false)
      expect(isConsistent(first, whole, proof.slice(1))).toBe(false)
      expect(isConsistent(first, whole, [...proof, first.root])).toBe(false)
      for (const at of proof.keys())
        expect(
          isConsistent(
            first,
            whole,
            proof.map((hash, i) => (i === at ? flipped(hash) : hash)),
          ),
        ).toBe(false)
    }
    expect(() => consistencyProof(leaves, 0)).toThrow(RangeError)
    expect(() => consistencyProof(leaves, MOST + 1)).toThrow(RangeError)
  })
})
