import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEnvelope } from '../../src/adapters/signing/ed25519.ts'
import { verifyEvidence } from '../../src/app/verify.ts'
import { TrustedKeys } from '../../src/domain/evidence.ts'
import { git, type Json } from '../demo/a-local-github.ts'
import { aStory, type Begun, type Story } from '../support/story/a-story.ts'
import { breaches } from '../support/story/breaches.ts'
import { performedKeys, visibleKeys } from '../support/story/traces.ts'

const PLAN = '/agentos plan --recipe replace-text find=old replace=new paths='
let story: Story
let begun: Begun
let view: Json
let number = 0
let base = ''
const modes = () => story.stage.runner.jobs.map(({ inputs }) => inputs['mode'])

beforeAll(async () => {
  story = await aStory({ light: true })
  base = await git(story.source, 'rev-parse', 'HEAD')
}, 300_000)
afterAll(() => story.close())

describe('a small change of text under the shipped policy', { timeout: 300_000 }, () => {
  it('is proposed in the light lane, and the plan says that no second job follows', async () => {
    begun = await story.begins(`${PLAN}**`)
    view = await story.until(begun.run, 'proposed')
    number = Number(view['pullRequest']?.['number'])
    expect(view['plan']?.['document']?.['lane']).toBe('light')
    const plan = await story.hears(number, '**Plan `')
    expect(plan).toMatch(/Lane light.*no second job, the checks of the dry run of \S+Z stand/)
    expect(plan).toContain('exactly these bytes land at once, or nothing')
  })

  it('is committed on the approval, with the one job that tried it', async () => {
    expect((await story.lee.reviews(number, 'APPROVE')).status).toBe(200)
    view = await story.until(begun.run, 'delivered')
    const commit = await story.commit(String(view['delivered']?.['commit']))
    expect(commit['tree']?.['sha']).toBe(view['plan']?.['document']?.['predictedTree'])
    expect(commit['parents']?.map((parent) => String(parent['sha']))).toEqual([base])
    expect(String(commit['message'])).toContain('Approved-by: @lee')
    expect(modes()).toEqual(['dry-run'])
    const steps = [...(view['steps'] ?? [])].map((step) => String(step['job']))
    expect(new Set(steps)).toEqual(new Set(['dry-run']))
  })

  it('says in its ReviewPack and card since when the checks stand', async () => {
    const checks = await story.checks(String(view['delivered']?.['commit']))
    const review = checks.find((check) => String(check['name']) === 'agentos/review')
    expect(String(review?.['output']?.['summary'])).toMatch(
      /\*\*Light lane\*\*: no second job; the checks of the dry run of/,
    )
    const cards = (await story.comments(begun.issue)).filter((text) => text.includes('<!-- agentos:card'))
    expect(cards.join()).toMatch(/signed receipts of the dry run of \S+Z; no second job/)
  })

  it('gives evidence that holds offline under the pinned key', async () => {
    const evidence = new Uint8Array(await (await story.stage.ask(`/api/runs/${begun.run}/evidence`)).arrayBuffer())
    const keys: Json = JSON.parse(await (await story.stage.ask('/.well-known/agentos/keys.json')).text())
    const trust = { open: openEnvelope, trusted: TrustedKeys.parse(keys).keys }
    expect(verifyEvidence(evidence, trust)).toMatchObject({ valid: true, phase: 'delivered', grants: 1, approvals: 1 })
  })

  it('shows every effect under the key that its account lists, each once, and kept every promise', async () => {
    const keys = await visibleKeys(story, view)
    expect(performedKeys(view).filter((key) => !keys.includes(key))).toEqual([])
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([])
    expect(await breaches(story, base)).toEqual([])
  })

  it('is executed by a job where it touches a manifest, and the card says why', async () => {
    const other = await story.begins(
      '/agentos plan --recipe replace-text find=1.0.0 replace=1.0.1 paths=package.json',
      { title: 'A new version' },
    )
    const proposed = await story.until(other.run, 'proposed')
    expect(proposed['plan']?.['document']?.['lane']).toBe('standard')
    const cards = (await story.comments(other.issue)).filter((text) => text.includes('<!-- agentos:card'))
    expect(cards.join()).toMatch(/lane standard\. It is not the light lane: .*package\.json/)
    await story.lee.reviews(Number(proposed['pullRequest']?.['number']), 'APPROVE')
    await story.until(other.run, 'delivered')
    expect(modes()).toEqual(['dry-run', 'dry-run', 'execute'])
  })
})
