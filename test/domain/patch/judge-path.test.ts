import { execFileSync } from 'node:child_process'
import { afterAll, describe, expect, test } from 'vitest'
import { judgePath } from '../../../src/domain/patch/judge-path.ts'
import { realGit } from './real-git.ts'

const git = realGit()
afterAll(() => git.remove())

const rulesOf = (path: string) => judgePath(path).map(({ rule }) => rule)

const hfsIgnored = [
  0x200c, 0x200d, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x206a, 0x206b, 0x206c, 0x206d, 0x206e,
  0x206f, 0xfeff,
]
const spellings = [
  ...hfsIgnored.flatMap((code) => [`.git${String.fromCodePoint(code)}`, `.g${String.fromCodePoint(code)}it`]),
  '.git',
  '.GIT',
  '.Git',
  '.git.',
  '.git ',
  '.git. . ',
  '.git::$INDEX_ALLOCATION',
  '.git:stream',
  'git~1',
  'GIT~1',
  'git~1 .',
]

describe('.git is found in every spelling', () => {
  test.each(spellings)('%j, as a file, as a folder and below one', (name) => {
    for (const path of [name, `${name}/hooks/pre-commit`, `a/b/${name}`, `a/${name}/config`]) {
      expect(rulesOf(path)).toContain('path-git-folder')
    }
  })

  test('and git itself refuses each of them', () => {
    const taken = spellings.filter((name) => isTakenByGit(`${name}/config`))
    expect(taken).toEqual([])
  })

  test('also where git lets it pass: wide letters, other short names, tags', () => {
    for (const name of ['.ｇｉｔ', '．git', 'git~2', '.gi\u{e0074}t', '.g\u00adit', '.gıt']) {
      expect(rulesOf(`${name}/config`)).toContain('path-git-folder')
    }
  })
})

