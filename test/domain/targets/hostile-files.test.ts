import { describe, expect, test } from 'vitest'
import { declaredIn, type TargetKind } from '../../../src/domain/targets/index.ts'
import { checkoutOf, type TextFiles } from '../../support/checkout-of.ts'

const SPACES = ' '.repeat(1900)
const many = (line: string, bytes = 400_000) => line.repeat(Math.ceil(bytes / line.length))

const cases: readonly (readonly [string, TargetKind, TextFiles])[] = [
  ['a table of spaces that does not end', 'cargo-package', { 'Cargo.toml': many(`[${SPACES}x\n`) }],
  ['strings that do not end', 'cargo-package', { 'Cargo.toml': many(`"${'\\"'.repeat(9000)}\n`) }],
  ['a list that does not end', 'cargo-package', { 'Cargo.toml': `a = [\n${many(',\n')}` }],
  ['thousands of dependencies', 'cargo-package', { 'Cargo.toml': many('[dependencies.a]\npath = "b"\n') }],
  ['spaces between words', 'make', { Makefile: many(`X = ${'a '.repeat(9000)}\n`) }],
  ['spaces before no colon', 'make', { Makefile: many(`a${' '.repeat(19_000)}=\n`) + many(`b${SPACES}#\n`) }],
  [
    'variables that double',
    'make',
    { Makefile: `A0 = x x\n${Array.from({ length: 40 }, (_, i) => `A${i + 1} = $(A${i}) $(A${i})`).join('\n')}\n` },
  ],
  ['a variable that grows line by line', 'make', { Makefile: many('A += b\n') }],
  ['thousands of files to include', 'make', { Makefile: many(`-include *a*b*c*d\n`), 'x/y/z': '' }],
  [
    'long names of files to include',
    'make',
    {
      Makefile: Array.from({ length: 40 }, (_, i) => `-include ${i}${'*a'.repeat(9000)}\n`).join(''),
      ...Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`${'a'.repeat(100)}${i}`, ''])),
    },
  ],
  [
    'a workspace of slashes',
    'workspace',
    { 'package.json': JSON.stringify({ workspaces: [`a${many('/')}b`] }), 'p/package.json': '{}' },
  ],
  ['recipes without a colon', 'just', { justfile: many(`a${SPACES}b\n`) }],
  ['tasks without a name', 'rake-task', { Rakefile: many(`task${SPACES}!\n`) }],
  ['comments that do not end', 'deno-task', { 'deno.json': many('/*a') }],
  ['strings that do not end', 'deno-task', { 'deno.json': `"${many('\\"')}` }],
]

/** The files are so large that reading one in more than linear time does not end before this. */
const HANGS = 20_000

describe('a file made to be read slowly is read to its end', () => {
  test.each(cases)('%s, for a %s', { timeout: HANGS }, (_what, kind, files) => {
    expect(declaredIn(checkoutOf(files), kind, '')).toBeDefined()
  })

  test('thousands of workspace patterns leave the names unsure', () => {
    const workspaces = Array.from({ length: 50_000 }, (_, i) => `packages/*a*b${i}`)
    const folders = Array.from({ length: 300 }, (_, i) => [`packages/p${i}/package.json`, '{}'] as const)
    const files = { 'package.json': JSON.stringify({ workspaces }), ...Object.fromEntries(folders) }
    expect(declaredIn(checkoutOf(files), 'workspace', '')?.unsure).toContain('more than 500 workspace patterns')
  })
})
