import { expect, test } from 'vitest'
import { freshSigner } from '../../src/adapters/signing/ed25519.ts'
import { sha256Hex } from '../../src/domain/hash.ts'
import { aJobDesk } from '../support/a-job-desk.ts'
import { RUN, runner } from '../support/builders.ts'
import { stopAsked, story } from '../support/given.ts'

const GRANT = `${RUN}-1`

test('a claimed Grant is answered again to its own job alone', async () => {
  const { jobs, token } = await aJobDesk(story.dryRun)
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
  const { jobs, token, recorded } = await aJobDesk(story.asked)
  const before = (await recorded()).length
  const { publicKey } = freshSigner()
  const claim = { grant: GRANT, effect: `${RUN}/1/0`, publicKey }
  const refused = await jobs.claim(token(publicKey, { repositoryId: '66', repositoryOwnerId: '67' }), claim)
  expect(refused).toMatchObject({ ok: false, refusal: { status: 403 } })
  expect((await recorded()).length).toBe(before)
})

test('a job stores no more than its steps may bring forth, and nothing once its run has ended', async () => {
  const { jobs, token } = await aJobDesk(story.dryRun)
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
  const ended = await aJobDesk(story.dryRun, stopAsked())
  const bytes = new Uint8Array(3)
  expect(await ended.jobs.storeBlob(ended.token(runner.publicKey), sha256Hex(bytes), bytes)).toMatchObject({
    ok: false,
  })
})
