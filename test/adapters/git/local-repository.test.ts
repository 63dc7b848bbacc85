import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { inflate } from '../../../src/adapters/git/inflate.ts'
import { localRepository } from '../../../src/adapters/git/local-repository.ts'
import { applyEdits, blobId } from '../../../src/domain/git-objects.ts'
import { applyPatch } from '../../../src/domain/patch/apply-patch.ts'
import { parsePatch } from '../../../src/domain/patch/parse-patch.ts'
import { ana, bot, cloneForEachTest } from './clone.ts'

const at = cloneForEachTest()

describe('a clone is read', () => {
  test('its commits, trees, files and their bytes', async () => {
    const repository = await at.open()
    const commit = await repository.resolve('main')
    expect(commit).toBe(at.head())
    const entries = await repository.entries(at.head())
    expect(entries.map(({ path, mode, size }) => [path, mode, size])).toEqual([
      ['crlf.txt', '100644', 6],
      ['dé/bytes', '100644', 4],
      ['link', '120000', 9],
      ['tool.sh', '100755', 10],
    ])
    expect(await repository.treeOf(at.head())).toBe(at.run(['rev-parse', 'HEAD^{tree}']))
    const blobs = await repository.blobs(entries.map(({ blob }) => blob))
    expect(Buffer.from(blobs.get(entries[1]?.blob ?? '') ?? []).toString('hex')).toBe('00ff0d0a')
    expect(Buffer.from((await repository.commit(at.head())).message).toString()).toBe('First\n')
  })

  test.each(['nowhere', '', '--all', 'main:tool.sh', 'main..main', '0'.repeat(40)])(
    'and %j is no commit',
    async (rev) => {
      expect(await (await at.open()).resolve(rev)).toBeUndefined()
    },
  )

  test('a blob that is not there is an error, never half an answer', async () => {
    const repository = await at.open()
    await expect(repository.blobs([blobId(Buffer.from('x'))])).rejects.toThrow(/not a blob of this repository/)
    await expect(repository.blobs([await repository.treeOf(at.head())])).rejects.toThrow(/not a blob/)
  })

  test('a path that is not UTF-8 is refused', async () => {
    const tree = execFileSync('git', ['mktree', '-z'], {
      cwd: at.clone,
      input: Buffer.concat([
        Buffer.from(`100644 blob ${at.run(['rev-parse', 'HEAD:tool.sh'])}\tx`),
        Buffer.from([0xff, 0]),
      ]),
    })
    const commit = at.run(['commit-tree', tree.toString().trim(), '-m', 'x'])
    await expect((await at.open()).entries(commit)).rejects.toThrow(/not UTF-8/)
  })

  test('a tree in a form that git no longer writes is refused', async () => {
    const raw = Buffer.concat([Buffer.from('100664 x\0'), Buffer.from(at.run(['rev-parse', 'HEAD:tool.sh']), 'hex')])
    const tree = execFileSync('git', ['hash-object', '-t', 'tree', '-w', '--stdin', '--literally'], {
      cwd: at.clone,
      input: raw,
    })
    const commit = at.run(['commit-tree', tree.toString().trim(), '-m', 'x'])
    await expect((await at.open()).entries(commit)).rejects.toThrow(/no longer writes/)
  })

  test('from a bare, a shallow and a linked one alike', async () => {
    at.run(['commit', '-q', '--allow-empty', '-m', 'Second'])
    at.run(['clone', '-q', '--bare', at.clone, join(at.home, 'bare')])
    at.run(['clone', '-q', '--depth=1', `file://${at.clone}`, join(at.home, 'shallow')])
    at.run(['worktree', 'add', '-q', '--detach', join(at.home, 'linked')])
    const whole = await (await at.open()).entries(at.head())
    for (const name of ['bare', 'shallow', 'linked']) {
      const repository = await localRepository(join(at.home, name))
      expect(await repository.entries((await repository.resolve('HEAD')) ?? '')).toEqual(whole)
    }
  })

  test('but not through a folder inside it, and not when it borrows objects', async () => {
    await expect(localRepository(join(at.clone, 'dé'))).rejects.toThrow(/rev-parse/)
    at.run(['clone', '-q', '--shared', at.clone, join(at.home, 'shared')])
    await expect(localRepository(join(at.home, 'shared'))).rejects.toThrow(/borrows objects/)
  })
})

