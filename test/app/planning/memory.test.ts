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
  expect(pack.items.find((item) => item.name === '.agentos/memory/names.md')?.value).toBe('Call it a Run.\n')
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
        const pack = toMemoryPack({ ...snapshot, entries }, NEED, [])
        expect(MemoryPack.parse(pack)).toEqual(pack)
        expect(toMemoryPack({ ...snapshot, entries: entries.toReversed() }, NEED, [])).toEqual(pack)
      },
    ),
  )
})

const NEED = { text: 'change the readme', intent: null, at: '2026-06-01T00:00:00.000Z', budget: 2000 }

test('a pack tells languages, test layout, workflows and convention files', async () => {
  const { pack } = await memoryWith({
    'src/a.ts': 'export const a = 1\n',
    'src/b.py': 'b = 1\n',
    'vendor/c.rb': 'puts 1\n',
    'test/a.test.ts': 'test\n',
    'test/unit/b_test.py': 'test\n',
    '.github/workflows/ci.yml': 'on: push\n',
    'CONTRIBUTING.md': 'Be kind.\n',
  })
  expect(pack.languages.map(({ name }) => name)).toEqual(expect.arrayContaining(['TypeScript', 'Python', 'YAML']))
  expect(pack.languages.map(({ name }) => name)).not.toContain('Ruby')
  expect(pack.tests).toEqual({ files: 2, folders: ['test', 'test/unit'] })
  expect(pack.workflows).toEqual(['.github/workflows/ci.yml'])
  expect(pack.conventions).toEqual(['CONTRIBUTING.md'])
})

test('a pack has the part of the repository that the Intent needs, with names and lines, and another for another Intent', async () => {
  const repository = await repositoryWith({
    'src/cookies.ts': 'export function bakeCookie() {}\n',
    'src/tables.ts': 'export function setTable() {}\n',
  })
  open.push(repository)
  const cookies = await memoryOf(repository, 'Bake better cookies')
  const tables = await memoryOf(repository, 'Set the table')
  expect(cookies.map.files[0]).toMatchObject({ path: 'src/cookies.ts', symbols: [{ name: 'bakeCookie', line: 1 }] })
  expect(cookies.map.excerpts[0]).toMatchObject({ path: 'src/cookies.ts', lines: [{ from: 1, to: 2 }] })
  expect(tables.map.files[0]?.path).toBe('src/tables.ts')
  expect(cookies.intent).not.toBe(tables.intent)
  expect(await memoryOf(repository, 'Bake better cookies')).toEqual(cookies)
})

test('notes have their type and scope; one that expired or is wrong is left out, and that is said', async () => {
  const note = (...head: readonly string[]) => `---\n${head.join('\n')}\n---\nText.\n`
  const repository = await repositoryWith({
    '.agentos/memory/good.md': note('type: constraint', 'scope: src/**', 'confidence: 70', 'expires: 2026-06-01'),
    '.agentos/memory/wrong.md': note('type: rumour'),
    '.agentos/memory/bytes.md': Buffer.from([0xff, 0xfe]),
  })
  open.push(repository)
  const before = await memoryOf(repository, 'x', '2026-05-31T23:59:59.999Z')
  const named = (pack: MemoryPack) =>
    pack.items.filter(({ name }) => name.startsWith('.agentos/')).map(({ name }) => name)
  expect(before.items.find(({ name }) => name === '.agentos/memory/good.md')).toMatchObject({
    type: 'constraint',
    scope: ['src/**'],
    confidence: 70,
    expires: '2026-06-01T00:00:00.000Z',
  })
  expect(before.leftOut).toEqual([
    { name: '.agentos/memory/bytes.md', because: 'it is too large or not UTF-8 text' },
    { name: '.agentos/memory/wrong.md', because: expect.stringContaining('type: rumour') },
  ])
  const after = await memoryOf(repository, 'x', '2026-06-01T00:00:00.000Z')
  expect(named(after)).toEqual([])
  expect(after.leftOut).toContainEqual({
    name: '.agentos/memory/good.md',
    because: 'it expired on 2026-06-01T00:00:00.000Z',
  })
})
