import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { applyEdits, blobId } from '../../../src/domain/git-objects.ts'
import type { Edit } from '../../../src/domain/patch/edit.ts'
import { rawDiff } from '../../../src/domain/patch/raw-diff.ts'
import { ana, bot, cloneForEachTest } from './clone.ts'

const at = cloneForEachTest()

describe('a commit is written', () => {
  const added = Buffer.from([0xff, 0, 13])
  const edits = (before: { mode: '100644' | '120000'; blob: string }): readonly Edit[] => [
    { path: 'link', before, after: null },
    { path: 'link/inside', before: null, after: { mode: '100755', blob: blobId(added) } },
    { path: 'sub', before: null, after: { mode: '160000', blob: '1'.repeat(40) } },
  ]

  test('with the predicted tree, message and people, and nothing else moves', async () => {
    const repository = await at.open()
    const base = at.head()
    const entries = await repository.entries(base)
    const asked = edits({ mode: '120000', blob: at.run(['rev-parse', 'HEAD:link']) })
    const predicted = applyEdits(entries, asked)
    const message = 'Sübject\n\nBody # kept\n\nAgentOS-Run: x\n'
    const commit = await repository.writeCommit({
      base,
      edits: asked,
      contents: new Map([[blobId(added), added]]),
      parents: [base],
      message,
      author: ana,
      committer: bot,
    })
    expect(predicted.ok && predicted.value.treeId).toBe(await repository.treeOf(commit))
    expect(at.run(['cat-file', 'commit', commit])).toBe(
      [
        `tree ${await repository.treeOf(commit)}`,
        `parent ${base}`,
        'author Ana Ünï <ana@example.org> 1700000000 +0000',
        'committer AgentOS <agentos@example.org> 1700000000 +0000',
        '',
        message.trim(),
      ].join('\n'),
    )
    expect(Buffer.from((await repository.commit(commit)).message).toString()).toBe(message)
    expect(await repository.diffTreeRaw(base, commit)).toEqual(Buffer.from(rawDiff(asked)))
    expect(at.head()).toBe(base)
    expect(at.run(['status', '--porcelain'])).toBe('')
  })

  test('but not with bytes that are missing or wrong, or a message git would not keep', async () => {
    const repository = await at.open()
    const asked = {
      base: at.head(),
      edits: edits({ mode: '120000', blob: at.run(['rev-parse', 'HEAD:link']) }),
      parents: [at.head()],
      author: ana,
      committer: bot,
    }
    await expect(repository.writeCommit({ ...asked, contents: new Map(), message: 'm' })).rejects.toThrow(
      /missing or wrong/,
    )
    const wrong = new Map([[blobId(added), Buffer.from('x')]])
    await expect(repository.writeCommit({ ...asked, contents: wrong, message: 'm' })).rejects.toThrow(
      /missing or wrong/,
    )
    await expect(repository.writeCommit({ ...asked, contents: new Map(), message: 'a\0b' })).rejects.toThrow(/message/)
  })

  test('and a ref moves only from where it was expected', async () => {
    const repository = await at.open()
    const first = at.head()
    at.run(['commit', '-q', '--allow-empty', '-m', 'Second'])
    const second = at.head()
    const ref = 'refs/heads/run'
    expect(await repository.moveRef({ ref, from: null, to: first })).toEqual({ ok: true, value: first })
    expect(await repository.moveRef({ ref, from: null, to: second })).toEqual({
      ok: false,
      refusal: { is: 'ref-moved', at: first },
    })
    expect(await repository.moveRef({ ref, from: second, to: first })).toEqual({
      ok: false,
      refusal: { is: 'ref-moved', at: first },
    })
    expect(await repository.moveRef({ ref, from: first, to: second })).toEqual({ ok: true, value: second })
    expect(await repository.moveRef({ ref: 'refs/heads/none', from: first, to: second })).toEqual({
      ok: false,
      refusal: { is: 'ref-moved', at: null },
    })
    await expect(repository.moveRef({ ref: 'HEAD', from: first, to: second })).rejects.toThrow(/full ref name/)
    await expect(repository.moveRef({ ref: 'refs/heads/a..b', from: null, to: first })).rejects.toThrow(
      /check-ref-format/,
    )
  })
})

describe('a tree is exported', () => {
  test('byte for byte, with modes and links and without .git', async () => {
    const out = join(at.home, 'out')
    await (await at.open()).exportTree(at.head(), out)
    expect(readdirSync(out).sort()).toEqual(['crlf.txt', 'dé', 'link', 'tool.sh'])
    expect(readFileSync(join(out, 'crlf.txt'), 'latin1')).toBe('a\r\nb\r\n')
    expect(readFileSync(join(out, 'dé/bytes')).toString('hex')).toBe('00ff0d0a')
    expect(readlinkSync(join(out, 'link'))).toBe('dé/bytes')
    expect([lstatSync(join(out, 'tool.sh')).mode & 0o777, lstatSync(join(out, 'crlf.txt')).mode & 0o777]).toEqual([
      0o755, 0o644,
    ])
  })

  test('only into an empty folder', async () => {
    await expect((await at.open()).exportTree(at.head(), at.clone)).rejects.toThrow(/empty folder/)
  })

  test.each(['Icon\r', 'a\tb', 'a\nb', 'e\u001b[2J', 'C:x', 'aux.c'])('with an odd name like %j', async (path) => {
    const out = join(at.home, 'out')
    await (await at.open()).exportTree(hostileCommit(path), out)
    expect(readdirSync(out)).toEqual([path])
  })

  test.each(['.git/config', '.GIT/config', 'git~1', '../x', 'a/../../x'])('never with a path like %s', async (path) => {
    const out = join(at.home, 'out')
    const commit = hostileCommit(path)
    await expect((await at.open()).exportTree(commit, out)).rejects.toThrow()
    expect(existsSync(out)).toBe(false)
    expect(existsSync(join(at.home, 'x'))).toBe(false)
  })
})

/** A commit that git itself would not make: its trees are written as raw bytes. */
function hostileCommit(path: string): string {
  let id = at.run(['rev-parse', 'HEAD:tool.sh'])
  let mode = '100644'
  for (const name of path.split('/').toReversed()) {
    const raw = Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')])
    const args = ['hash-object', '-t', 'tree', '-w', '--stdin', '--literally']
    id = execFileSync('git', args, { cwd: at.clone, input: raw }).toString().trim()
    mode = '40000'
  }
  return at.run(['commit-tree', id, '-m', 'x'])
}
