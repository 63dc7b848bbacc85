import { describe, expect, test } from 'vitest'
import { declaredIn, hasTarget, type TargetKind } from '../../../src/domain/targets/index.ts'
import { checkoutOf, type TextFiles } from '../../support/checkout-of.ts'

function namesIn(kind: TargetKind, files: TextFiles, at = ''): readonly string[] | undefined {
  return declaredIn(checkoutOf(files), kind, at)?.names
}

function doubtIn(kind: TargetKind, files: TextFiles, at = ''): string | null | undefined {
  return declaredIn(checkoutOf(files), kind, at)?.unsure
}

describe('a script is one that the package.json of the folder declares', () => {
  const files = {
    'package.json': '{"scripts":{"test":"a"},"workspaces":["packages/*","!packages/old"]}',
    'packages/a/package.json': '{"name":"@x/a","scripts":{"lint":"b"}}',
    'packages/old/package.json': '{"name":"old"}',
    'packages/a/node_modules/b/package.json': '{"name":"b"}',
    'tools/package.json': '{"name":"tools"}',
  }

  test('in each folder for itself', () => {
    expect(namesIn('script', files)).toEqual(['test'])
    expect(namesIn('script', files, 'packages/a')).toEqual(['lint'])
    expect(namesIn('script', files, 'src')).toBeUndefined()
  })

  test('and workspaces are the folders that the patterns of the root cover', () => {
    expect(namesIn('workspace', files)).toEqual(['@x/a'])
    expect(namesIn('workspace-folder', files, '@x/a')).toEqual(['packages/a'])
    expect(namesIn('workspace-folder', files, 'packages/a')).toEqual(['packages/a'])
    expect(namesIn('workspace-folder', files, 'tools')).toEqual([])
  })

  test('and pnpm has its own list of workspaces', () => {
    const pnpm = {
      ...files,
      'pnpm-workspace.yaml': 'packages:\n  - "tools"\n  # none\n  - packages/*\nother:\n  - x\n',
    }
    expect(namesIn('workspace', pnpm)).toEqual(['@x/a', 'old', 'tools'])
  })

  test('a package.json that cannot be read leaves its scripts unsure', () => {
    expect(doubtIn('script', { 'package.json': '{' })).toMatch(/not a JSON object/)
  })
})

describe('a make target is one that a rule of the makefile makes', () => {
  const makefile = [
    'TESTS := test-a test-b',
    'test: build',
    '\tnode --test',
    '.PHONY: phantom',
    'build lint:',
    '$(TESTS): test',
    'all:: test ; echo done',
    'check-%: %.c',
    'debug: CFLAGS = -g',
    'CC := gcc # no rule: here',
    'define body',
    'inside: x',
    'endef',
    'split \\',
    '  target: x',
    '',
  ].join('\n')
  const files = { Makefile: makefile }

  test('explicit rules, rules over plain variables and pattern rules count', () => {
    expect(namesIn('make', files)).toEqual([
      'test',
      'build',
      'lint',
      'test-a',
      'test-b',
      'all',
      'check-%',
      'split',
      'target',
    ])
  })

  test.each(['test', 'test-b', 'check-io'])('%s can be made', (name) => {
    const declared = declaredIn(checkoutOf(files), 'make', '')
    expect(declared !== null && hasTarget('make', declared, name)).toBe(true)
  })

  test.each(['phantom', 'inside', 'debug', 'check-', 'CC', 'echo'])('%s cannot', (name) => {
    const declared = declaredIn(checkoutOf(files), 'make', '')
    expect(declared === null || hasTarget('make', declared, name)).toBe(false)
  })

  test('a file that is included and there is read too', () => {
    const split = {
      Makefile: 'include mk/*.mk more.mk\n-include absent.mk\n',
      'mk/a.mk': 'test:\n',
      'more.mk': 'lint:\n',
    }
    expect(namesIn('make', split)).toEqual(['test', 'lint'])
    expect(doubtIn('make', split)).toBeNull()
  })

  test.each([
    ['include made.mk\n', /made\.mk, which is not in the repository/],
    ['include $(wildcard *.mk)\n', /names are computed/],
    ['$(foreach t,$(T),$(eval $(call rule,$(t))))\n', /makes rules/],
    ['$(shell ls): x\n', /names are computed/],
  ])('%j leaves it unsure what there is', (text, because) => {
    expect(doubtIn('make', { Makefile: text })).toMatch(because)
  })

  test('GNUmakefile comes before Makefile, and files that include each other are read once', () => {
    expect(namesIn('make', { GNUmakefile: 'a:\n', Makefile: 'b:\n' })).toEqual(['a'])
    expect(namesIn('make', { Makefile: 'include x.mk\n', 'x.mk': 'include Makefile\nb:\n' })).toEqual(['b'])
  })
})

test('a just recipe is a recipe or an alias of the justfile and of what it imports', () => {
  const files = {
    Justfile: [
      'set shell := ["bash"]',
      'version := "1"',
      'alias t := test',
      "import 'more.just'",
      '@test *args: build',
      '  echo "lie: x"',
      'build target="x":',
      '',
    ].join('\n'),
    'more.just': 'lint:\n  x\n',
  }
  expect(namesIn('just', files)).toEqual(['t', 'test', 'build', 'lint'])
  expect(doubtIn('just', { justfile: 'mod ci\n' })).toMatch(/modules/)
  expect(namesIn('just', { Makefile: 'a:\n' })).toBeUndefined()
})

