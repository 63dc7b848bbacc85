import { afterEach, describe, expect, it } from 'vitest'
import { sealStatement } from '../../../src/app/runner/statements.ts'
import { Envelope } from '../../../src/domain/dsse.ts'
import { Grant } from '../../../src/domain/grant.ts'
import { hashOf } from '../../../src/domain/hash.ts'
import { readDocument, toDocument } from '../../../src/domain/packs/documents.ts'
import { Plan } from '../../../src/domain/packs/plan.ts'
import { readPredicate } from '../../../src/domain/packs/receipts.ts'
import { DELIVERY_TYPE, Delivery, STEP_RECEIPT_TYPE, StepReceipt } from '../../../src/domain/receipt.ts'
import { told } from '../../../src/domain/run/state.ts'
import { observed, recording } from '../../contracts/ledger-examples.ts'
import { aJobDesk } from '../../support/a-job-desk.ts'
import { jobAccount, RUN, runner, stranger } from '../../support/builders.ts'
import { handedOver, type Scene, stopAsked, story } from '../../support/given.ts'
import { aWebServer } from './a-web-server.ts'

const GRANT = `${RUN}-2`
const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

/** The routes of `/api/runner/` before a run whose execution was claimed, and what its job has to hand over. */
async function executing(...more: readonly Scene[]) {
  const desk = await aJobDesk(story.executing, ...more)
  const { url, close } = await aWebServer({ desk: desk.jobs })
  open.push(close)
  const { shelf, state } = desk.play
  const grant = readDocument(shelf.documents, told(state.grants.at(-1) ?? null, 'the Grant').document, Grant)
  const { steps } = readDocument(shelf.documents, grant.subject.hash, Plan)
  const account = jobAccount(shelf, grant, steps)
  const envelopeOf = (sha256: string) => readDocument(shelf.documents, sha256, Envelope)
  const receipts = account.receipts.map(envelopeOf)
  const tells = async (path: 'steps' | 'deliver', body: object, token = desk.token(runner.publicKey)) => {
    const answer = await fetch(`${url}/api/runner/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return { status: answer.status, said: await answer.text() }
  }
  return {
    ...desk,
    receipts,
    delivery: envelopeOf(account.delivery),
    stated: readPredicate(shelf.documents, account.delivery, DELIVERY_TYPE, Delivery),
    receiptOf: (index: number) =>
      readPredicate(shelf.documents, account.receipts[index] ?? '', STEP_RECEIPT_TYPE, StepReceipt),
    step: (receipt: Envelope | undefined, token?: string) => tells('steps', { grant: GRANT, receipt }, token),
    deliver: (delivery: Envelope, token?: string) => tells('deliver', { grant: GRANT, delivery }, token),
    contents: readDocument(shelf.documents, grant.subject.hash, Plan).contents,
    reads: async (sha256: string) => {
      const headers = { authorization: `Bearer ${desk.token(runner.publicKey)}` }
      return (await fetch(`${url}/api/runner/blobs/${sha256}`, { headers })).status
    },
    taken: async () => (await desk.recorded()).filter(({ type }) => type === 'DeliveryTaken').length,
  }
}
type Executing = Awaited<ReturnType<typeof executing>>

const receiptBy = (receipt: StepReceipt, signer = runner) =>
  sealStatement(signer, STEP_RECEIPT_TYPE, `${receipt.grant}/${receipt.index}`, receipt)
const deliveryBy = (delivery: Delivery, signer = runner) =>
  sealStatement(signer, DELIVERY_TYPE, delivery.grant, delivery)

async function reported(at: Executing): Promise<void> {
  for (const receipt of at.receipts) expect(await at.step(receipt)).toMatchObject({ status: 200 })
}

function withoutBudgets({ budgets: _budgets, ...receipt }: StepReceipt): StepReceipt {
  return receipt
}

describe('a receipt that comes to /api/runner/steps', () => {
  it('is taken in its place, and once more where the answer to it was lost', async () => {
    const at = await executing()
    await reported(at)
    await reported(at)
    expect(await at.deliver(at.delivery)).toMatchObject({ status: 200 })
    expect(await at.taken()).toBe(1)
  })

  type Wrong = (at: Executing) => Envelope | undefined
  const rows: readonly (readonly [string, Wrong, string])[] = [
    ['before the one it follows', ({ receipts }) => receipts[1], 'is not on record'],
    ['altered', ({ receipts: [one] }) => one && { ...one, payload: flipped(one.payload) }, 'not signed by the key'],
    ['of another key', ({ receiptOf }) => receiptBy(receiptOf(0), stranger), 'not signed by the key'],
    ['of another Grant', ({ receiptOf }) => receiptBy({ ...receiptOf(0), grant: `${RUN}-1` }), 'is of Grant'],
    ['of another run', ({ receiptOf }) => receiptBy({ ...receiptOf(0), run: 'zzzzzzzzzz' }), 'is of run zzzzzzzzzz'],
    ['of another purpose', ({ receiptOf }) => receiptBy({ ...receiptOf(0), purpose: 'dry-run' }), 'a dry-run job'],
    ['of a step that is not next', ({ receiptOf }) => receiptBy({ ...receiptOf(0), step: 'other' }), 'step 0 is'],
    ['with another capability', ({ receiptOf }) => receiptBy({ ...receiptOf(0), capability: '9:edit' }), 'capability'],
    [
      'that says nothing of its budgets',
      ({ receiptOf }) => receiptBy(withoutBudgets(receiptOf(0))),
      'does not say what was reserved',
    ],
    [
      'from another tree',
      ({ receiptOf }) => receiptBy({ ...receiptOf(0), treeBefore: 'e'.repeat(40) }),
      'another tree',
    ],
  ]
  it.each(rows)('is refused where it is one %s', async (_what, wrong, because) => {
    const at = await executing()
    const { status, said } = await at.step(wrong(at))
    expect([status, said]).toEqual([422, expect.stringContaining(because)])
    expect(said).toContain('"rule":"receipt"')
  })
})

describe('a delivery that comes to /api/runner/deliver', () => {
  type Wrong = (at: Executing) => Envelope | Promise<Envelope>
  const naming = ({ stated }: Executing, receipts: readonly string[]) =>
    deliveryBy({ ...stated, receipts: [...receipts] })
  const namesOf = ({ receipts }: Executing) => receipts.map((receipt) => hashOf(receipt))
  const replayed: Wrong = async (at) => {
    const { receiptOf, stated, step } = at
    const again = receiptBy({ ...receiptOf(0), durationMs: 7 })
    expect(await step(again)).toMatchObject({ status: 200 })
    return deliveryBy({ ...stated, receipts: [hashOf(again), ...stated.receipts.slice(1)] })
  }
  const silent: Wrong = async ({ receiptOf, stated, ledger }) => {
    const receipts: string[] = []
    for (const index of stated.receipts.keys()) {
      const receipt = { ...withoutBudgets(receiptOf(index)), previous: receipts.at(-1) ?? null }
      receipts.push(await ledger.putBlob(toDocument(receiptBy(receipt)).bytes))
    }
    return deliveryBy({ ...stated, receipts })
  }
  const rows: readonly (readonly [string, Wrong, string])[] = [
    ['with a receipt twice', (at) => naming(at, [...namesOf(at).slice(0, 1), ...namesOf(at)]), 'step 1 is'],
    ['with its receipts reordered', (at) => naming(at, namesOf(at).toReversed()), 'step 0 is'],
    ['with its first receipt missing', (at) => naming(at, namesOf(at).slice(1)), 'step 0 is'],
    [
      'with its last receipt missing',
      (at) => deliveryBy({ ...at.stated, receipts: namesOf(at).slice(0, -1), logs: at.stated.logs.slice(0, -1) }),
      'not every step has a receipt',
    ],
    ['with a receipt that nobody reported', (at) => naming(at, [...namesOf(at), 'e'.repeat(64)]), 'other receipts'],
    ['with a second receipt for a step in place of the first', replayed, 'does not follow the receipt before it'],
    ['with receipts that say nothing of budgets', silent, 'does not say what was reserved'],
    ['altered', ({ delivery }) => ({ ...delivery, payload: flipped(delivery.payload) }), 'not signed by the key'],
    ['of another key', ({ stated }) => deliveryBy(stated, stranger), 'not signed by the key'],
    ['of another Grant', ({ stated }) => deliveryBy({ ...stated, grant: `${RUN}-1` }), `is of Grant ${RUN}-1`],
    [
      'with another tree',
      ({ stated }) => deliveryBy({ ...stated, tree: 'e'.repeat(40) }),
      'not the one after the last',
    ],
  ]
  it.each(rows)('is refused where it is one %s, and the run does not move', async (_what, wrong, because) => {
    const at = await executing()
    await reported(at)
    const { status, said } = await at.deliver(await wrong(at))
    expect([status, said]).toEqual([409, expect.stringContaining(because)])
    expect(await at.taken()).toBe(0)
    expect(await at.deliver(at.delivery)).toMatchObject({ status: 200 })
  })

  it('is refused from a job of another repository, another key or none', async () => {
    const at = await executing()
    await reported(at)
    const before = (await at.recorded()).length
    const tokens = [at.token(runner.publicKey, { repositoryId: '66' }), at.token(stranger.publicKey), 'no-token']
    const answers = await Promise.all(tokens.map((token) => at.deliver(at.delivery, token)))
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 401])
    expect(await at.recorded()).toHaveLength(before)
  })

  it('changes nothing where it comes twice, and is refused where it is another one', async () => {
    const at = await executing()
    await reported(at)
    expect(await at.deliver(at.delivery)).toMatchObject({ status: 200 })
    const before = (await at.recorded()).length
    expect(await at.deliver(at.delivery)).toMatchObject({ status: 200 })
    expect(await at.recorded()).toHaveLength(before)
    const other = deliveryBy({ ...at.stated, reproduced: false })
    expect(await at.deliver(other)).toMatchObject({ status: 409, said: expect.stringContaining('delivered already') })
    expect(await at.taken()).toBe(1)
  })

  it.each([
    ['after the run was stopped', [stopAsked()], 'was revoked'],
    ['after its Grant was delivered by the same job', [handedOver()], 'delivered already'],
  ])('is refused where it comes %s', async (_what, scenes, because) => {
    const at = await executing(...scenes)
    const late = deliveryBy({ ...at.stated, reproduced: false })
    const { status, said } = await at.deliver(late)
    expect([status, said]).toEqual([409, expect.stringContaining(because)])
  })
})

describe('a blob that a job asks for', () => {
  it('is given where its Grant names it, and no other: not of this run, not of another, not one that is nowhere', async () => {
    const at = await executing()
    const [named] = at.contents
    expect(await at.reads(named?.sha256 ?? '')).toBe(200)
    const foreign = toDocument({ said: 'of another installation' })
    await at.ledger.append(recording([observed('run/zzzzzzzzzz')], { blobs: [foreign] }))
    expect(await at.ledger.blob(foreign.sha256)).toBeDefined()
    const own = told(at.play.state.request, 'the request').words
    const answers = await Promise.all([foreign.sha256, own, 'a'.repeat(64)].map((sha256) => at.reads(sha256)))
    expect(answers).toEqual([404, 404, 404])
  })
})

/** The base64 of the same bytes with one bit of the first changed. */
function flipped(base64: string): string {
  const bytes = Buffer.from(base64, 'base64')
  bytes[0] = (bytes[0] ?? 0) ^ 1
  return bytes.toString('base64')
}
