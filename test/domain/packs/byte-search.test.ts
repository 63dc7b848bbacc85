import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { indexOfBytes, replaceBytes } from '../../../src/domain/packs/byte-search.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('bytes are found where a text would be, and each replaced once', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 30 })
  const find = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(text, find, fc.nat(31), (one, other, from) => {
      expect(indexOfBytes(bytes(one), bytes(other), from)).toBe(
        one.slice(from).includes(other) ? one.indexOf(other, from) : -1,
      )
      const replaced = replaceBytes(bytes(one), bytes(other), bytes('xy'))
      expect(replaced).toEqual(one.includes(other) ? bytes(one.replaceAll(other, 'xy')) : undefined)
    }),
    { numRuns: 2000 },
  )
  expect(indexOfBytes(bytes('a'), bytes(''), 0)).toBe(-1)
})

test('a search through what is all but found at every place ends', { timeout: 20_000 }, () => {
  expect(indexOfBytes(bytes('a'.repeat(1_000_000)), bytes(`${'a'.repeat(500_000)}b`), 0)).toBe(-1)
})
