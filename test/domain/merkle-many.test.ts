import { array, assert, integer, nat, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Sha256 } from '../../src/domain/hash.ts'
import { inclusionProof, leafOf, type RootOver, rootOf } from '../../src/domain/merkle.ts'
import { proofOfMany, rootByMany } from '../../src/domain/merkle-many.ts'

const all: readonly Sha256[] = Array.from({ length: 70 }, (_, i) => leafOf(new TextEncoder().encode(`entry ${i}`)))
const rootOver: RootOver = (from, to) => rootOf(all.slice(from, to))
const some = integer({ min: 1, max: all.length }).chain((size) =>
  array(nat(size - 1), { minLength: 1, maxLength: 20 }).map((picked) => ({
    size,
    indices: [...new Set(picked)].sort((a, b) => a - b),
  })),
)
const leavesAt = (indices: readonly number[]) => new Map(indices.map((index) => [index, all[index] ?? '']))

describe('one proof of many entries', () => {
  it('leads to the root of the tree, whichever entries it is of', () => {
    assert(
      property(some, ({ size, indices }) => {
        const proof = proofOfMany(size, indices, rootOver)
        expect(rootByMany(leavesAt(indices), size, proof)).toBe(rootOver(0, size))
      }),
    )
  })

  it('of one entry has the hashes of its inclusion proof', () => {
    assert(
      property(some, ({ size, indices: [index = 0] }) => {
        const expected = inclusionProof(all.slice(0, size), index)
        expect(new Set(proofOfMany(size, [index], rootOver))).toEqual(new Set(expected))
      }),
    )
  })

  it('does not hold for another entry, another place, another size, or with a hash more, less or changed', () => {
    assert(
      property(some, nat(), ({ size, indices }, at) => {
        const root = rootOver(0, size)
        const proof = proofOfMany(size, indices, rootOver)
        const first = indices[0] ?? 0
        const other = leafOf(new TextEncoder().encode('another entry'))
        expect(rootByMany(leavesAt(indices).set(first, other), size, proof)).not.toBe(root)
        expect(rootByMany(leavesAt(indices), size, [...proof, root])).toBeUndefined()
        if (proof.length === 0) return
        expect(rootByMany(leavesAt(indices), size, proof.slice(1))).toBeUndefined()
        expect(rootByMany(leavesAt(indices), size, proof.with(at % proof.length, other))).not.toBe(root)
        const moved = indices.map((index) => [(index + 1) % size, all[index] ?? ''] as const)
        expect(rootByMany(new Map(moved), size, proof)).not.toBe(root)
      }),
    )
  })

  it.each([
    ['no entry', [], 4],
    ['places in another order', [2, 1], 4],
    ['a place beyond the end', [4], 4],
    ['a place before the beginning', [-1], 4],
    ['a tree of no size', [0], 0],
    ['a tree too large for any log', [0], 2 ** 40],
  ])('leads nowhere for %s', (_what, indices, size) => {
    expect(rootByMany(leavesAt(indices), size, [all[0] ?? '', all[1] ?? ''])).toBeUndefined()
  })

  it('cannot be made of an entry that is not there', () => {
    expect(() => proofOfMany(3, [3], rootOver)).toThrow(RangeError)
  })
})
