import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEnvelope } from '../../src/adapters/signing/ed25519.ts'
import { verifyEvidence } from '../../src/app/verify.ts'
import { TrustedKeys } from '../../src/domain/evidence.ts'
import type { Json } from '../demo/a-local-github.ts'
import { emptyReply, responsesAnswer, type ScriptedModel, scriptedModel } from '../support/scripted-model.ts'
import { aStory, REPO, type Story } from '../support/story/a-story.ts'

/** A model that rests its one edit on a file that it only reads. */
const planned = JSON.stringify({
  ...emptyReply,
  edits: [{ is: 'replace', path: 'src/words.js', search: "'old'", replace: "'fresh'" }],
  reads: ['NOTES.md'],
  verify: [{ command: 'npm test', criteria: [] }],
})

let model: ScriptedModel
let story: Story
beforeAll(async () => {
  model = await scriptedModel(() => responsesAnswer(planned))
  story = await aStory({
    env: { OPENAI_BASE_URL: model.baseURL, OPENAI_API_KEY: 'sk-of-the-operator', AGENTOS_MODEL: 'scripted' },
    files: {
      'README.md': '# hello\n\nThis says old words.\n\nGood bye.\n',
      'NOTES.md': 'what the model reads\n',
      'package.json': '{"name":"demo","version":"1.0.0","scripts":{"test":"node --test"}}\n',
      'src/words.js': "exports.word = 'old'\n",
      'test/words.test.js':
        "const test = require('node:test')\nconst assert = require('node:assert')\ntest('words', () => assert.ok(require('../src/words.js').word))\n",
    },
  })
}, 300_000)
afterAll(async () => {
  await story.close()
  await model.close()
})

type Proposed = { readonly run: string; readonly issue: number; readonly number: number; readonly view: Json }

async function proposed(command: string): Promise<Proposed> {
  const { run, issue } = await story.begins(command)
  const view = await story.until(run, 'proposed')
  return { run, issue, number: Number(view['pullRequest']?.['number']), view }
}

async function cardOf({ issue }: Proposed): Promise<string> {
  return (await story.comments(issue)).find((text) => text.includes('<!-- agentos:card')) ?? ''
}

async function merges(number: number): Promise<void> {
  const merge = await story.lee.does('PUT', `${REPO}/pulls/${number}/merge`, { merge_method: 'squash' })
  expect(merge.status).toBe(200)
}

function typesIn(view: Json): readonly string[] {
  return [...(view['timeline'] ?? [])].map((event) => String(event['type']))
}

async function isVerified({ run }: Proposed): Promise<unknown> {
  const keys = await (await story.stage.ask('/.well-known/agentos/keys.json')).text()
  const bytes = new Uint8Array(await (await story.stage.ask(`/api/runs/${run}/evidence`)).arrayBuffer())
  return verifyEvidence(bytes, { open: openEnvelope, trusted: TrustedKeys.parse(JSON.parse(keys)).keys })
}

async function fileOn(branch: string, path: string): Promise<string> {
  const { json } = await story.lee.does('GET', `${REPO}/contents/${path}?ref=${branch}`)
  return Buffer.from(String(json['content']), 'base64').toString()
}

