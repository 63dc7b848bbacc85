import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEnvelope } from '../../src/adapters/signing/ed25519.ts'
import { verifyEvidence } from '../../src/app/verify.ts'
import { TrustedKeys } from '../../src/domain/evidence.ts'
import { git, type Json } from '../demo/a-local-github.ts'
import { aStory, REPO, type Story } from '../support/story/a-story.ts'
import { breaches } from '../support/story/breaches.ts'
import { performedKeys, visibleKeys } from '../support/story/traces.ts'

const BEFORE = "exports.word = 'old'\n\n\n\n// the end\n"

let story: Story
let base = ''
beforeAll(async () => {
  story = await aStory({
    files: {
      'README.md': '# hello\n\nThis says old words.\n',
      'package.json': '{"name":"demo","version":"1.0.0","scripts":{"test":"node --test"}}\n',
      'src/words.js': BEFORE,
      'test/words.test.js':
        "const test = require('node:test')\nconst assert = require('node:assert')\ntest('words', () => assert.ok(require('../src/words.js').word))\n",
    },
  })
  base = await git(story.source, 'rev-parse', 'HEAD')
}, 300_000)
afterAll(() => story.close())

const pullOf = (view: Json) => Number(view['pullRequest']?.['number'])
const mergeOf = (view: Json) => String(view['merged']?.['commit'])

/** The text of a file on a branch or commit; undefined where it is not there. */
async function fileAt(ref: string, path: string): Promise<string | undefined> {
  const { status, json } = await story.lee.does('GET', `${REPO}/contents/${path}?ref=${ref}`)
  return status === 200 ? Buffer.from(String(json['content']), 'base64').toString('utf8') : undefined
}

async function runs(): Promise<readonly string[]> {
  const { runs }: Json = JSON.parse(await (await story.stage.ask('/api/runs')).text())
  return (runs ?? []).map((one) => String(one['run']))
}

/** Somebody other than the requester approves; Lee merges what was delivered. */
async function lands(run: string, how: 'squash' | 'merge' | 'rebase', approver = story.as('kim')): Promise<Json> {
  const proposed = await story.until(run, 'proposed')
  expect((await approver.reviews(pullOf(proposed), 'APPROVE')).status).toBe(200)
  await story.until(run, 'delivered')
  const merge = await story.lee.does('PUT', `${REPO}/pulls/${pullOf(proposed)}/merge`, { merge_method: how })
  expect(merge.status).toBe(200)
  return story.until(run, 'merged', 'rolled_back')
}

/** Lee says it; the new run is the one that was not there before. */
async function rollsBack(number: number, text = '/agentos rollback'): Promise<string> {
  const before = new Set(await runs())
  await story.lee.says(number, text)
  return story.eventually('a rollback run', async () => (await runs()).find((run) => !before.has(run)))
}

async function landed(command: string, how: 'squash' | 'merge' | 'rebase') {
  const begun = await story.begins(command)
  return { ...begun, view: await lands(begun.run, how) }
}

/** The trees that the git commands of a run's own account lead to, each typed as it stands in a fresh clone of main. */
async function treesByGuide(run: string): Promise<readonly string[]> {
  const { reviewPack } = await story.view(run)
  const guide = String(reviewPack?.['document']?.['rollback'])
  const commands = [...guide.matchAll(/^```\n([^]*?)\n```$/gm)].map(([, command = '']) => command)
  expect(commands.slice(0, 2)).toEqual(['/agentos rollback', 'agentos rollback evidence.json --repo .'])
  const url = story.stage.github.cloneUrl('acme', 'demo')
  const trees: string[] = []
  for (const [index, command] of commands.slice(2).entries()) {
    const clone = join(story.dir, `clone-${index}`)
    await git(
      story.dir,
      'clone',
      '--quiet',
      url.replace('http://', `http://x:${story.stage.github.token('lee')}@`),
      clone,
    )
    const person = {
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@b.c',
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@b.c',
    }
    execFileSync('sh', ['-c', command], { cwd: clone, env: { ...process.env, ...person }, stdio: 'pipe' })
    trees.push(await git(clone, 'write-tree'))
  }
  return trees
}

/** What a reader who pinned the key finds in the evidence of a run. */
async function verified(run: string) {
  const bytes = new Uint8Array(await (await story.stage.ask(`/api/runs/${run}/evidence`)).arrayBuffer())
  const keys: Json = JSON.parse(await (await story.stage.ask('/.well-known/agentos/keys.json')).text())
  return verifyEvidence(bytes, { open: openEnvelope, trusted: TrustedKeys.parse(keys).keys })
}

