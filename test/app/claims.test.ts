import { expect, test } from 'vitest'
import { memoryLedger } from '../../src/adapters/ledger/memory.ts'
import { renderDiff } from '../../src/adapters/rendering/diff-text.ts'
import { freshSigner, keyidOf, openEnvelope } from '../../src/adapters/signing/ed25519.ts'
import { jobDesk } from '../../src/app/claims.ts'
import { journal } from '../../src/app/journal.ts'
import { signGrantWith } from '../../src/app/sign-grant.ts'
import { sha256Hex } from '../../src/domain/hash.ts'
import { runStream } from '../../src/domain/ids.ts'
import { type AttestedJob, jobAudience } from '../../src/domain/job.ts'
import { ok } from '../../src/domain/result.ts'
import { chain } from '../../src/domain/run/envelope.ts'
import type { JobClaims } from '../../src/domain/run/inputs.ts'
import { told } from '../../src/domain/run/state.ts'
import { ana, BASE_TREE, controller, RUN, runner } from '../support/builders.ts'
import { given, JOB, type Scene, stopAsked, story } from '../support/given.ts'
import { plainFilter } from '../support/plain-filter.ts'

const publicUrl = 'https://agentos.example'
const GRANT = `${RUN}-1`
const workflow = told(JOB, 'the job').workflowRef

/** The controller's side of a run that is where the scenes lead, and the tokens that jobs come with. */
async function aDesk(...scenes: readonly Scene[]) {
  const { play } = given(...scenes).when()
  const { ledger, queue } = memoryLedger()
  const opened = { run: RUN, issue: 12, requester: ana.id }
  const desk = chain('desk/10', undefined, [
    { kind: 'decision', type: 'RunOpened', v: 1, data: opened, by: 'agentos', at: play.now },
  ])
  await ledger.append({
    expect: [
      { stream: runStream(RUN), seq: 0 },
      { stream: 'desk/10', seq: 0 },
    ],
    events: [...play.events, ...desk],
    effects: [],
    blobs: [...play.shelf.blobs].map(([sha256, bytes]) => ({ sha256, bytes })),
  })
  const tokens = new Map<string, AttestedJob>()
  const token = (publicKey: string, changes: Partial<JobClaims> = {}) => {
    const claims = { ...told(JOB, 'the job'), ...changes }
    const audience = jobAudience(publicUrl, keyidOf(publicKey) ?? '')
    tokens.set(String(tokens.size), { claims, eventName: 'workflow_dispatch', audience })
    return String(tokens.size - 1)
  }
  const jobs = jobDesk({
    ledger,
    journal: journal({ ledger, queue }),
    attest: (text) => Promise.resolve(ok(tokens.get(text) ?? null)),
    open: openEnvelope,
    keyidOf,
    signGrant: signGrantWith(controller),
    readerFor: () => ({
      treeOf: () => Promise.resolve(BASE_TREE),
      entries: () => Promise.resolve([]),
      blobs: () => Promise.resolve(new Map()),
    }),
    render: renderDiff,
    filter: plainFilter,
    clock: { now: () => play.now },
    expected: {
      issuer: told(JOB, 'the job').issuer,
      publicUrl,
      trusted: [{ workflow, sha: null }],
      botId: () => Promise.resolve(told(JOB, 'the job').actorId),
    },
  })
  return { jobs, token, recorded: async () => (await ledger.read(runStream(RUN))).length }
}

test('a claimed Grant is answered again to its own job alone', async () => {
  const { jobs, token } = await aDesk(story.dryRun)
  const claim = { grant: GRANT, effect: `${RUN}/1/0`, publicKey: runner.publicKey }
  expect(await jobs.claim(token(runner.publicKey), claim)).toMatchObject({ ok: true })
  const others = [
    token(freshSigner().publicKey),
    token(runner.publicKey, { repositoryId: '66' }),
    token(runner.publicKey, { workflowRef: 'evil/x/.github/workflows/agentos.yml@v1' }),
  ]
  for (const other of others)
    expect(await jobs.claim(other, claim)).toMatchObject({ ok: false, refusal: { status: 403 } })
})

test('what a job of another repository tries is refused and not written into the run', async () => {
  const { jobs, token, recorded } = await aDesk(story.asked)
  const before = await recorded()
  const { publicKey } = freshSigner()
  const claim = { grant: GRANT, effect: `${RUN}/1/0`, publicKey }
  const refused = await jobs.claim(token(publicKey, { repositoryId: '66', repositoryOwnerId: '67' }), claim)
  expect(refused).toMatchObject({ ok: false, refusal: { status: 403 } })
  expect(await recorded()).toBe(before)
})

test('a job stores no more than its steps may bring forth, and nothing once its run has ended', async () => {
  const { jobs, token } = await aDesk(story.dryRun)
  const session = token(runner.publicKey)
  const store = (size: number, first: number) => {
    const bytes = new Uint8Array(size).fill(first)
    return jobs.storeBlob(session, sha256Hex(bytes), bytes)
  }
  expect(await store(1000, 1)).toMatchObject({ ok: true })
  const answers = []
  for (let first = 2; first < 40; first += 1) answers.push((await store(8 * 1024 * 1024, first)).ok)
  expect(answers).toContain(true)
  expect(answers.at(-1)).toBe(false)
  expect(await store(1000, 1)).toMatchObject({ ok: true })
  const ended = await aDesk(story.dryRun, stopAsked())
  const bytes = new Uint8Array(3)
  expect(await ended.jobs.storeBlob(ended.token(runner.publicKey), sha256Hex(bytes), bytes)).toMatchObject({
    ok: false,
  })
})