describe('Cargo’s names are those of the workspace', () => {
  const files = {
    'Cargo.toml':
      '[workspace]\nmembers = [\n  "crates/*", # all\n]\nexclude = ["crates/old"]\n[package]\nname = "root"\n[dependencies]\nhelper = { path = "lib/helper" }\n',
    'src/main.rs': '',
    'tests/smoke.rs': '',
    'tests/big/main.rs': '',
    'tests/common/mod.rs': '',
    'crates/a/Cargo.toml':
      '[package]\nname = "a"\n[features]\nfast = []\n[dependencies]\nserde = { version = "1", optional = true }\n[[bin]]\nname = "tool"\npath = "x.rs"\n[[test]]\nname = "listed"\n',
    'crates/a/examples/demo.rs': '',
    'crates/old/Cargo.toml': '[package]\nname = "old"\n',
    'lib/helper/Cargo.toml': '[package]\nname = "helper"\nautotests = false\n',
    'lib/helper/tests/off.rs': '',
    'elsewhere/Cargo.toml': '[package]\nname = "elsewhere"\n',
    '.cargo/config.toml': '[alias]\nlint = "clippy --all"\n',
  }

  test.each<[TargetKind, readonly string[]]>([
    ['cargo-package', ['root', 'a', 'helper']],
    ['cargo-test', ['smoke', 'big', 'listed']],
    ['cargo-binary', ['root', 'tool']],
    ['cargo-example', ['demo']],
    ['cargo-alias', ['lint']],
  ])('%s', (kind, names) => {
    expect([...(namesIn(kind, files) ?? [])].sort()).toEqual([...names].sort())
  })

  test('features are declared ones and optional dependencies, alone and behind their package', () => {
    expect(namesIn('cargo-feature', files)).toEqual(expect.arrayContaining(['fast', 'serde', 'default', 'a/fast']))
    expect(namesIn('cargo-feature', files)).not.toContain('slow')
  })
})

test('a Go package is a folder of a module with Go files', () => {
  const files = {
    'go.mod': 'module x\n',
    'main.go': '',
    'pkg/api/api.go': '',
    'pkg/testdata/x.go': '',
    'docs/README.md': '',
    'nested/go.mod': 'module y\n',
    'nested/y.go': '',
    'sub/deep/_old.go': '',
  }
  expect(namesIn('go-package', files)).toEqual(['.', '...'])
  expect(namesIn('go-package', files, 'pkg')).toEqual(['...'])
  expect(namesIn('go-package', files, 'pkg/api')).toEqual(['.', '...'])
  expect(namesIn('go-package', files, 'docs')).toEqual([])
  expect(namesIn('go-package', files, 'sub')).toEqual([])
  expect(namesIn('go-package', { 'nested/go.mod': '', 'nested/y.go': '' })).toBeUndefined()
  expect(namesIn('go-package', { 'a.go': '' })).toBeUndefined()
})

test('a Python test is a function or class of its file; inherited ones leave it unsure', () => {
  const text =
    'from helpers import (shared, other as renamed)\nclass TestA(unittest.TestCase):\n    def test_b(self): ...\nasync def test_c(): ...\n'
  expect(namesIn('python-test', { 'tests/test_a.py': text }, 'tests/test_a.py')).toEqual([
    'TestA',
    'test_b',
    'test_c',
    'shared',
    'renamed',
  ])
  expect(doubtIn('python-test', { 'a.py': text }, 'a.py')).toBeNull()
  expect(doubtIn('python-test', { 'a.py': 'class TestX(Common):\n  pass\n' }, 'a.py')).toMatch(/inherits/)
  expect(doubtIn('python-test', { 'a.py': 'from x import *\n' }, 'a.py')).toMatch(/all names/)
})

test('deno tasks stand in deno.jsonc with comments and commas, beside the scripts of package.json', () => {
  const files = {
    'deno.jsonc': '{ // tasks\n "tasks": { "test": "a // b", /* c */ "lint": "d", }, }',
    'package.json': '{"scripts":{"build":"x"}}',
  }
  expect(namesIn('deno-task', files)).toEqual(['test', 'lint', 'build'])
})

test('Composer scripts stand in composer.json', () => {
  expect(namesIn('composer-script', { 'composer.json': '{"scripts":{"test":["phpunit"]}}' })).toEqual(['test'])
})

test('rake tasks that a Rakefile writes down are known, others never for certain', () => {
  const rakefile = [
    'require "rake/testtask"',
    'Rake::TestTask.new',
    'namespace :db do',
    '  task :seed => [:test] do',
    '  end',
    'end',
    "task 'check'",
    'task build: :test',
  ].join('\n')
  expect(namesIn('rake-task', { Rakefile: rakefile })).toEqual(['db:seed', 'check', 'build', 'test'])
  expect(doubtIn('rake-task', { Rakefile: rakefile })).toMatch(/may define more/)
})

test('a file of more than a mebibyte or not in UTF-8 declares nothing for certain', () => {
  expect(doubtIn('make', { Makefile: `test:\n${'#'.repeat(1_100_000)}` })).toMatch(/too large/)
  expect(doubtIn('script', { 'package.json': ' '.repeat(1_100_000) })).toMatch(/too large/)
})
