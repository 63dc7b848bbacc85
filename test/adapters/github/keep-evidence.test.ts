import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keepEvidencePerformer } from '../../../src/adapters/github/performers/keep-evidence.ts'
import { memoryLedger } from '../../../src/adapters/ledger/memory.ts'
import { openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { openCheckpoint } from '../../../src/app/checkpoints.ts'
import { controllerKey } from '../../../src/app/evidence/export.ts'
import { keepsakes } from '../../../src/app/evidence/kept-evidence.ts'
import type { Ledger } from '../../../src/app/ledger.ts'
import { logTree } from '../../../src/app/log-tree.ts'
import { TryLater, WillNotWork } from '../../../src/app/ports.ts'
import { verifyEvidence } from '../../../src/app/verify.ts'
import type { EffectBody } from '../../../src/domain/effects.ts'
import { observed, recording } from '../../contracts/ledger-examples.ts'
import { REPO } from '../../demo/a-local-github.ts'
import { controller, RUN } from '../../support/builders.ts'
import { given, ledgerOf, story } from '../../support/given.ts'
import { aGithubApp, KEY, type SignedInApp } from './a-github-app.ts'

const OTHER_KEY = `${RUN}/90/0`
const trust = { open: openEnvelope, trusted: [controllerKey(controller)] }
const { play } = given().when(story.merged)
const delivered: EffectBody<'keep-evidence'> = { phase: 'delivered' }

let app: SignedInApp
let ledger: Ledger
beforeAll(async () => {
  app = await aGithubApp()
})
afterAll(() => app.close())
beforeEach(async () => {
  await app.at.as('lee')('DELETE', `${REPO}/git/refs/agentos/evidence`)
  ledger = await ledgerOf(play)
})

const clock = { now: () => '2026-03-01T09:00:00.000Z' }
const keepsakesOf = (of: Ledger) =>
  keepsakes({ ledger: of, signer: controller, clock, log: logTree(of).now, open: openEnvelope })
const performer = (of = ledger) => keepEvidencePerformer(app.access, keepsakesOf(of))
const intended = (key = KEY, attempt = 1) =>
  app.intended<'keep-evidence'>(delivered, { key, attempt, run: RUN, stream: `run/${RUN}` })
const headNow = async () => (await app.at.app('GET', `${REPO}/git/ref/agentos/evidence`)).json['object']?.['sha']
const commitAt = async (sha: string) => (await app.at.app('GET', `${REPO}/git/commits/${sha}`)).json

async function fileAt(commit: string, path: string): Promise<Uint8Array> {
  const { json } = await app.at.app('GET', `${REPO}/contents/${path}?ref=${commit}`)
  return Buffer.from(String(json['content']), 'base64')
}

async function checkpointAt(commit: string) {
  const opened = openCheckpoint(await fileAt(commit, 'checkpoint.json'), trust)
  if (!opened.ok) throw new Error(opened.refusal)
  return opened.value
}

async function goOn(): Promise<void> {
  const past = await ledger.read('desk/77')
  await ledger.append(recording([observed('desk/77', past.at(-1), { text: `event ${past.length}` })]))
}

describe('the evidence of a run in its repository', () => {
  test('stands on a ref of its own, with the checkpoint that it stands under, and carries the key of its effect', async () => {
    const { result } = await performer()(intended())
    expect(await headNow()).toBe(result.commit)
    const commit = await commitAt(result.commit)
    expect(commit).toMatchObject({ parents: [], verification: { verified: true } })
    expect(String(commit['message'])).toContain(`AgentOS-Step: ${KEY}\nAgentOS-Ledger: ${play.events.length}@`)
    const verified = verifyEvidence(await fileAt(result.commit, `runs/${RUN}.json`), trust)
    const { size, root } = await checkpointAt(result.commit)
    expect(verified).toMatchObject({ valid: true, run: RUN, log: { size, root } })
    expect(app.sentWrong()).toEqual([])
  })

  test('is followed by the next, whose checkpoint proves that the log only grew since', async () => {
    const first = await performer()(intended())
    await goOn()
    const second = await performer()(intended(OTHER_KEY))
    expect(await commitAt(second.result.commit)).toMatchObject({ parents: [{ sha: first.result.commit }] })
    const { size, root } = await checkpointAt(first.result.commit)
    expect(await checkpointAt(second.result.commit)).toMatchObject({ size: size + 1, since: { size, root } })
  })

  test.each(['/git/blobs', '/git/commits', '/git/refs'])(
    'is there once when the answer to %s was lost',
    async (path) => {
      const isIt = (asked: { method: string; path: string }) =>
        asked.method === 'POST' && asked.path === `${REPO}${path}`
      app.at.github.fault(isIt, 'close-after', 1)
      await expect(performer()(intended())).rejects.toBeInstanceOf(TryLater)
      const { result } = await performer()(intended(KEY, 2))
      expect(await headNow()).toBe(result.commit)
      expect((await commitAt(result.commit))['parents']).toEqual([])
    },
  )

  test('is found again though others pushed on top of it since', async () => {
    const first = await performer()(intended())
    await performer()(intended(OTHER_KEY))
    const head = await headNow()
    expect((await performer()(intended(KEY, 2))).result).toEqual(first.result)
    expect(await headNow()).toBe(head)
  })

  test('of two runs at once is pushed one after the other, and neither is lost', async () => {
    const perform = performer()
    const [one, two] = await Promise.all([perform(intended()), perform(intended(OTHER_KEY))])
    const head = String(await headNow())
    expect([one.result.commit, two.result.commit]).toContain(head)
    const parents = (await commitAt(head))['parents']
    expect([one.result.commit, two.result.commit]).toContain(String(parents?.[0]?.['sha']))
  })

  test('is not pushed from a log that does not begin with what was signed before', async () => {
    await goOn()
    await performer()(intended())
    const head = await headNow()
    const rewritten = memoryLedger().ledger
    await rewritten.append(recording([observed('desk/77', undefined, { text: 'another past' })]))
    const blobs = [...play.shelf.blobs].map(([sha256, bytes]) => ({ sha256, bytes }))
    const expect0 = [{ stream: `run/${RUN}` as const, seq: 0 }]
    await rewritten.append({ expect: expect0, events: play.events, effects: [], blobs })
    const pushing = performer(rewritten)(intended(OTHER_KEY))
    await expect(pushing).rejects.toThrow(/rewritten/)
    await expect(pushing).rejects.toBeInstanceOf(WillNotWork)
    expect(await headNow()).toBe(head)
  })

  test('goes on from what somebody else put there, and proves nothing about it', async () => {
    const tree = (
      await app.at.as('lee')('POST', `${REPO}/git/trees`, {
        tree: [{ path: 'checkpoint.json', mode: '100644', type: 'blob', content: '{}' }],
      })
    ).json['sha']
    const commit = (await app.at.as('lee')('POST', `${REPO}/git/commits`, { message: 'Mine', tree, parents: [] })).json[
      'sha'
    ]
    await app.at.as('lee')('POST', `${REPO}/git/refs`, { ref: 'refs/agentos/evidence', sha: commit })
    const { result } = await performer()(intended())
    expect(await commitAt(result.commit)).toMatchObject({ parents: [{ sha: commit }] })
    expect((await checkpointAt(result.commit)).since).toBeNull()
  })
})
