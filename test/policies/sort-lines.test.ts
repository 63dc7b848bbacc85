import { expect, test } from 'vitest'
import { changedBy, refusalOf } from './recipe-run.ts'

const sorted = async (path: string, text: string, params: Readonly<Record<string, string>> = {}) =>
  (await changedBy('sort-lines', { path, ...params }, { [path]: text }))[path] ?? 'unchanged'

test('an ignore file is sorted within its blocks, and comments stay above theirs', async () => {
  expect(await sorted('.gitignore', '# build\nout/\ndist/\n\n# editors\n.vscode/\n.idea/\n.idea/\n')).toBe(
    '# build\ndist/\nout/\n\n# editors\n.idea/\n.vscode/\n',
  )
})

test('in an ignore file nothing passes a negated pattern, and a pattern that is said again after one stays', async () => {
  const text = 'z\nb/*\n!b/keep\n!a\nb/*\na\nb/*\n'
  expect(await sorted('.gitignore', text)).toBe('b/*\nz\n!a\n!b/keep\na\nb/*\n')
})

test('a repeated pattern goes also from another block, where no negated one stands between', async () => {
  expect(await sorted('.dockerignore', '# one\nnode_modules\n\n# two\nnode_modules\ndist\n')).toBe(
    '# one\nnode_modules\n\n# two\ndist\n',
  )
})

test.each([
  ['Windows line ends', 'b\r\na\r\n', 'a\r\nb\r\n'],
  ['no break at the end', 'b\na', 'a\nb'],
  ['Windows line ends and no break at the end', 'b\r\na', 'a\r\nb'],
  ['a byte order mark', '\ufeffb\na\n', '\ufeffa\nb\n'],
  ['mixed line ends', 'b\r\na\nc\r\n', 'a\nb\r\nc\r\n'],
  ['upper case', 'b\nC\na\n', 'a\nb\nC\n'],
  ['blank lines with spaces', 'b\n  \na\n', 'unchanged'],
  ['an empty file', '', 'unchanged'],
  ['one line', 'a', 'unchanged'],
  ['a repeated last line without a break', 'a\nb\na', 'a\nb'],
])('a list with %s keeps its form', async (_, text, after) => {
  expect(await sorted('words.txt', text)).toBe(after)
})

test('requirements are sorted by the name that Python compares, with hashes and options in place', async () => {
  const text = [
    '-r base.txt',
    '# web',
    'Zope_Interface==5.0',
    'flask==2.0 \\',
    '    --hash=sha256:bb \\',
    '    --hash=sha256:aa',
    'Django>=4  # keep below 5',
    'django_x==1',
    '',
    '--extra-index-url https://example.org/simple',
    'b',
    'a',
    '',
  ].join('\n')
  expect(await sorted('requirements-dev.txt', text)).toBe(
    [
      '-r base.txt',
      '# web',
      'Django>=4  # keep below 5',
      'django_x==1',
      'flask==2.0 \\',
      '    --hash=sha256:bb \\',
      '    --hash=sha256:aa',
      'Zope_Interface==5.0',
      '',
      '--extra-index-url https://example.org/simple',
      'a',
      'b',
      '',
    ].join('\n'),
  )
})

test('the kind can be said where the name does not say it', async () => {
  expect(await sorted('list', '!a\nb\n#x\nc\n', { kind: 'ignore' })).toBe('unchanged')
  expect(await sorted('list', '!b\n!a\n', { kind: 'plain' })).toBe('!a\n!b\n')
})

test('sorting what is sorted changes nothing', async () => {
  const once = await sorted('.gitignore', 'c\n!b\n!a\nd\nc\n\n#\nb\na')
  expect(await sorted('.gitignore', once)).toBe('unchanged')
})

test('a file that is not there is refused', async () => {
  expect(await refusalOf('sort-lines', { path: 'nope' }, { yes: 'a' })).toBe('there is no file nope')
})