describe('two runs on one file', { timeout: 240_000 }, () => {
  let first: Proposed
  let second: Proposed

  it('let the second wait, and its card says for whom, while the first is not merged', async () => {
    first = await proposed('/agentos plan --recipe replace-text find=old replace=new paths=README.md')
    second = await proposed('/agentos plan --recipe replace-text find=hello replace=welcome paths=README.md')
    await story.lee.reviews(first.number, 'APPROVE')
    await story.until(first.run, 'delivered')
    await story.lee.reviews(second.number, 'APPROVE')
    await story.until(second.run, 'waiting_for_lock')
    expect(await cardOf(second)).toContain(`run \`${first.run}\` (#${first.number}) holds \`path:README.md\` since`)
    expect(await cardOf(second)).toContain('first in line')
  })

  it('wake the second by the merge, rebase it, try it again and ask for approval of what differs', async () => {
    await merges(first.number)
    const view = await story.until(second.run, 'proposed')
    expect(typesIn(view)).toEqual(expect.arrayContaining(['LockFreed', 'RunRebased', 'MemoryPinned', 'PlanFrozen']))
    expect(typesIn(view)).not.toContain('TimerFired')
    expect(typesIn(view)).not.toContain('ApprovalsCarried')
    const plan = await story.hears(second.number, '**Rebased** onto')
    expect(plan).toContain('approved anew')
    expect(plan).toContain('README.md')
    const { json } = await story.lee.does('GET', `${REPO}/pulls/${second.number}`)
    expect(String(json['head']?.['sha'])).toBe(String(view['proposed']?.['commit']))
  })

  it('deliver the second only once it is approved again, on top of what the first brought', async () => {
    const before = await story.settled(second.run)
    await story.lee.reviews(second.number, 'APPROVE', String(second.view['proposed']?.['commit']))
    await story.hears(second.number, 'This review does not count as an approval')
    expect((await story.settled(second.run))['phase']).toBe('proposed')
    await story.lee.reviews(second.number, 'APPROVE')
    const view = await story.until(second.run, 'delivered')
    expect(view['approvals']).toMatchObject([{ commit: before['proposed']?.['commit'] }])
    expect(await fileOn(String(view['pullRequest']?.['branch']), 'README.md')).toBe(
      '# welcome\n\nThis says new words.\n\nGood bye.\n',
    )
    expect(await isVerified(second)).toMatchObject({ valid: true })
    await merges(second.number)
    await story.until(second.run, 'merged')
  })
})

describe('a base that moved only at a path that the plan reads', { timeout: 240_000 }, () => {
  it('is followed without a second approval, and the card, the plan and the commit say so', async () => {
    const reading = await proposed('/agentos plan Say a fresh word in src/words.js')
    await story.lee.commits('main', 'NOTES.md', 'what the model reads, changed\n')
    await story.lee.reviews(reading.number, 'APPROVE')
    const view = await story.until(reading.run, 'delivered')
    expect(typesIn(view)).toEqual(expect.arrayContaining(['RunRebased', 'ApprovalsCarried']))
    expect(typesIn(view).filter((type) => type === 'ApprovalCounted')).toHaveLength(1)
    const old = String(reading.view['proposed']?.['commit'])
    expect(await story.hears(reading.number, '**Rebased** onto')).toContain(
      `1 approval given on \`${old.slice(0, 10)}\` counts on.`,
    )
    const commit = await story.commit(String(view['delivered']?.['commit']))
    expect(String(commit['message'])).toContain(`Approved-by: @lee (on ${old.slice(0, 10)}, the same change on an`)
    expect(commit['parents']?.map((parent) => String(parent['sha']))).toEqual([await story.head('main')])
    expect(await isVerified(reading)).toMatchObject({ valid: true })
    expect(story.faults).toEqual([])
  })
})

describe('unlock over the pull request', { timeout: 240_000 }, () => {
  it('is refused to a writer, and by a maintainer frees the paths with its reason on both sides', async () => {
    const holder = await proposed('/agentos plan --recipe replace-text find=bye replace=night paths=README.md')
    await story.lee.reviews(holder.number, 'APPROVE')
    await story.until(holder.run, 'delivered')
    const waiting = await proposed('/agentos plan --recipe replace-text find=says replace=tells paths=README.md')
    await story.lee.reviews(waiting.number, 'APPROVE')
    await story.until(waiting.run, 'waiting_for_lock')
    await story.ana.says(holder.number, '/agentos unlock I want mine first')
    expect(await story.hears(holder.number, '**Not unlocked**')).toContain('needs maintain')
    await story.lee.says(holder.number, '/agentos unlock Nobody merges this week')
    expect(await story.hears(holder.number, '**Unlocked** by @lee')).toContain('Nobody merges this week')
    expect(await story.hears(waiting.number, `**Run \`${holder.run}\` was unlocked** by @lee`)).toContain(
      'Nobody merges this week',
    )
    await story.until(waiting.run, 'delivered')
    expect((await story.settled(holder.run))['phase']).toBe('delivered')
  })
})
