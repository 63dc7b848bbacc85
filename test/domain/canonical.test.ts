import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson, isCanonical, isSame, NotCanonical, parseCanonical } from '../../src/domain/canonical.ts'

/** RFC 8785 member by member, as slow as it is plain. */
function plainly(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plainly).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = new Map(Object.entries(value))
  return `{${[...members.keys()]
    .sort()
    .map((key) => `${JSON.stringify(key)}:${plainly(members.get(key))}`)
    .join(',')}}`
}

const { tree } = fc.letrec((tie) => ({
  leaf: fc.oneof(fc.constant(null), fc.boolean(), fc.maxSafeInteger(), fc.string({ unit: 'binary' })),
  tree: fc.oneof(
    { maxDepth: 5 },
    tie('leaf'),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string({ unit: 'binary' }), fc.nat(12).map(String)), tie('tree'), { maxKeys: 5 }),
  ),
}))

describe('the canonical text', () => {
  test('of any value is that of RFC 8785, in whatever order its keys came', () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(canonicalJson(value)).toBe(plainly(value))
      }),
    )
  })

  test('is read back, and read as what it says', () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(canonicalJson(parseCanonical(plainly(value)))).toBe(plainly(value))
      }),
    )
  })

  test('sorts keys that look like numbers as texts', () => {
    expect(canonicalJson({ 9: 'a', 10: 'b' })).toBe('{"10":"b","9":"a"}')
    expect(parseCanonical('{"10":"b","9":"a"}')).toEqual({ 9: 'a', 10: 'b' })
    expect(parseCanonical('{"9":"a","10":"b"}')).toBeUndefined()
  })

  test.each([
    '{"b":1,"a":2}',
    '{"a":{"b":1,"a":2}}',
    '{"a":1,"a":1}',
    ' 1',
    '-0',
    '1.0',
    '1e3',
    '1.5',
    '9007199254740993',
    '"\\u0041"',
    '"\\ud800"',
    '{"\\ud800":1}',
    '"\\/"',
    '[1, 2]',
    `${'['.repeat(66)}${']'.repeat(66)}`,
    '',
  ])('is not %s', (text) => {
    expect(parseCanonical(text)).toBeUndefined()
  })

  test.each([
    [{ a: [1, { b: 1.5 }] }, '$.a[1].b: 1.5 is not a safe integer'],
    [{ a: undefined }, '$.a: undefined has no canonical form'],
    [[1, '\ud800'], '$[1]: text with a lone surrogate'],
    [{ x: { '\udc00': 1 } }, '$.x: text with a lone surrogate'],
    [{ a: new Date(0) }, '$.a: object has no canonical form'],
    [{ a: new Map() }, '$.a: object has no canonical form'],
    [{ a: Object.assign([1], { length: 2 }) }, '$.a[1]: undefined has no canonical form'],
  ])('does not exist of what holds %j, and the place is named', (value, because) => {
    expect(isCanonical(value)).toBe(false)
    expect(() => canonicalJson(value)).toThrow(new NotCanonical(because))
  })

  test('is the same exactly where the values are', () => {
    fc.assert(
      fc.property(tree, tree, (one, other) => {
        expect(isSame(one, JSON.parse(canonicalJson(one)))).toBe(true)
        expect(isSame(one, other)).toBe(canonicalJson(one) === canonicalJson(other))
        expect(isSame({ a: one, b: 1 }, { b: 1, a: one, c: 1 })).toBe(false)
        expect(isSame([one], { 0: one })).toBe(false)
      }),
    )
  })

  test('goes 64 levels deep and no deeper', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
    expect(canonicalJson(nested(64))).toBe(`${'['.repeat(64)}1${']'.repeat(64)}`)
    expect(() => canonicalJson(nested(65))).toThrow('nested deeper than 64')
  })
})
