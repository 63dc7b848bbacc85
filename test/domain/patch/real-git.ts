import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import * as fc from 'fast-check'
import type { BaseFile } from '../../../src/domain/patch/apply-patch.ts'
import { submoduleText } from '../../../src/domain/patch/apply-patch.ts'
import type { Entry, FileMode } from '../../../src/domain/patch/edit.ts'
import { FileMode as FileModeSchema } from '../../../src/domain/patch/edit.ts'

/** What a test puts at a path; of a submodule the content is its commit id. */
export type TestFile = { readonly mode: FileMode; readonly bytes: Uint8Array }
export type TestTree = ReadonlyMap<string, TestFile>

/** A real repository in a folder of its own, removed by `remove`. */
export type RealGit = {
  readonly dir: string
  readonly run: (args: readonly string[], input?: Uint8Array) => Buffer
  readonly text: (args: readonly string[], input?: Uint8Array) => string
  readonly remove: () => void
}

export function realGit(): RealGit {
  const dir = mkdtempSync(join(tmpdir(), 'patch-engine-'))
  const env = {
    PATH: process.env['PATH'],
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@example.org',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@example.org',
  }
  const run = (args: readonly string[], input: Uint8Array = new Uint8Array()) =>
    execFileSync('git', args, { cwd: dir, env, input, maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'pipe'] })
  const text = (args: readonly string[], input?: Uint8Array) => run(args, input).toString('utf8').trim()
  run(['init', '-q', '--bare'])
  return { dir, run, text, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

/** Commits these trees one after another, each a child of the one before, in one process; answers their ids. */
export function commitTrees(git: RealGit, trees: readonly TestTree[]): readonly string[] {
  const parts: (string | Uint8Array)[] = []
  for (const [i, tree] of trees.entries()) {
    parts.push(`commit refs/heads/test\nmark :${i + 1}\ncommitter A <a@example.org> 1700000000 +0000\ndata 0\n`)
    if (i === 0) parts.push('')
    else parts.push(`from :${i}\n`)
    parts.push('deleteall\n')
    for (const [path, file] of tree) parts.push(...fastImportFile(path, file))
  }
  const marks = join(git.dir, 'marks')
  git.run(['update-ref', '-d', 'refs/heads/test'])
  const input = Buffer.concat(parts.map((part) => Buffer.from(part)))
  git.run(['fast-import', '--quiet', '--force', `--export-marks=${marks}`], input)
  const lines = execFileSync('sort', ['-t:', '-k2n', marks]).toString('utf8').trim().split('\n')
  return lines.map((line) => line.split(' ')[1] ?? '')
}

function fastImportFile(path: string, { mode, bytes }: TestFile): (string | Uint8Array)[] {
  const quoted = `"${Buffer.from(path)
    .toString('latin1')
    .replace(/[^!#-[\]-~]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)}"`
  if (mode === '160000') return [`M 160000 ${Buffer.from(bytes).toString('latin1')} ${quoted}\n`]
  return [`M ${mode} inline ${quoted}\ndata ${bytes.length}\n`, bytes, '\n']
}

export function entriesOf(git: RealGit, treeish: string): readonly Entry[] {
  return git
    .run(['ls-tree', '-r', '-z', treeish])
    .toString('utf8')
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const tab = line.indexOf('\t')
      const [mode, , blob = ''] = line.slice(0, tab).split(' ')
      const path = line.slice(tab + 1)
      return { path, mode: FileModeSchema.parse(mode), blob }
    })
}

export function readerOf(tree: TestTree): (path: string) => BaseFile | null {
  return (path) => {
    const file = tree.get(path)
    if (file === undefined) return null
    if (file.mode !== '160000') return file
    return { mode: file.mode, bytes: Buffer.from(submoduleText(Buffer.from(file.bytes).toString('latin1'))) }
  }
}

export function inflate(deflated: Uint8Array, size: number): Uint8Array | undefined {
  const bytes = inflateSync(deflated, { maxOutputLength: size + 1 })
  return bytes.length === size ? bytes : undefined
}

const names = [
  'a',
  'b',
  'a.c',
  'a-',
  'A',
  'é',
  'e\u0301',
  '日本',
  '😀',
  '\uffee',
  'sp ace',
  'x\ty',
  'q"',
  'n\nl',
  'b\\s',
  ' ',
  'd',
]
const path = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
const line = fc.constantFrom(
  'one',
  'two',
  'three',
  '',
  'ünï',
  '-- dash',
  '++ plus',
  '@@ -1 +1 @@',
  '\\ No newline',
  'a\rb',
)
const text = fc
  .tuple(fc.array(line, { maxLength: 30 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(([lines, end, isClosed]) => Buffer.from(lines.join(end) + (isClosed && lines.length > 0 ? end : '')))
const latin1 = text.map((bytes) => Buffer.concat([bytes, Buffer.from([0xe9, 0x0a, 0xff])]))
const binary = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.concat([Buffer.from([0]), bytes]))
const blob = fc.oneof({ weight: 4, arbitrary: text }, latin1, binary, fc.constant(Buffer.alloc(0)))
const commitId = fc.constantFrom('1', '2').map((digit) => Buffer.from(digit.repeat(40)))
const target = fc.constantFrom('one', '../two', 'x\ny').map((name) => Buffer.from(name))
const file: fc.Arbitrary<TestFile> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ mode: fc.constantFrom('100644', '100755'), bytes: blob }) },
  fc.record({ mode: fc.constant('120000'), bytes: target }),
  fc.record({ mode: fc.constant('160000'), bytes: commitId }),
)

type Step =
  | { readonly is: 'put'; readonly path: string; readonly file: TestFile }
  | { readonly is: 'delete' | 'chmod' | 'touch'; readonly at: number }
  | { readonly is: 'move' | 'copy'; readonly at: number; readonly path: string }

const at = fc.nat({ max: 100 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ is: fc.constant('put'), path, file }),
  fc.record({ is: fc.constantFrom('delete', 'chmod', 'touch'), at }),
  fc.record({ is: fc.constantFrom('move', 'copy'), at, path }),
)

/** A tree and what a few random changes make of it. */
export const treePair: fc.Arbitrary<readonly [TestTree, TestTree]> = fc
  .tuple(fc.array(fc.tuple(path, file), { maxLength: 12 }), fc.array(step, { minLength: 1, maxLength: 6 }))
  .map(([files, steps]) => {
    const base = new Map<string, TestFile>()
    for (const [path, file] of files) put(base, path, file)
    const next = new Map(base)
    for (const step of steps) change(next, step)
    return [base, next]
  })

function put(tree: Map<string, TestFile>, path: string, file: TestFile): void {
  for (const other of tree.keys()) {
    if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) tree.delete(other)
  }
  tree.set(path, file)
}

function change(tree: Map<string, TestFile>, step: Step): void {
  if (step.is === 'put') return put(tree, step.path, step.file)
  const paths = [...tree.keys()]
  const path = paths[step.at % Math.max(paths.length, 1)]
  const file = path === undefined ? undefined : tree.get(path)
  if (path === undefined || file === undefined) return
  if (step.is === 'delete' || step.is === 'move') tree.delete(path)
  if (step.is === 'move' || step.is === 'copy') put(tree, step.path, file)
  if (step.is === 'chmod' && file.mode.startsWith('100')) {
    tree.set(path, { ...file, mode: file.mode === '100644' ? '100755' : '100644' })
  }
  if (step.is === 'touch' && file.mode.startsWith('100')) {
    tree.set(path, { ...file, bytes: Buffer.concat([Buffer.from('first\n'), file.bytes]) })
  }
}
