import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEnvelope } from '../../src/adapters/signing/ed25519.ts'
import { openCheckpoint } from '../../src/app/checkpoints.ts'
import { verifyEvidence } from '../../src/app/verify.ts'
import { TrustedKeys } from '../../src/domain/evidence.ts'
import { git, type Json } from '../demo/a-local-github.ts'
import { APP_LOGIN, aStory, type Begun, REPO, type Story } from '../support/story/a-story.ts'
import { breaches } from '../support/story/breaches.ts'
import { performedKeys, visibleKeys } from '../support/story/traces.ts'

const run = promisify(execFile)
let story: Story
let begun: Begun
let view: Json
let number = 0
let branch = ''
let base = ''
let planCommit = ''
let delivery = ''
let merged = ''
let anchor = ''
let clone = ''

beforeAll(async () => {
  story = await aStory({
    files: {
      'README.md': '# hello\n\nThis says old words.\n',
      'package.json': '{"name":"demo","version":"1.0.0","scripts":{"test":"node --test"}}\n',
      'src/words.js': "exports.word = 'old'\n",
      'test/words.test.js':
        "const test = require('node:test')\nconst assert = require('node:assert')\ntest('words', () => assert.ok(require('../src/words.js').word))\n",
      '.github/CODEOWNERS': '* @lee\n',
    },
  })
  base = await git(story.source, 'rev-parse', 'HEAD')
}, 300_000)
afterAll(() => story.close())

