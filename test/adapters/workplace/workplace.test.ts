import { lstat, mkdir, mkdtemp, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fetchCommit } from '../../../src/adapters/workplace/fetch-commit.ts'
import { ignoredPaths } from '../../../src/adapters/workplace/ignored-paths.ts'
import { writeTreeFile } from '../../../src/adapters/workplace/write-tree-file.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'workplace-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))
const file = { mode: '100644', bytes: Buffer.from('new') } as const

describe('a file of a tree', () => {
  it('is written with its mode, replaced, and taken away with the folders it leaves empty', async () => {
    expect(writeTreeFile(root, 'a/b/c', { ...file, mode: '100755' })).toBeNull()
    expect((await stat(join(root, 'a/b/c'))).mode & 0o777).toBe(0o755)
    expect(writeTreeFile(root, 'a/b/c', file)).toBeNull()
    expect((await stat(join(root, 'a/b/c'))).mode & 0o777).toBe(0o644)
    expect(await readFile(join(root, 'a/b/c'), 'utf8')).toBe('new')
    expect(writeTreeFile(root, 'a/b/c', null)).toBeNull()
    await expect(stat(join(root, 'a'))).rejects.toThrow('ENOENT')
  })

  it('is never written through a link that a command left, over a folder, or out of the tree', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'outside-'))
    await writeFile(join(outside, 'kept'), 'old')
    await symlink(outside, join(root, 'folder'))
    await symlink(join(outside, 'kept'), join(root, 'link'))
    await mkdir(join(root, 'real/full'), { recursive: true })
    expect(writeTreeFile(root, 'folder/kept', file)).toBe('folder is not a folder')
    expect(writeTreeFile(root, 'real', file)).toContain('something other')
    for (const path of ['../x', 'a/../../x', '/x', 'a//b', '', '.', 'a\0b'])
      expect(writeTreeFile(root, path, file)).toBe('is no path of a tree')
    expect(writeTreeFile(root, 'link', file)).toBeNull()
    expect((await lstat(join(root, 'link'))).isFile()).toBe(true)
    expect(await readFile(join(outside, 'kept'), 'utf8')).toBe('old')
    await rm(outside, { recursive: true })
  })

  it('may be a link or a submodule, and gives way to a file, also where it stood as a folder', async () => {
    expect(writeTreeFile(root, 'l', { mode: '120000', bytes: Buffer.from('sub') })).toBeNull()
    expect(await readlink(join(root, 'l'))).toBe('sub')
    expect(writeTreeFile(root, 'sub', { mode: '160000' })).toBeNull()
    expect((await stat(join(root, 'sub'))).isDirectory()).toBe(true)
    expect(writeTreeFile(root, 'l/x', file)).toBe('l is not a folder')
    expect(writeTreeFile(root, 'sub', file)).toBeNull()
    expect(writeTreeFile(root, 'l', null)).toBeNull()
    expect(await readFile(join(root, 'sub'), 'utf8')).toBe('new')
  })
})

const rules = (text: string, path = '.gitignore') => [{ path, bytes: Buffer.from(text) }]

describe('what git ignores', () => {
  it('is asked of git, with folders, negations, nested files and odd names', async () => {
    const files = [...rules('node_modules/\n*.log\n!keep.log\n'), ...rules('out\n', 'sub/.gitignore')]
    const paths = ['node_modules/a/b.js', 'x.log', 'keep.log', 'sub/out/x', 'out/x', 'sub/é\n.log', 'src/a.js']
    expect([...(await ignoredPaths(files, paths))].sort()).toEqual(
      ['node_modules/a/b.js', 'sub/out/x', 'sub/é\n.log', 'x.log'].sort(),
    )
  })

  it('is nothing where there are no rules, whatever the machine says', async () => {
    expect(await ignoredPaths([], ['node_modules/a', '.DS_Store', 'x.log'])).toEqual(new Set())
  })
})

describe('the base commit', () => {
  it('is fetched from https or from this machine only', async () => {
    for (const url of ['http://example.com/a/b.git', 'file:///tmp/x', 'ssh://host/x', 'ext::sh -c id']) {
      await expect(fetchCommit({ url, token: 'secret-token' }, '1'.repeat(40), root)).rejects.toThrow()
    }
  })

  it('is named in the failure, and the token is not', async () => {
    const failing = fetchCommit({ url: 'http://127.0.0.1:9/a/b.git', token: 'secret-token' }, '1'.repeat(40), root)
    const error: unknown = await failing.catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'CheckoutFailed', message: expect.stringContaining('1'.repeat(40)) })
    expect(String(error)).not.toContain('secret-token')
    expect(String(error)).not.toContain(Buffer.from('x-access-token:secret-token').toString('base64'))
  })
})
