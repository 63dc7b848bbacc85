import { expect, it } from 'vitest'
import { matchesGlob } from '../../../src/domain/control/glob.ts'

it.each([
  ['**', 'a/b/c'],
  ['**/package.json', 'package.json'],
  ['**/package.json', 'a/b/package.json'],
  ['.github/**', '.github/workflows/ci.yml'],
  ['.github/**', '.GitHub/workflows/ci.yml'],
  ['src/*.ts', 'src/a.ts'],
  ['src/**/x?.js', 'src/a/b/x1.js'],
  ['caf\u00e9/*', 'cafe\u0301/a'],
  ['app/[id]/page.ts', 'app/[id]/page.ts'],
])('%s covers %s', (glob, path) => {
  expect(matchesGlob(glob, path)).toBe(true)
})

it.each([
  ['src/*.ts', 'src/a/b.ts'],
  ['**/package.json', 'package.jsonx'],
  ['.github/**', 'x/.github/a'],
  ['a?c', 'a/c'],
  ['a.c', 'abc'],
  ['[ab]', 'a'],
])('%s does not cover %s', (glob, path) => {
  expect(matchesGlob(glob, path)).toBe(false)
})

it('a hostile pattern costs no more than its length times that of the path', () => {
  expect(matchesGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(4000))).toBe(false)
})
