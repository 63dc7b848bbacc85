import { describe, expect, test } from 'vitest'
import { protectedBy } from '../../../src/domain/patch/protected-path.ts'

describe('a pattern protects', () => {
  test.each([
    ['.github/workflows/ci.yml', '.github/workflows/'],
    ['.github/workflows/ci.yml', '.github/workflows/**'],
    ['.github/workflows/ci.yml', '.github'],
    ['.GitHub/Workflows/CI.yml', '.github/workflows/*'],
    ['.github/work\u200bflows/ci.yml', '.github/workflows/*'],
    ['.github/workflows. /ci.yml', '.github/workflows/*'],
    ['CAFE\u0301/x', 'café/*'],
    ['a/b/package.json', 'package.json'],
    ['package.json', '/package.json'],
    ['a/package.json', '**/package.json'],
    ['package.json', '**/package.json'],
    ['src/a/b/c.ts', 'src/**/*.ts'],
    ['src/c.ts', 'src/**/*.ts'],
    ['src/x', 'src/*'],
    ['src/x/y', 'src/*'],
    ['app/[id]/page.tsx', 'app/[id]/*'],
    ['a1', 'a?'],
    ['a😀', 'a?'],
    ['anything/at/all', '**'],
    ['Makefile', 'make*'],
  ])('%j by %j', (path, pattern) => expect(protectedBy(path, ['never/this', pattern])).toBe(pattern))
})

describe('a pattern does not protect', () => {
  test.each([
    ['src/../../etc/passwd', 'src/*'],
    ['src/../../etc/passwd', '**'],
    ['src//x', 'src/**'],
    ['./src/x', 'src/*'],
    ['src\\..\\x', '**'],
    ['a/package.json', '/package.json'],
    ['docs/github/x', '.github'],
    ['src', 'src/'],
    ['src', 'src/**'],
    ['src/x', 'lib/**'],
    ['a/b', 'b/**'],
    ['ab', 'a?b'],
    ['x', ''],
    ['x', '/'],
    ['package.json.md', 'package.json'],
  ])('%j by %j', (path, pattern) => expect(protectedBy(path, [pattern])).toBeNull())

  test('no pattern protects nothing', () => expect(protectedBy('a', [])).toBeNull())
})

test.each([
  [['src/*', 'package.json'], 'src/*'],
  [['package.json', 'src/*'], 'package.json'],
])('of several patterns the first is named: %j', (patterns, first) =>
  expect(protectedBy('src/package.json', patterns)).toBe(first),
)

test('a pattern made to be slow is not slow', () => {
  const deep = Array.from({ length: 300 }, () => 'a').join('/')
  const slow = `${'**/a*a*a*a*/'.repeat(60)}b`
  const begun = performance.now()
  expect(protectedBy(`${deep}/${'a'.repeat(200)}`, [slow])).toBeNull()
  expect(performance.now() - begun).toBeLessThan(2000)
})