/** The last block of a commit's message, name by name. */
function trailers(message: string): Readonly<Record<string, string>> {
  const last = message.trimEnd().split('\n\n').at(-1) ?? ''
  return Object.fromEntries(
    [...last.matchAll(/^([A-Za-z0-9-]+): (.+)$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
}

/** What `agentos verify` says under the server's keys. */
async function verified(args: readonly string[]): Promise<unknown> {
  const cli = new URL('../../src/entry/cli.ts', import.meta.url).pathname
  const env = {
    PATH: process.env['PATH'] ?? '',
    GITHUB_API_URL: story.stage.github.url,
    GITHUB_TOKEN: story.stage.github.token('lee'),
  }
  const line = [cli, 'verify', ...args, '--trust', join(story.dir, 'keys.json'), '--json']
  return new Promise((resolve) =>
    execFile(process.execPath, line, { env }, (_error, stdout) => resolve(JSON.parse(stdout))),
  )
}

async function card(): Promise<string> {
  const cards = (await story.comments(begun.issue)).filter((text) => text.includes('<!-- agentos:card'))
  expect(cards).toHaveLength(1)
  return cards[0] ?? ''
}

describe('the story of one run', { timeout: 300_000 }, () => {
  it('puts eyes on the request and one card on the issue before anything else', async () => {
    const issue = await story.ana.opens('Say new words', 'Replace old by new, everywhere.')
    const comment = await story.ana.says(issue, '/agentos plan --recipe replace-text find=old replace=new paths=**')
    await story.eventually('eyes', async () => (await story.reactions(comment)).includes('eyes') || undefined)
    const found = await story.eventually('a run', async () => {
      const list: Json = JSON.parse(await (await story.stage.ask('/api/runs')).text())
      return list['runs']?.[0]?.['run']
    })
    begun = { issue, comment, run: String(found) }
    const posts = story.stage.github.requests.filter(
      ({ actor, method, path }) => actor === APP_LOGIN && method === 'POST' && path.startsWith(REPO),
    )
    expect(posts[0]?.path).toBe(`${REPO}/issues/comments/${comment}/reactions`)
  })

  it('opens a draft pull request, tries the draft in a job, and proposes a commit that is the predicted tree', async () => {
    view = await story.until(begun.run, 'proposed')
    number = Number(view['pullRequest']?.['number'])
    branch = String(view['pullRequest']?.['branch'])
    planCommit = String(view['proposed']?.['commit'])
    const pull = await story.pull(number)
    expect(pull).toMatchObject({
      draft: true,
      state: 'open',
      base: { ref: 'main' },
      head: { ref: branch, sha: planCommit },
    })
    const commit = await story.commit(planCommit)
    expect(commit['tree']?.['sha']).toBe(view['proposed']?.['tree'])
    expect(commit['tree']?.['sha']).toBe(view['plan']?.['document']?.['predictedTree'])
    expect(commit['parents']?.map((parent) => String(parent['sha']))).toEqual([base])
    const message = String(commit['message'])
    expect(message.trimEnd().endsWith('\nskip-checks: true')).toBe(true)
    expect(message).toContain(`AgentOS-Plan: ${String(view['plan']?.['hash'])}`)
    expect(message).not.toContain('Approved-by')
    expect(story.stage.runner.jobs.map(({ inputs }) => inputs['mode'])).toEqual(['dry-run'])
  })

  it('says the binding plan in a check that needs action, repeats it once, and asks the code owner', async () => {
    const plan = (await story.checks(planCommit)).filter((check) => String(check['name']) === 'agentos/plan')
    expect(plan).toMatchObject([{ status: 'completed', conclusion: 'action_required' }])
    expect(String(plan[0]?.['output']?.['summary'])).toContain(String(view['plan']?.['hash']))
    expect(String(plan[0]?.['output']?.['text'])).toContain("+exports.word = 'new'")
    const said = (await story.comments(number)).filter((text) => text.includes('**Plan `'))
    expect(said).toHaveLength(1)
    const reviewers = (await story.pull(number))['requested_reviewers']?.map((person) => String(person['login']))
    expect(reviewers).toEqual(['lee'])
    expect(await story.labels(number)).toContain('agentos:review')
    expect(await card()).toContain('**Plan ready, waiting for approval**')
  })

  it('does not take the requester’s approval, nor that of a reader, nor one given on another commit', async () => {
    await story.ana.reviews(number, 'APPROVE')
    await story.eventually('a word to the requester', async () =>
      (await story.comments(number)).find((text) => text.includes('the requester cannot approve their own request')),
    )
    await story.rea.reviews(number, 'APPROVE')
    await story.eventually('a word to the reader', async () =>
      (await story.comments(number)).find((text) => text.includes('approving needs write, the reviewer has read')),
    )
    await story.lee.reviews(number, 'APPROVE', String((await story.commit(planCommit))['parents']?.[0]?.['sha']))
    view = await story.settled(begun.run)
    expect(String(view['phase'])).toBe('proposed')
    expect(story.stage.runner.jobs).toHaveLength(1)
    expect(await story.head(branch)).toBe(planCommit)
    expect(await breaches(story, base)).toEqual([])
  })

  it('executes what Lee approved and delivers that very tree as one commit with every trailer', async () => {
    const review = await story.lee.reviews(number, 'APPROVE')
    expect(review.status).toBe(200)
    view = await story.until(begun.run, 'delivered')
    delivery = String(view['delivered']?.['commit'])
    expect(await story.head(branch)).toBe(delivery)
    const commit = await story.commit(delivery)
    expect(commit['tree']?.['sha']).toBe((await story.commit(planCommit))['tree']?.['sha'])
    expect(commit['parents']?.map((parent) => String(parent['sha']))).toEqual([base])
    const message = String(commit['message'])
    expect(message).not.toContain('skip-checks')
    expect(trailers(message)).toMatchObject({
      'AgentOS-Run': begun.run,
      'AgentOS-Intent': expect.stringMatching(/^[0-9a-f]{64}$/),
      'AgentOS-Plan': view['plan']?.['hash'],
      'AgentOS-Step': expect.stringMatching(new RegExp(`^${begun.run}/\\d+/\\d+$`)),
      'AgentOS-Diff-SHA256': view['delivered']?.['diffSha256'],
      'AgentOS-Manifest': view['manifest'],
      'AgentOS-Ledger': expect.stringMatching(/^\d+@[0-9a-f]{64}$/),
      'AgentOS-Drafted-by': expect.stringMatching(/^recipe replace-text@1/),
      'Requested-by': '@ana',
      'Approved-by': '@lee',
      'Co-authored-by': expect.stringContaining('ana <'),
    })
    expect(story.stage.runner.jobs.map(({ inputs }) => inputs['mode'])).toEqual(['dry-run', 'execute'])
  })

  it('shows both checks as passed on the delivered commit and marks the pull request ready', async () => {
    const checks = await story.checks(delivery)
    expect(new Map(checks.map((check) => [String(check['name']), String(check['conclusion'])]))).toEqual(
      new Map([
        ['agentos/plan', 'success'],
        ['agentos/review', 'success'],
      ]),
    )
    expect(checks).toHaveLength(2)
    expect((await story.pull(number))['draft']).toBe(false)
    expect(await story.labels(number)).toEqual([])
    expect(await card()).toContain('**Delivered**')
    expect(await story.reactions(begun.comment)).toContain('rocket')
  })

  it('never approves anything in its own name', () => {
    const reviews = story.stage.github.requests.filter(
      ({ actor, method, path }) => actor === APP_LOGIN && method !== 'GET' && /\/reviews/.test(path),
    )
    expect(reviews).toEqual([])
    const mutations = story.stage.github.requests.filter(({ actor, path, body }) =>
      actor === APP_LOGIN && path === '/graphql' ? /PullRequestReview/.test(JSON.stringify(body)) : false,
    )
    expect(mutations).toEqual([])
  })

  it('records what landed when Lee squashes, and that it is what was approved', async () => {
    const merge = await story.lee.does('PUT', `${REPO}/pulls/${number}/merge`, { merge_method: 'squash' })
    expect(merge.status).toBe(200)
    merged = String(merge.json['sha'])
    view = await story.until(begun.run, 'merged')
    expect(view['merged']).toMatchObject({ commit: merged, same: true, traced: true })
    expect(await card()).toContain('what landed is what was approved')
    expect(trailers(String((await story.commit(merged))['message']))['AgentOS-Plan']).toBe(
      String(view['plan']?.['hash']),
    )
  })

  it('answers a reader why a step is there, and proves the run with links to review and commit', async () => {
    await story.rea.says(number, '/agentos why nothing-such')
    expect(await story.hears(number, 'has no step `nothing-such`')).toContain('/agentos why STEP')
    await story.rea.says(number, '/agentos prove')
    const proof = await story.hears(number, '**Proof of run')
    expect(proof).toContain(`${story.stage.github.url}/acme/demo/pull/${number}#pullrequestreview-`)
    expect(proof).toContain(`${story.stage.github.url}/acme/demo/commit/${delivery}`)
    anchor = / --anchor (\S+)/.exec(proof)?.[1] ?? ''
    view = await story.until(begun.run, 'merged')
  })

  it('shows every effect under the key that its account lists, each once', async () => {
    const keys = await visibleKeys(story, view)
    const performed = performedKeys(view)
    // The review check tells the merge by now, under the key of the effect that did it.
    expect(performed.filter((key) => !keys.includes(key)).length).toBeLessThanOrEqual(1)
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([])
    const listed = (view['effects'] ?? []).map((effect) => String(effect['key']))
    expect(keys.filter((key) => !listed.includes(key))).toEqual([])
  })

  it('states a diff hash that git itself comes to in a clone', async () => {
    clone = await mkdtemp(join(tmpdir(), 'a-clone-'))
    const url = story.stage.github
      .cloneUrl('acme', 'demo')
      .replace('http://', `http://x:${story.stage.github.token('lee')}@`)
    await run('git', ['clone', '--quiet', url, clone])
    await run('git', ['-C', clone, 'fetch', '--quiet', 'origin', delivery])
    const options = { encoding: 'buffer' as const }
    const { stdout } = await run(
      'git',
      ['-C', clone, 'diff-tree', '-r', '-z', '--no-renames', '--full-index', base, delivery],
      options,
    )
    expect(createHash('sha256').update(stdout).digest('hex')).toBe(String(view['delivered']?.['diffSha256']))
  })

  it('leaves a clone that proves itself, and whose approvals GitHub has on record', async () => {
    const ref = 'refs/agentos/evidence'
    const keys = await (await story.stage.ask('/.well-known/agentos/keys.json')).text()
    await writeFile(join(story.dir, 'keys.json'), keys)
    expect(await verified(['--repo', clone])).toMatchObject({ error: { exit: 5, rule: 'evidence' } })
    await git(clone, 'fetch', '--quiet', 'origin', `${ref}:${ref}`)
    await git(clone, 'pull', '--quiet')
    expect(await verified(['--repo', clone, '--online'])).toMatchObject({
      valid: true,
      clone: { trust: 'pinned', runs: [{ run: begun.run, phase: 'merged', is: 'merged', commit: merged }], faults: [] },
      online: [{ run: begun.run, number, reviews: [{ is: 'matches' }] }],
    })
    const check = (await story.checks(delivery)).find((one) => String(one['name']) === 'agentos/review')
    expect(check?.['output']?.['title']).toBe('Merged')
    const [, file = ''] = /```json\n(.+)\n```/.exec(String(check?.['output']?.['text'])) ?? []
    const trust = { open: openEnvelope, trusted: TrustedKeys.parse(JSON.parse(keys)).keys }
    expect(openCheckpoint(Buffer.from(file), trust)).toMatchObject({ ok: true })
    await rm(clone, { recursive: true, force: true })
  })

  it('gives evidence that holds offline under the pinned key, and decides the same again', async () => {
    const evidence = new Uint8Array(await (await story.stage.ask(`/api/runs/${begun.run}/evidence`)).arrayBuffer())
    const answer = await story.stage.ask('/.well-known/agentos/keys.json')
    expect(answer.headers.get('keep-alive')).toBe('timeout=65')
    const keys: Json = JSON.parse(await answer.text())
    const pinned = TrustedKeys.parse(keys).keys
    expect(pinned[0]?.publicKey).toBe(story.stage.publicKey)
    const trust = { open: openEnvelope, trusted: pinned }
    expect(verifyEvidence(evidence, trust)).toMatchObject({
      valid: true,
      phase: 'merged',
      trust: 'pinned',
      approvals: 1,
      delivered: { commit: delivery },
      merged,
    })
    const [seq = '', hash = ''] = anchor.split('@')
    const told = (at: string) => verifyEvidence(evidence, { ...trust, anchor: { seq: Number(seq), hash: at } })
    expect([told(hash), told('0'.repeat(64))]).toMatchObject([{ valid: true }, { valid: false }])
    const changed = Uint8Array.from(evidence)
    const at = Math.floor(changed.length / 2)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(verifyEvidence(changed, trust)).toMatchObject({ valid: false })
  })

  it('kept every promise on the way', async () => {
    expect(await breaches(story, merged)).toEqual([])
  })
})
