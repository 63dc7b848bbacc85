import { assert, integer, json, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ownersOf } from '../../../src/adapters/github/codeowners.ts'
import { recent } from '../../../src/adapters/github/recent.ts'
import { fit } from '../../../src/adapters/github/text-limits.ts'
import { NotStrictJson, parseStrictJson } from '../../../src/domain/strict-json.ts'

describe('a text that must fit', () => {
  test('stays as it is when it does', () => {
    expect(fit('short', 100, '\nend')).toBe('short\nend')
  })

  test('is never longer than it may be, never broken within a character, and always keeps its end', () => {
    const texts = string({ unit: 'binary', minLength: 1, maxLength: 4000 })
    assert(
      property(texts, integer({ min: 600, max: 3000 }), (text, limit) => {
        const fitted = fit(text, limit, '\n<!-- end -->')
        expect(new TextEncoder().encode(fitted).length).toBeLessThanOrEqual(limit)
        expect(fitted.length).toBeLessThanOrEqual(limit)
        expect(fitted.endsWith('\n<!-- end -->')).toBe(true)
        expect(fitted.isWellFormed()).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  test('closes the fence and the folded part that the cut left open, so that the reader sees the sentence', () => {
    const fitted = fit(`<details>\n\n\`\`\`\`diff\n${'+ line\n```\n'.repeat(200)}`, 1000)
    expect(fitted).toMatch(/\n````\n<\/details>\n\n_Cut here:/)
  })
})

const read = (text: string) => parseStrictJson(new TextEncoder().encode(text))

describe('strict JSON', () => {
  test.each([
    ['a member twice', '{"a":1,"a":1}'],
    ['a member twice, spelled in two ways', '{"a":1,"\\u0061":1}'],
    ['a member __proto__', '{"__proto__":{}}'],
    ['a member __proto__ in another spelling', '[{"a":{"\\u005f_proto__":1}}]'],
    ['ten thousand levels', '['.repeat(10_000) + ']'.repeat(10_000)],
  ])('refuses %s', (_what, text) => {
    expect(() => read(text)).toThrow(NotStrictJson)
  })

  test('reads what JSON.parse reads of text that was written by JSON.stringify', () => {
    assert(
      property(
        json().filter((text) => !/\d{16}|__proto__/.test(text)),
        (text) => {
          const once = JSON.stringify(JSON.parse(text))
          expect(read(once)).toEqual(JSON.parse(once))
        },
      ),
    )
  })

  test.each([
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '[{"x":{"b":"}","b":0}}]',
    '{"a":[{"a":1},{"a":1}],"a":2}',
    '{',
    '',
    '{"a":1}{"a":1}',
    '\ufeff{}',
  ])('refuses %s', (text) => {
    expect(() => read(text)).toThrow(NotStrictJson)
  })

  test('does not take a value, or a member of another object, for a doubled one', () => {
    expect(read('{"a":"b","b":["a","a",{"a":1}],"c":{"a":"\\"a\\":1"}}')).toBeTruthy()
  })

  test('keeps long integers whole', () => {
    expect(read('{"id":9007199254740993,"n":12,"m":[18446744073709551615]}')).toEqual({
      id: '9007199254740993',
      n: 12,
      m: ['18446744073709551615'],
    })
  })

  test('refuses bytes that are not UTF-8', () => {
    expect(() => parseStrictJson(new Uint8Array([0x22, 0xff, 0x22]))).toThrow(NotStrictJson)
  })

  test('a string of many megabytes, however it ends', () => {
    const long = `${'x'.repeat(12_000_000)}\\"`
    expect(() => read(JSON.stringify([long]))).not.toThrow()
    expect(() => read(`{"a":${JSON.stringify(long)},"a":1}`)).toThrow('twice')
  })
})

describe('the owners of a path', () => {
  const text = `# owners
*            @everyone
*.js         @js # all of them
/build/logs/ @logs
docs/*       docs@example.test @docs
apps/        @apps
/scripts     @org/team @bob
**/deep      @deep
/free.txt
!/no.txt     @never
[A-Z]/x      @never
`
  test.each([
    ['README.md', ['everyone']],
    ['a/b/c.js', ['js']],
    ['build/logs/a/b.txt', ['logs']],
    ['other/build/logs/a.txt', ['everyone']],
    ['docs/start.md', ['docs']],
    ['docs/build/start.md', ['everyone']],
    ['x/apps/y/z.txt', ['apps']],
    ['scripts/run', ['org/team', 'bob']],
    ['a/deep/b', ['deep']],
    ['free.txt', []],
    ['no.txt', ['everyone']],
  ])('%s: %j', (path, owners) => {
    expect(ownersOf(text, [path])).toEqual(owners)
  })

  test('of several paths are named once each', () => {
    expect(ownersOf(text, ['a.js', 'b.js', 'README.md'])).toEqual(['js', 'everyone'])
  })
})

test('what was used last is kept, up to its weight', () => {
  const kept = recent<string>({ limit: 3, weight: (value) => value.length })
  kept.set('a', 'x')
  kept.set('b', 'x')
  kept.set('c', 'x')
  kept.get('a')
  kept.set('d', 'x')
  expect(['a', 'b', 'c', 'd'].map((key) => kept.get(key))).toEqual(['x', undefined, 'x', 'x'])
  kept.set('big', 'xxxx')
  expect(kept.get('big')).toBeUndefined()
  kept.set('a', 'xxx')
  expect([kept.get('a'), kept.get('c')]).toEqual(['xxx', undefined])
})
