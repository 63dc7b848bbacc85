import * as fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { toMemoryPack } from '../../../src/domain/packs/memory.ts'
import { MemoryPack } from '../../../src/domain/packs/memory-pack.ts'
import { memoryOf, repositoryWith, type TestFiles, type TestRepository } from './real-scene.ts'

const open: TestRepository[] = []
afterEach(() => open.splice(0).forEach((repository) => repository.remove()))

async function memoryWith(files: TestFiles) {
  const repository = await repositoryWith(files)
  open.push(repository)
  return { pack: await memoryOf(repository), repository }
}

const manifest = JSON.stringify({ packageManager: 'pnpm@9.1.0', scripts: { test: 'vitest', lint: 'oxlint' } })

test('a pack tells manager, scripts, tests, owners, conventions and notes, each with its source', async () => {
  const { pack } = await memoryWith({
    'package.json': manifest,
    Makefile: 'CC := gcc\nbuild test: src\n\techo hi: there\n.PHONY: test\n%.o: %.c\n',
    CODEOWNERS: '* @lee\n',
    'docs/CODEOWNERS': '* @nobody\n',
    'README.md': '# Hello\n',
    '.editorconfig': 'root = true\n',
    '.agentos/memory/names.md': 'Call it a Run.\n',
    'src/a.ts': 'export {}\n',
  })
  expect(pack).toMatchObject({
    packageManager: 'pnpm',
    scripts: [
      { name: 'lint', command: 'oxlint' },
      { name: 'test', command: 'vitest' },
    ],
    makeTargets: ['build', 'test'],
    testCommand: ['pnpm', 'test'],
    codeowners: 'CODEOWNERS',
    emptyBecause: null,
  })
  expect(pack.base.files).toBe(8)
  const readme = pack.items.find((item) => item.name === 'README.md')
  expect(readme).toMatchObject({ type: 'convention', value: '# Hello\n', source: { is: 'file', path: 'README.md' } })
  expect(pack.items.find((item) => item.type === 'memory')?.value).toBe('Call it a Run.\n')
})

test.each([
  ['package.json', JSON.stringify({ scripts: { test: 'x' } }), ['npm', 'test']],
  ['package.json', JSON.stringify({ scripts: { test: 'echo "Error: no test specified" && exit 1' } }), null],
  ['pyproject.toml', '[tool.pytest.ini_options]\n', ['python3', '-m', 'pytest']],
  ['tests/test_a.py', 'import unittest\n', ['python3', '-m', 'unittest', 'discover', '-s', 'tests']],
  ['go.mod', 'module x\n', ['go', 'test', './...']],
  ['Cargo.toml', '[package]\n', ['cargo', 'test']],
  ['Makefile', 'check:\n\ttrue\n', ['make', 'check']],
  ['README.md', 'pytest\n', null],
])('the test command of a repository with %s is what it declares', async (path, content, expected) => {
  const { pack } = await memoryWith({ [path]: content })
  expect(pack.testCommand).toEqual(expected)
})

test('broken and hostile files are put on record, not thrown', async () => {
  const { pack } = await memoryWith({
    'package.json': '{ not json',
    'README.md': Buffer.from([0xff, 0xfe, 0x00]),
    'CONTRIBUTING.md': 'x'.repeat(50_000),
    'AGENTS.md': { link: '/etc/passwd' },
  })
  expect(pack.items.find((item) => item.name === 'package.json')?.value).toBe('is not a JSON object')
  expect(pack.items.find((item) => item.name === 'README.md')?.value).toContain('not UTF-8')
  expect(pack.items.find((item) => item.name === 'CONTRIBUTING.md')?.value).toMatch(/\[cut: 38000 more characters\]$/)
  expect(pack.items.some((item) => item.name === 'AGENTS.md')).toBe(false)
})

test('an empty repository has an empty pack with its reason', async () => {
  const { pack } = await memoryWith({})
  expect(pack.items).toEqual([])
  expect(pack.emptyBecause).toContain('no files')
})

test('any package.json and any listing order make a valid pack, and the same one', () => {
  const entry = { mode: '100644', size: 10 } as const
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.json().map((value) => `{"scripts":${value}}`),
      ),
      (text) => {
        const entries = [
          { ...entry, path: 'package.json', blob: 'a'.repeat(40) },
          { ...entry, path: 'Makefile', blob: 'a'.repeat(40) },
          { ...entry, path: 'README.md', blob: 'a'.repeat(40) },
        ]
        const snapshot = { sha: 'b'.repeat(40), tree: 'c'.repeat(40), read: () => Buffer.from(text) }
        const pack = toMemoryPack({ ...snapshot, entries }, [])
        expect(MemoryPack.parse(pack)).toEqual(pack)
        expect(toMemoryPack({ ...snapshot, entries: entries.toReversed() }, [])).toEqual(pack)
      },
    ),
  )
})