function isTakenByGit(path: string): boolean {
  const protectors = ['-c', 'core.protectHFS=true', '-c', 'core.protectNTFS=true']
  const info = `100644,${'1'.repeat(40)},${path}`
  try {
    execFileSync('git', [...protectors, 'update-index', '--add', '--cacheinfo', info], { cwd: git.dir, stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

test('git takes an ordinary path, so its refusals mean something', () => {
  expect(isTakenByGit('a/b.git/c')).toBe(true)
})

describe("other spellings of git's own files are found", () => {
  test.each([
    '.GITMODULES',
    '.gitmodules ',
    '.gitmodules.',
    '.gitmodules:x',
    '.git\u200cmodules',
    'gitmod~1',
    'GITMOD~4',
  ])('%j', (name) => expect(rulesOf(name)).toContain('path-git-file'))
  test.each([
    'gi7eba~1',
    'GI7EBA~9',
    'gi7eb~10',
    'gi7d29~1',
    'gi250a~1',
    'maba30~1',
    '~1000000',
    'gitatt~1',
    'gitign~2',
  ])('%j', (name) => expect(rulesOf(name)).toContain('path-git-file'))
  test.each(['.gitmodules', '.gitattributes', '.gitignore', '.mailmap', 'a.gitignore', 'gitmod~x'])(
    'but not %j',
    (name) => expect(rulesOf(name)).toEqual([]),
  )
})

describe('a path is refused by the rule that it breaks', () => {
  test.each([
    ['', 'path-empty'],
    ['\ud800', 'path-not-unicode'],
    ['/etc/passwd', 'path-absolute'],
    ['\\\\server\\share', 'path-absolute'],
    ['C:/x', 'path-drive-letter'],
    ['c:x', 'path-drive-letter'],
    ['../x', 'path-climbs'],
    ['a/../../x', 'path-climbs'],
    ['a\\..\\x', 'path-climbs'],
    ['./x', 'path-climbs'],
    ['a/.. /x', 'path-climbs'],
    ['a/.../x', 'path-climbs'],
    ['a//b', 'path-empty-part'],
    ['a/', 'path-empty-part'],
    ['a\\b', 'path-backslash'],
    ['a\0b', 'path-control'],
    ['a\nb', 'path-control'],
    ['a\x7fb', 'path-control'],
    ['a\u009bb', 'path-control'],
    ['a\u2028b', 'path-control'],
    ['a\u202egpj.exe', 'path-hidden-text'],
    ['a\u200bb', 'path-hidden-text'],
    ['a\u{e0041}b', 'path-hidden-text'],
    ['a\ufe0fb', 'path-hidden-text'],
    ['x'.repeat(256), 'path-too-long'],
    ['x/'.repeat(3000).slice(0, -1), 'path-too-long'],
    ['CON', 'path-device-name'],
    ['a/aux.txt', 'path-device-name'],
    ['nul', 'path-device-name'],
    ['Com1.tar.gz', 'path-device-name'],
    ['lpt¹', 'path-device-name'],
    ['con .txt', 'path-device-name'],
    ['conin$', 'path-device-name'],
  ])('%j breaks %s', (path, rule) => expect(rulesOf(path)).toContain(rule))

  test('the reason shows what the path hides', () => {
    expect(judgePath('a\u202eb')[0]?.because).toBe('"a<U+202E>b" holds hidden characters')
  })
})

describe('an ordinary path is not refused', () => {
  test.each([
    'src/index.ts',
    '.github/workflows/ci.yml',
    'a.git/x',
    'git/x',
    '.gitlab-ci.yml',
    'docs/日本語.md',
    'Ünïcode/é.txt',
    'app/[id]/page.tsx',
    'a b/c (1).txt',
    'console.log',
    'com10.txt',
    'nullable.ts',
    'emoji/👩‍💻.png',
    'emoji/❤️.png',
    'میخواهم/می‌خواهم.txt',
    '~tilde',
    'v1:2',
    '..a/b..',
    '.hidden',
  ])('%j', (path) => expect(judgePath(path)).toEqual([]))
})

/** Every way to write `.git` that we know, put together from its parts. */
function* disguises(): Generator<string> {
  const cases = ['.git', '.GIT', '.Git', '.gIT', 'git~1', 'GIT~2']
  const tails = ['', '.', ' ', '. .', '::$INDEX_ALLOCATION', ':x']
  for (const name of cases) for (const tail of tails) yield name + tail
  for (const code of hfsIgnored)
    for (let place = 0; place <= 4; place += 1)
      for (const name of ['.git', '.GIT'])
        yield `${name.slice(0, place)}${String.fromCodePoint(code)}${name.slice(place)}`
}

function* devices(): Generator<string> {
  for (const name of ['CON', 'prn', 'Aux', 'NUL', 'com1', 'COM9', 'lpt1', 'LPT9', 'conin$', 'com¹'])
    for (const tail of ['', '.txt', '.tar.gz', ' .x', ':x']) yield name + tail
}

test('more than 20,000 paths put together from known tricks are refused, each with a rule and a reason', () => {
  const before = ['', 'a/', 'src/deep/', 'é/', '.github/', 'a b/', 'x.git/', 'node_modules/p/', '[id]/', '日本/']
  const after = ['', '/config', '/hooks/pre-commit', '/x/y', '/é', '/HEAD', '/info/attributes', '/a b']
  const climbs = ['..', '. .', '...', '.', '.. ', '..\\..', '\u0000', 'a\nb', '\u202ea', 'a\u200bb', '\\\\x\\y']
  const tricks = [...disguises(), ...devices(), ...climbs]
  let paths = 0
  const missed: string[] = []
  for (const trick of tricks)
    for (const start of before)
      for (const end of after) {
        paths += 1
        const path = `${start}${trick}${end}`
        const faults = judgePath(path)
        if (faults.length === 0 || faults.some(({ because }) => because === '')) missed.push(path)
      }
  expect(missed).toEqual([])
  expect(paths).toBeGreaterThanOrEqual(20_000)
})
