import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { discardScratch, scratchCopy, scratchFolder } from '../../../src/adapters/sandbox/scratch.ts'
import { snapshot } from '../../../src/adapters/sandbox/snapshot.ts'
import { readTreeFile } from '../../../src/adapters/sandbox/tree-file.ts'
import { aCheckout, bare, inside } from './trial.ts'

function git(folder: string, ...args: readonly string[]): string {
  const env = { PATH: '/usr/bin:/bin', HOME: folder, GIT_CONFIG_NOSYSTEM: '1' }
  const { status, stdout, stderr } = spawnSync('git', [...args], { cwd: folder, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`)
  return stdout
}

/** A tree with what git distinguishes: modes, links, an empty file, an order that is not the folders' order, names beyond ASCII. */
function aTree(): string {
  const tree = aCheckout({
    'a/file': 'text\n',
    'a.txt': '',
    'a-b': 'dash',
    'ünïcode/日本 語.txt': 'x',
    run: '#!/bin/sh\n',
    'with\nnewline': 'y',
  })
  chmodSync(join(tree, 'run'), 0o755)
  chmodSync(join(tree, 'a-b'), 0o654)
  symlinkSync('/etc/passwd', join(tree, 'link'))
  symlinkSync('a', join(tree, 'folder-link'))
  mkdirSync(join(tree, 'empty'))
  return tree
}

test('a snapshot is what git would record', () => {
  const tree = aTree()
  const taken = snapshot(tree)
  git(tree, 'init', '-q')
  git(tree, 'add', '-A')
  const listed = git(tree, 'ls-files', '-s', '-z')
  const ours = taken.is === 'snapshot' ? taken.entries.map((e) => `${e.mode} ${e.blob} 0\t${e.path}\0`).join('') : ''
  expect(ours).toBe(listed)
})

test('a snapshot of this project’s own sources is what git would record', () => {
  const tree = `${aCheckout()}-sources`
  expect(scratchCopy(join(import.meta.dirname, '../../../src'), tree)).toMatchObject({ is: 'copied' })
  const taken = snapshot(tree)
  git(tree, 'init', '-q')
  git(tree, 'add', '-A')
  const listed = git(tree, 'ls-files', '-s', '-z')
  const ours = taken.is === 'snapshot' ? taken.entries.map((e) => `${e.mode} ${e.blob} 0\t${e.path}\0`).join('') : ''
  expect(ours.length).toBeGreaterThan(1000)
  expect(ours).toBe(listed)
})

test('a caller may leave folders out of a snapshot', () => {
  const taken = snapshot(aTree(), (path, isFolder) => isFolder && path === 'a')
  expect(taken.is === 'snapshot' && taken.entries.map(({ path }) => path)).not.toContain('a/file')
})

test('a snapshot refuses a fifo, which a command can leave behind', async () => {
  const checkout = aCheckout()
  expect((await inside(['mkfifo', 'pipe'], { checkout })).end).toBe('exit 0')
  expect(snapshot(checkout)).toEqual({
    is: 'refused',
    path: 'pipe',
    because: 'it is neither a file, a folder nor a link',
  })
  expect(scratchCopy(checkout, `${checkout}-copy`)).toMatchObject({ is: 'refused', path: 'pipe' })
})

test('a snapshot refuses a socket', async () => {
  const checkout = aCheckout()
  const server = createServer().listen(join(checkout, 'socket'))
  await once(server, 'listening')
  expect(snapshot(checkout)).toMatchObject({ is: 'refused', path: 'socket' })
  server.close()
})

test('a snapshot refuses a name that is not valid UTF-8', () => {
  const checkout = aCheckout()
  writeFileSync(Buffer.concat([Buffer.from(`${checkout}/`), Buffer.from([0x61, 0xff])]), '')
  expect(snapshot(checkout)).toEqual({ is: 'refused', path: 'a\u00ff', because: 'its name is not valid UTF-8' })
})

test('a snapshot refuses folders nested past any use', () => {
  const checkout = aCheckout()
  const nest = 'my $n = 0; while ($n++ < 1200) { mkdir "deeper" or die; chdir "deeper" or die }'
  expect(bare(['perl', '-e', nest], checkout).end).toBe('exit 0')
  expect(snapshot(checkout)).toMatchObject({ is: 'refused', because: 'it is more than 200 folders deep' })
})

test('a link to a folder is recorded, and not entered', () => {
  const checkout = aCheckout()
  symlinkSync('/etc', join(checkout, 'etc'))
  const taken = snapshot(checkout)
  expect(taken).toMatchObject({ is: 'snapshot', entries: [{ path: 'etc', mode: '120000', size: 4 }] })
})

const isGit = (path: string): boolean => /(^|\/)\.git$/i.test(path)

test('a scratch copy holds the tree without anything that is a repository', () => {
  const tree = aTree()
  git(tree, 'init', '-q')
  mkdirSync(join(tree, 'nested/.GIT'), { recursive: true })
  writeFileSync(join(tree, 'nested/.GIT/config'), '')
  writeFileSync(join(tree, 'a/.git'), 'gitdir: /elsewhere\n')
  const to = `${tree}-copy`
  expect(scratchCopy(tree, to)).toMatchObject({ is: 'copied' })
  expect(readdirSync(to)).not.toContain('.git')
  expect(readdirSync(join(to, 'a'))).toEqual(['file'])
  expect(readdirSync(join(to, 'nested'))).toEqual([])
  expect(lstatSync(join(to, 'run')).mode & 0o777).toBe(0o755)
  expect(lstatSync(join(to, 'a-b')).mode & 0o777).toBe(0o644)
  expect(readlinkSync(join(to, 'link'))).toBe('/etc/passwd')
  expect(readdirSync(join(to, 'empty'))).toEqual([])
  expect(snapshot(to)).toEqual(snapshot(tree, isGit))
})

test('a changed copy leaves the original alone', async () => {
  const tree = aTree()
  const before = snapshot(tree)
  const to = `${tree}-copy`
  scratchCopy(tree, to)
  expect((await inside(['sh', '-c', 'for f in *; do echo more >> "$f"; done; rm -rf a'], { checkout: to })).end).toBe(
    'exit 0',
  )
  expect(snapshot(tree)).toEqual(before)
})

test('one path of a tree is read with its mode', () => {
  const tree = aTree()
  expect(readTreeFile(tree, 'a/file')).toEqual({ mode: '100644', bytes: Buffer.from('text\n') })
  expect(readTreeFile(tree, 'run')?.mode).toBe('100755')
  expect(readTreeFile(tree, 'link')).toEqual({ mode: '120000', bytes: Buffer.from('/etc/passwd') })
})

test.each([
  'absent',
  'a',
  'empty',
  'folder-link/file',
  'link/x',
  '../checkout/a/file',
  '/etc/passwd',
  'a//file',
  './run',
  '',
])('the path %j leads to no file of the tree', (path) => {
  expect(readTreeFile(aTree(), path)).toBeNull()
})

test('a scratch folder goes away even when a command closed it', async () => {
  const folder = scratchFolder()
  const checkout = join(folder, 'checkout')
  mkdirSync(checkout)
  await inside(['sh', '-c', 'mkdir -p a/b; echo x > a/b/c; chmod 0 a/b a'], { checkout })
  discardScratch(folder)
  expect(lstatSync(folder, { throwIfNoEntry: false })).toBeUndefined()
  expect(readFileSync('/etc/passwd', 'utf8')).not.toBe('')
})