describe('what the clone configures runs nothing and changes nothing', () => {
  test('neither hooks nor monitors, filters, drivers and replaced objects', async () => {
    const trap = join(at.home, 'trap.sh')
    const sprung = join(at.home, 'sprung')
    writeFileSync(trap, `#!/bin/sh\ntouch '${sprung}'\ncat\n`, { mode: 0o755 })
    for (const hook of ['reference-transaction', 'post-index-change', 'pre-commit', 'post-commit', 'post-checkout']) {
      writeFileSync(join(at.clone, '.git/hooks', hook), readFileSync(trap), { mode: 0o755 })
    }
    for (const key of [
      'core.fsmonitor',
      'filter.x.smudge',
      'filter.x.clean',
      'filter.x.process',
      'diff.x.textconv',
      'diff.x.command',
      'diff.external',
      'core.pager',
      'core.sshCommand',
      'gpg.program',
    ]) {
      at.run(['config', key, trap])
    }
    at.run(['config', 'commit.gpgSign', 'true'])
    writeFileSync(join(at.clone, '.gitattributes'), '* filter=x diff=x ident eol=crlf\n')
    writeFileSync(join(at.clone, '.git/info/attributes'), '* filter=x diff=x ident eol=crlf\n')
    at.run([
      '-c',
      'core.hooksPath=/dev/null',
      '-c',
      'core.fsmonitor=false',
      'replace',
      at.run(['rev-parse', 'HEAD:tool.sh']),
      at.run(['rev-parse', 'HEAD:crlf.txt']),
    ])
    rmSync(sprung, { force: true })

    const repository = await at.open()
    const commit = at.head()
    const tool = (await repository.entries(commit)).find(({ path }) => path === 'tool.sh')
    const text = Buffer.from('#!/bin/sh\n$Id$\n')
    const edit = {
      path: 'tool.sh',
      before: { mode: '100755', blob: tool?.blob ?? '' },
      after: { mode: '100755', blob: blobId(text) },
    } as const
    const next = await repository.writeCommit({
      base: commit,
      edits: [edit],
      contents: new Map([[edit.after.blob, text]]),
      parents: [commit],
      message: 'm',
      author: ana,
      committer: bot,
    })
    await repository.moveRef({ ref: 'refs/heads/next', from: null, to: next })
    const patch = Buffer.from(await repository.formatPatch(commit, next)).toString()
    await repository.exportTree(next, join(at.home, 'out'))

    const original = (await repository.blobs([edit.before.blob])).get(edit.before.blob)
    expect(Buffer.from(original ?? []).toString()).toBe('#!/bin/sh\n')
    expect(existsSync(sprung)).toBe(false)
    expect(patch).toContain('+$Id$\n')
    expect(readFileSync(join(at.home, 'out/tool.sh'))).toEqual(text)
  })

  test('and the same traps do spring for git as people run it', () => {
    const sprung = join(at.home, 'sprung')
    writeFileSync(join(at.clone, '.git/hooks/reference-transaction'), `#!/bin/sh\ntouch '${sprung}'\n`, { mode: 0o755 })
    at.run(['update-ref', 'refs/heads/x', at.head()])
    expect(existsSync(sprung)).toBe(true)
  })
})

test('the patch between two commits leads from one tree to the other', async () => {
  const repository = await at.open()
  const base = at.head()
  at.run(['mv', 'tool.sh', 'dé/tool'])
  writeFileSync(join(at.clone, 'dé', 'bytes'), Buffer.from([0, 1, 2]))
  writeFileSync(join(at.clone, 'crlf.txt'), 'a\r\nc')
  at.run(['add', '-A'])
  at.run(['commit', '-q', '-m', 'Second'])
  const entries = await repository.entries(base)
  const parsed = parsePatch(await repository.formatPatch(base, at.head()), { inflate })
  if (!parsed.ok) throw new Error(parsed.refusal.because)
  const blobs = await repository.blobs(entries.map(({ blob }) => blob))
  const applied = applyPatch(parsed.value, (path) => {
    const entry = entries.find((entry) => entry.path === path)
    const bytes = blobs.get(entry?.blob ?? '')
    return entry === undefined || bytes === undefined ? null : { mode: entry.mode, bytes }
  })
  if (!applied.ok) throw new Error(applied.refusal.because)
  const tree = applyEdits(entries, applied.value.edits)
  expect(tree.ok && tree.value.treeId).toBe(await repository.treeOf(at.head()))
})

test('zlib answers only with exactly what was promised', () => {
  const deflated = deflateSync('hello')
  expect(Buffer.from(inflate(deflated, 5) ?? []).toString()).toBe('hello')
  for (const [bytes, size] of [
    [deflated, 4],
    [deflated, 6],
    [Buffer.concat([deflated, Buffer.from('x')]), 5],
    [Buffer.from('junk'), 5],
    [deflated.subarray(0, -3), 5],
  ] as const) {
    expect(inflate(bytes, size)).toBeUndefined()
  }
})
