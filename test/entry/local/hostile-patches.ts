import { blobId } from '../../../src/domain/git-objects.ts'
import type { HygieneRule } from '../../../src/domain/patch/fault.ts'

/** The tree that every hostile patch is aimed at. */
export const AIMED_AT: Readonly<Record<string, string>> = {
  'a.txt': 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n',
  'src/b.txt': 'first\nlast, without a newline',
  'src/Case.txt': 'case\n',
  'src/é.txt': 'composed\n',
  'run.sh': '#!/bin/sh\ntrue\n',
  '.gitattributes': '* text\n',
}
/** Beside these files, `link` is a symbolic link to `src`. */
export const LINK = { path: 'link', target: 'src' } as const

export type Hostile = {
  readonly name: string
  readonly patch: string
  readonly breaks: HygieneRule | 'patch' | 'scope'
}

/** A name as git quotes it, so that every byte can be said. */
function quoted(name: string): string {
  const bytes = Array.from(Buffer.from(name), (byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
      ? `\\${byte.toString(8).padStart(3, '0')}`
      : String.fromCharCode(byte),
  )
  return `"${bytes.join('')}"`
}

export function creates(path: string, { mode = '100644', content = 'x\n' } = {}): string {
  const lines = content.split(/(?<=\n)/)
  return [
    `diff --git ${quoted(`a/${path}`)} ${quoted(`b/${path}`)}\n`,
    `new file mode ${mode}\nindex ${'0'.repeat(40)}..${blobId(Buffer.from(content))}\n`,
    `--- /dev/null\n+++ ${quoted(`b/${path}`)}\n@@ -0,0 +1${lines.length === 1 ? '' : `,${lines.length}`} @@\n`,
    ...lines.map((line) => `+${line}${line.endsWith('\n') ? '' : '\n\\ No newline at end of file\n'}`),
  ].join('')
}

export function moves(from: string, to: string, how: 'rename' | 'copy' = 'rename'): string {
  const names = `${quoted(`a/${from}`)} ${quoted(`b/${to}`)}`
  return `diff --git ${names}\nsimilarity index 100%\n${how} from ${quoted(from)}\n${how} to ${quoted(to)}\n`
}

export function deletes(path: string): string {
  const content = AIMED_AT[path] ?? ''
  const lines = content.split(/(?<=\n)/)
  return [
    `diff --git a/${path} b/${path}\ndeleted file mode 100644\nindex ${blobId(Buffer.from(content))}..${'0'.repeat(40)}\n`,
    `--- a/${path}\n+++ /dev/null\n@@ -1,${lines.length} +0,0 @@\n`,
    ...lines.map((line) => `-${line}`),
  ].join('')
}

/** A change that nothing speaks against. */
export const GOOD = 'diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n'

const link = (path: string, target: string) => creates(path, { mode: '120000', content: target })
const submodule = (path: string) =>
  `diff --git a/${path} b/${path}\nnew file mode 160000\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+Subproject commit ${'1'.repeat(40)}\n`

/** Paths by the rule that keeps each of them out. */
export const HOSTILE_PATHS: readonly (readonly [string, HygieneRule])[] = [
  ['.git/config', 'path-git-folder'],
  ['.git', 'path-git-folder'],
  ['a/.git/hooks/post-checkout', 'path-git-folder'],
  ['.GIT/config', 'path-git-folder'],
  ['.gIt/HEAD', 'path-git-folder'],
  ['.git./config', 'path-git-folder'],
  ['.git /config', 'path-git-folder'],
  ['.git ./ config', 'path-git-folder'],
  ['GIT~1/config', 'path-git-folder'],
  ['git~1', 'path-git-folder'],
  ['.git::$INDEX_ALLOCATION/config', 'path-git-folder'],
  ['.git:stream', 'path-git-folder'],
  ['.g\u200cit/config', 'path-git-folder'],
  ['.git\u200d/config', 'path-git-folder'],
  ['\ufeff.git/config', 'path-git-folder'],
  ['.gi\u202et/config', 'path-git-folder'],
  ['sub\\.git\\config', 'path-git-folder'],
  ['.ｇｉｔ/config', 'path-git-folder'],
  ['.GITMODULES', 'path-git-file'],
  ['.gitattributes ', 'path-git-file'],
  ['gi7d29~1', 'path-git-file'],
  ['../outside', 'path-climbs'],
  ['a/../../outside', 'path-climbs'],
  ['src/./x', 'path-climbs'],
  ['src/.../x', 'path-climbs'],
  ['..\\outside', 'path-climbs'],
  ['/etc/passwd', 'path-absolute'],
  ['\\\\server\\share\\x', 'path-absolute'],
  ['C:/Windows/x', 'path-drive-letter'],
  ['src//x', 'path-empty-part'],
  ['src/x/', 'path-empty-part'],
  ['src\\x', 'path-backslash'],
  ['src/x\ny', 'path-control'],
  ['src/\u001b[2Jx', 'path-control'],
  ['src/x\u2028y', 'path-control'],
  ['src/\u202etxt.exe', 'path-hidden-text'],
  ['src/x\u200by', 'path-hidden-text'],
  ['src/\u2066x\u2069', 'path-hidden-text'],
  ['CON', 'path-device-name'],
  ['src/nul.txt', 'path-device-name'],
  ['src/Aux.tar.gz', 'path-device-name'],
  ['src/com1', 'path-device-name'],
  ['src/LPT9.log', 'path-device-name'],
  ['x'.repeat(256), 'path-too-long'],
  ['A.txt', 'path-collision'],
  ['src/case.txt', 'path-collision'],
  ['SRC/new.txt', 'path-collision'],
  ['src/e\u0301.txt', 'path-collision'],
  ['link/x', 'path-through-symlink'],
  ['Link/x', 'path-through-symlink'],
]

/** One trick each. */
export function nastyPatches(): readonly Hostile[] {
  const named = (name: string, breaks: Hostile['breaks'], patch: string) => ({ name, breaks, patch })
  return [
    ...HOSTILE_PATHS.map(([path, rule]) => named(`creates ${JSON.stringify(path.slice(0, 40))}`, rule, creates(path))),
    named('a link out of the tree', 'symlink', link('l', '/etc/passwd')),
    named('a link within the tree', 'symlink', link('l', 'a.txt')),
    named('a file below a link of the same patch', 'path-through-symlink', link('l', 'src') + creates('l/x')),
    named('a file below a link that comes later', 'path-through-symlink', creates('m/x') + link('m', 'src')),
    named('a file renamed to below a link', 'path-through-symlink', moves('a.txt', 'link/a.txt')),
    named('a submodule', 'submodule', submodule('sub')),
    named('a list of submodules', 'submodule', creates('.gitmodules', { content: '[submodule "x"]\n' })),
    named('a right-to-left override in the text', 'hidden-text', creates('x.js', { content: 'a\u202eb\n' })),
    named('a zero-width space in the text', 'hidden-text', creates('x.js', { content: 'a\u200bb\n' })),
    named('tag characters in the text', 'hidden-text', creates('x.md', { content: 'a\u{e0041}\n' })),
    named('hidden text beside broken UTF-8', 'hidden-text', withByte(creates('x.md', { content: 'é\u202e\n' }))),
    named('two new files that differ in case', 'path-collision', creates('new/x') + creates('new/X')),
    named('two new files that differ in normal form', 'path-collision', creates('n/é') + creates('n/e\u0301')),
    named('two new folders that differ in case', 'path-collision', creates('n1/x') + creates('N1/y')),
    named('a copy to another case', 'path-collision', moves('src/Case.txt', 'src/CASE.txt', 'copy')),
    named('a workflow', 'scope', creates('.github/workflows/x.yml')),
    named('a workflow in other letters', 'scope', creates('.GitHub/Workflows/x.yml')),
    named(
      'more files than allowed',
      'too-many-files',
      Array.from({ length: 201 }, (_, i) => creates(`n/${i}`)).join(''),
    ),
    named('more lines than allowed', 'too-many-lines', creates('n', { content: 'x\n'.repeat(20_001) })),
    named('more bytes than allowed', 'too-many-bytes', creates('n', { content: `${'x'.repeat(10_485_760)}\n` })),
  ]
}

/** Makes the text Latin-1 in one place: a patch is bytes, and this one is told apart by its index line too. */
function withByte(patch: string): string {
  return patch.replace(/^index .*\n/m, '')
}

/** A hostile path reached in a way that a look at created files alone does not see. */
export function composedPatches(): readonly Hostile[] {
  return HOSTILE_PATHS.flatMap(([path, breaks]) => {
    const shown = JSON.stringify(path.slice(0, 40))
    return [
      { name: `a good change, then ${shown}`, breaks, patch: GOOD + creates(path) },
      { name: `${shown}, then a good change`, breaks, patch: creates(path) + GOOD },
      { name: `a rename to ${shown}`, breaks, patch: moves('run.sh', path) },
      { name: `a copy to ${shown}`, breaks, patch: moves('run.sh', path, 'copy') },
    ]
  })
}

/** Whole and valid patches that `brokenPatches` breaks. */
const VALID: readonly string[] = [
  GOOD,
  `${GOOD}@@ -8,3 +8,4 @@ seven\n eight\n nine\n+nine and a half\n ten\n`,
  creates('new.txt', { content: 'x\ny\nlast' }),
  deletes('a.txt'),
  `diff --git a/a.txt b/z.txt\nsimilarity index 90%\nrename from a.txt\nrename to z.txt\n--- a/a.txt\n+++ b/z.txt\n@@ -1,2 +1,2 @@\n-one\n+ONE\n two\n`,
  'diff --git a/src/b.txt b/src/b.txt\n--- a/src/b.txt\n+++ b/src/b.txt\n@@ -1,2 +1,2 @@\n first\n-last, without a newline\n\\ No newline at end of file\n+last\n',
  'diff --git a/run.sh b/run.sh\nold mode 100755\nnew mode 100644\n',
]

export const VALID_PATCHES = VALID

/** Every valid patch, broken at one place: a line lost, doubled, altered or cut off, a number off by one, text around it. */
export function brokenPatches(): readonly Hostile[] {
  const broken = VALID.flatMap((patch, which) => {
    const lines = patch.split(/(?<=\n)/)
    const at = (name: string, each: readonly string[]) => ({
      name: `patch ${which + 1}: ${name}`,
      breaks: 'patch' as const,
      patch: each.join(''),
    })
    return [
      ...lines.flatMap((line, i) => (isOptional(line) ? [] : [at(`line ${i + 1} lost`, lines.toSpliced(i, 1))])),
      ...lines.map((line, i) => at(`line ${i + 1} doubled`, lines.toSpliced(i, 0, line))),
      ...lines.map((line, i) => at(`line ${i + 1} altered`, lines.with(i, altered(line)))),
      ...lines.flatMap((line, i) =>
        offByOne(line).map((other) => at(`line ${i + 1}: ${other.trim()}`, lines.with(i, other))),
      ),
      ...lines
        .slice(1)
        .flatMap((_, i) => (isCutWell(lines, i + 1) ? [] : [at(`cut at ${i + 1}`, lines.slice(0, i + 1))])),
      at('text before it', ['From: a mail\n\n', ...lines]),
      at('text after it', [...lines, '-- \n2.39.5\n']),
    ]
  })
  return [...new Map(broken.filter(({ patch }) => !VALID.includes(patch)).map((one) => [one.patch, one])).values()]
}

/** Without these a patch says the same: what git writes for people, and git's own head over a plain diff. */
function isOptional(line: string): boolean {
  return /^(?:index |similarity |\\ |diff --git a\/(\S+) b\/\1\n$)/.test(line)
}

/** A cut leaves a whole patch between two hunks, and where the head alone says everything: an empty file, a rename. */
function isCutWell(lines: readonly string[], at: number): boolean {
  if (lines[at]?.startsWith('@@') === true) return lines.slice(0, at).some((line) => line.startsWith('@@'))
  return at > 1 && /^(?:new file|rename to)/.test(lines[at - 1] ?? '')
}

/** Another first letter of what a hunk adds; another last letter of all else. What follows a hunk's numbers is for people. */
function altered(line: string): string {
  if (line.startsWith('\\ ')) return '\\ No\n'
  if (line.startsWith('@@')) return line.replace('@@', '@')
  return line.startsWith('+') && !line.startsWith('+++') ? `?${line.slice(1)}` : `${line.slice(0, -2)}~\n`
}

function offByOne(line: string): readonly string[] {
  if (!line.startsWith('@@')) return []
  return Array.from(line.matchAll(/\d+/g), ({ 0: digits, index }) =>
    [Number(digits) + 1, Number(digits) + 7].map(
      (number) => `${line.slice(0, index)}${number}${line.slice(index + digits.length)}`,
    ),
  ).flat()
}
