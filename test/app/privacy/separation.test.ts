import { beforeAll, expect, test } from 'vitest'
import { memoryLedger } from '../../../src/adapters/ledger/memory.ts'
import { exportEvidence } from '../../../src/app/evidence/export.ts'
import { journal } from '../../../src/app/journal.ts'
import { queries } from '../../../src/app/queries.ts'
import { recallFrom } from '../../../src/app/remember.ts'
import { parseCanonical } from '../../../src/domain/canonical.ts'
import { Evidence } from '../../../src/domain/evidence.ts'
import { runStream } from '../../../src/domain/ids.ts'
import { Intent } from '../../../src/domain/packs/intent.ts'
import { controller } from '../../support/builders.ts'
import { tellRun } from '../queries/told-run.ts'

/** Two installations on one server: the same names, texts, files, issue and pull request in two repositories. */
const ours = { run: 'qrstvwxyz0', place: { id: '42', installation: '1' } }
const theirs = { run: 'zyxwvtsrq1', place: { id: '43', installation: '2' } }

const kept = memoryLedger()
const runs = journal(kept)
const store = { ...kept, journal: runs, queries: queries({ ...kept, journal: runs }) }

beforeAll(async () => {
  for (const one of [ours, theirs]) {
    const told = tellRun(store, one)
    await told.request()
    await told.plan()
    await told.objectTo('Keep the greeting short.')
  }
})

const evidenceOf = async (run: string) =>
  Evidence.parse(parseCanonical((await exportEvidence({ ledger: store.ledger, signer: controller }, run)) ?? ''))

test('the evidence of one installation holds no event, id or words of another', async () => {
  const [mine, other] = [await evidenceOf(ours.run), await evidenceOf(theirs.run)]
  expect(JSON.stringify(mine) + mine.blobs.map(textOf).join('')).not.toContain(theirs.run)
  for (const { hash } of other.events) expect(JSON.stringify(mine)).not.toContain(hash)
  const shared = mine.blobs.filter(({ sha256 }) => other.blobs.some((blob) => blob.sha256 === sha256))
  const telling = shared.map(textOf).filter((text) => /Greet twice|the greeting|"ana"/.test(text))
  // The same person asked both for the same, so that both runs come to the same Intent by themselves.
  expect(telling.map((text) => Intent.parse(parseCanonical(text)).goal)).toEqual(['Greet twice\n\nPlease.'])
})

function textOf({ base64 }: Evidence['blobs'][number]): string {
  return Buffer.from(base64, 'base64').toString('utf8')
}

test('the account of one run names nothing of another installation', async () => {
  const mine = JSON.stringify(await store.queries.showRun(ours.run))
  expect(mine).toContain(ours.run)
  expect(mine).not.toContain(theirs.run)
  const foreign = new Set((await store.ledger.read(runStream(theirs.run))).map(({ hash }) => hash))
  const { ledger: _head, ...rest } = (await store.queries.showRun(ours.run)) ?? { ledger: null }
  expect([...foreign].filter((hash) => JSON.stringify(rest).includes(hash))).toEqual([])
})

test('what one installation said is remembered in none of another’s plans', async () => {
  const recall = recallFrom(store)
  const about = { text: 'Keep the greeting short', run: null }
  const where = { ownerId: '7', owner: 'acme', name: 'site', defaultBranch: 'main' }
  const found = await recall({ ...where, ...ours.place }, about)
  expect(found.length).toBeGreaterThan(0)
  expect(JSON.stringify(found)).not.toContain(theirs.run)
  expect(await recall({ ...where, id: ours.place.id, installation: theirs.place.installation }, about)).toEqual([])
})