describe('a merged run that is rolled back', { timeout: 240_000 }, () => {
  let first: Awaited<ReturnType<typeof landed>>
  let undoing = ''
  let undone: Json

  it('is taken back by a run of its own on the default branch as it stands, and a second one is refused with the link', async () => {
    first = await landed('/agentos plan --recipe replace-text find=old replace=new paths=src/**', 'squash')
    await story
      .as('kim')
      .commits('main', 'src/words.js', BEFORE.replace('old', 'new').replace('the end', 'the end, says Kim'))
    await story.as('kim').commits('main', 'NEWS.md', 'Kim was here\n')
    await story.ana.says(pullOf(first.view), '/agentos rollback')
    await story.hears(pullOf(first.view), 'needs maintain, the person has write')
    undoing = await rollsBack(pullOf(first.view), '/agentos rollback it broke the words')
    const proposed = await story.until(undoing, 'proposed')
    expect(String(proposed['base']?.['sha'])).toBe(await story.head('main'))
    expect(Number(proposed['issue'])).toBe(first.issue)
    const plan = await story.hears(pullOf(proposed), `**Takes back run \`${first.run}\`** (#${pullOf(first.view)})`)
    expect(plan).toContain('Later changes by others are kept in:\n  - `src/words.js`')
    expect(plan).toContain('it broke the words')
    await story.lee.says(first.issue, '/agentos rollback')
    expect(await story.hears(first.issue, '**Not rolled back**')).toContain(`go on at #&#8203;${pullOf(proposed)}`)
  })

  it('goes through dry run, approval by somebody else, execution and merge, and keeps what others changed later', async () => {
    const proposed = await story.view(undoing)
    await story.lee.reviews(pullOf(proposed), 'APPROVE')
    await story.hears(pullOf(proposed), 'the requester cannot approve their own request')
    undone = await lands(undoing, 'merge')
    const after = mergeOf(undone)
    expect(await fileAt(after, 'src/words.js')).toBe(BEFORE.replace('the end', 'the end, says Kim'))
    expect(await fileAt(after, 'NEWS.md')).toBe('Kim was here\n')
    expect(undone['reviewPack']?.['document']?.['undone']).toMatchObject({
      run: first.run,
      seen: 'merged',
      asApproved: true,
      restored: [],
      kept: ['src/words.js'],
    })
    const jobs = story.stage.runner.jobs.map(({ inputs }) => inputs['mode'])
    expect(jobs).toEqual(['dry-run', 'execute', 'dry-run', 'execute'])
  })

  it('leaves the run that it took back as rolled back, told in card, comment and check', async () => {
    const view = await story.until(first.run, 'rolled_back')
    expect(String(view['end']?.['because'])).toContain(`run ${undoing} (#${pullOf(undone)}) took it back`)
    await story.hears(pullOf(first.view), '**Rolled back**')
    const checks = await story.checks(String(view['delivered']?.['commit']))
    const review = checks.find((check) => String(check['name']) === 'agentos/review')
    expect(String(review?.['output']?.['title'])).toContain('Rolled back')
    for (const [shown, updates] of [
      [view, 2],
      [await story.view(undoing), 1],
    ] as const) {
      const keys = await visibleKeys(story, shown)
      expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([])
      // The review check was brought up to date at the merge and the rollback, and carries the key of the last effect.
      expect(performedKeys(shown).filter((key) => !keys.includes(key))).toHaveLength(updates)
    }
    expect(await breaches(story, (await story.head('main')) ?? '')).toEqual([])
    expect(await verified(first.run)).toMatchObject({ valid: true, phase: 'rolled_back' })
    expect(await verified(undoing)).toMatchObject({ valid: true, phase: 'merged' })
  })

  it('is not taken back twice, and its rollback is taken back in the same way', async () => {
    await story.lee.says(pullOf(first.view), '/agentos rollback')
    const refused = await story.hears(pullOf(first.view), 'rolled back already')
    expect(refused).toContain(`\`/agentos rollback\` on #&#8203;${pullOf(undone)}`)
    const forth = await rollsBack(pullOf(undone))
    const view = await lands(forth, 'rebase')
    expect(await fileAt(mergeOf(view), 'src/words.js')).toBe(
      BEFORE.replace('old', 'new').replace('the end', 'the end, says Kim'),
    )
    await story.until(undoing, 'rolled_back')
  })
})

it('where nobody changed anything since, the default branch has the former tree again', {
  timeout: 240_000,
}, async () => {
  const tree = (await story.commit((await story.head('main')) ?? ''))['tree']?.['sha']
  const { run, view } = await landed('/agentos plan --recipe add-file path=docs/a.md content=text', 'squash')
  expect(await treesByGuide(run)).toEqual([tree, tree])
  const undone = await lands(await rollsBack(pullOf(view)), 'squash')
  expect((await story.commit(mergeOf(undone)))['tree']?.['sha']).toBe(tree)
  expect(undone['reviewPack']?.['document']?.['undone']).toMatchObject({ restored: ['docs/a.md'], kept: [] })
})

it('a conflict with later changes refuses the rollback with path and lines, and nothing is touched', {
  timeout: 240_000,
}, async () => {
  const { view, issue } = await landed(
    '/agentos plan --recipe replace-text find=says replace=said paths=README.md',
    'squash',
  )
  await story.as('kim').commits('main', 'README.md', '# hello\n\nThis tells old words.\n')
  const head = await story.head('main')
  const run = await rollsBack(pullOf(view))
  const refused = await story.until(run, 'refused')
  expect(refused['end']).toMatchObject({
    rule: 'rollback',
    because: expect.stringContaining('README.md: both sides change the same lines: line 3'),
  })
  expect(String(refused['end']?.['next'])).toContain(`git revert ${mergeOf(view)}`)
  expect(refused['pullRequest']).toBeNull()
  await story.hears(issue, 'later changes are in the way')
  expect(await story.head('main')).toBe(head)
  expect(await breaches(story, head ?? base)).toEqual([])
  expect(await rollsBack(issue)).not.toBe(run)
})

it('a delivered run that is not merged is closed and its branch deleted, and nothing else is touched', {
  timeout: 240_000,
}, async () => {
  const { run, issue } = await story.begins('/agentos plan --recipe add-file path=docs/b.md content=text')
  const proposed = await story.until(run, 'proposed')
  await story.lee.reviews(pullOf(proposed), 'APPROVE')
  await story.until(run, 'delivered')
  const head = await story.head('main')
  await story.lee.says(issue, '/agentos rollback')
  await story.until(run, 'closed')
  expect(await story.pull(pullOf(proposed))).toMatchObject({ state: 'closed', merged: false })
  expect(await story.head(String(proposed['pullRequest']?.['branch']))).toBeUndefined()
  expect(await story.head('main')).toBe(head)
  await story.lee.says(issue, '/agentos rollback')
  expect(await story.hears(issue, '**Not rolled back**')).toContain('nothing of it was merged')
})
