import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../../src/adapters/ledger/database.ts'
import { type OpenLedger, openDatabase } from '../../../src/adapters/ledger/open.ts'
import { pgDatabase } from '../../../src/adapters/ledger/pg.ts'
import { sqlCheckpoints } from '../../../src/adapters/ledger/sql-checkpoints.ts'
import { openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { auditStore, type StoreAudit } from '../../../src/app/audit-store.ts'
import { openCheckpoint, signCheckpoint } from '../../../src/app/checkpoints.ts'
import { controllerKey, exportEvidence } from '../../../src/app/evidence/export.ts'
import { journal } from '../../../src/app/journal.ts'
import type { ReadLedger, Snapshot } from '../../../src/app/ledger.ts'
import { rebuildEffects } from '../../../src/app/project-effects.ts'
import { queries } from '../../../src/app/queries.ts'
import { verifyEvidence } from '../../../src/app/verify.ts'
import { canonicalJson } from '../../../src/domain/canonical.ts'
import type { Checkpoint, CheckpointFile } from '../../../src/domain/checkpoint.ts'
import { plus } from '../../../src/domain/clock.ts'
import { toUtf8 } from '../../../src/domain/patch/bytes.ts'
import { tellRun } from '../../app/queries/told-run.ts'
import { LOCKS, observed, recording } from '../../contracts/ledger-examples.ts'
import { controller, stranger } from '../../support/builders.ts'
import { startPostgres } from '../../support/postgres.ts'
import { type Deed, deeds, EFFECT, ONE, OTHER } from './deeds.ts'
import { type Seen, storeIn } from './store-in.ts'
import { AT, appended } from './without-key.ts'

const trust = { open: openEnvelope, trusted: [controllerKey(controller)] }

const server = await startPostgres()
let database: Database
let kept: Checkpoint

beforeAll(async () => {
  const url = await server.database()
  const store = await openDatabase(pgDatabase(url))
  const runs = journal(store)
  const told = { ...store, journal: runs, queries: queries({ ...store, journal: runs }) }
  await tellRun(told, { run: '0123456789' }).toDelivered()
  await tellRun(told, { run: '2123456789' }).request()
  kept = await checkpointOf(store)
  await store.checkpoints.keep(canonicalJson(await signedFile(store)))
  await store.close()
  database = pgDatabase(url)
})
afterAll(async () => {
  await database.close()
  await server.stop()
})

/** The newest checkpoint, as somebody keeps it outside and reads it under the pinned key. */
async function checkpointOf(store: Pick<OpenLedger, 'ledger'>): Promise<Checkpoint> {
  const opened = openCheckpoint(toUtf8(canonicalJson(await signedFile(store))), trust)
  if (!opened.ok) throw new Error(opened.refusal)
  return opened.value
}

async function signedFile({ ledger }: { readonly ledger: ReadLedger }, signer = controller): Promise<CheckpointFile> {
  const file = await signCheckpoint({ ledger, signer, clock: { now: () => AT } }, null)
  if (!file.ok) throw new Error(file.refusal)
  return file.value
}

class Undone extends Error {}

/** What is found after a deed, which is taken back. */
async function after<T>(deed: Deed, look: (store: Seen) => Promise<T>): Promise<T> {
  let seen: { readonly found: T } | undefined
  const doing = database.transaction(async (session) => {
    await session.script('set local session_replication_role = replica')
    await (typeof deed === 'string' ? session.script(deed) : deed(session))
    seen = { found: await look(storeIn(session)) }
    throw new Undone()
  })
  await doing.catch((error: unknown) => {
    if (!(error instanceof Undone)) throw error
  })
  if (seen === undefined) throw new Error('nothing was looked at')
  return seen.found
}

const believed = { open: openEnvelope, keys: async () => trust.trusted }
const audit = (store: Seen, now = AT): Promise<StoreAudit> =>
  auditStore(store.snapshot, { ...believed, checkpoint: kept, now })
const audited = (deed: Deed, now = AT): Promise<StoreAudit> => after(deed, (store) => audit(store, now))

/** Something that a person might have said. */
const forged = appended(OTHER, 'StatusAsked', {
  commentId: '1',
  number: 13,
  author: { id: '1', kind: 'User', role: 'read' },
})

describe('a ledger in PostgreSQL that was changed with every right but the signing key', () => {
  it('is valid as it is', async () => {
    expect(await audited('select 1')).toMatchObject({ valid: true, streams: expect.any(Number) })
    expect(deeds.length).toBeGreaterThanOrEqual(40)
  })

  it.each(deeds)('is found out where %s', async (_what, deed, found) => {
    const audit = await audited(deed)
    expect(audit).toMatchObject({ valid: false, fault: expect.stringMatching(found) })
  })

  it('that grew by what the controller never decided gives evidence that is not valid', async () => {
    expect(await audited(forged)).toMatchObject({ valid: true, unsigned: 1 })
    const evidence = await after(forged, ({ ledger }) => exportEvidence({ ledger, signer: controller }, '2123456789'))
    const verified = verifyEvidence(new TextEncoder().encode(evidence), trust)
    expect(verified).toMatchObject({ valid: false, where: expect.stringContaining(OTHER) })
  })

  it('that grew is found out once a server that works would have signed it, or one that ended did', async () => {
    const fault = /^1 events, from position \d+ on, are under no signed checkpoint/
    expect(await audited(forged, plus(AT, 180_000))).toMatchObject({ valid: true, unsigned: 1 })
    const later = plus(AT, 180_001)
    expect(await audited(forged, later)).toMatchObject({ valid: false, fault: expect.stringMatching(fault) })
    expect(await audited('select 1', later)).toMatchObject({ valid: true, unsigned: 0 })
  })

  it('is not made whole by taking away or forging what was signed', async () => {
    const gone = await audited('delete from agentos.checkpoint')
    expect(gone).toMatchObject({ valid: false, fault: expect.stringContaining('none is kept') })
    const mine = await after('select 1', (store) => signedFile(store, stranger))
    const foreign = await audited(async (session) => sqlCheckpoints(session).keep(canonicalJson(mine)))
    expect(foreign).toMatchObject({ valid: false, fault: expect.stringContaining('none of those that are trusted') })
    const garbled = await audited(`update agentos.checkpoint set file = replace(file, '"', '''')`)
    expect(garbled).toMatchObject({ valid: false, fault: expect.stringContaining('it is no checkpoint') })
  })

  it('is read as of one moment, so that what is recorded meanwhile is no fault', async () => {
    const store = await openDatabase(pgDatabase(await server.database()))
    await store.ledger.append(recording([observed(LOCKS)]))
    await store.checkpoints.keep(canonicalJson(await signedFile(store)))
    const busy: Snapshot = (look) =>
      store.snapshot((at) => {
        const log: typeof at.ledger.log = async (from, limit) => {
          const past = await store.ledger.read(LOCKS)
          await store.ledger.append(recording([observed(LOCKS, past.at(-1))]))
          return at.ledger.log(from, limit)
        }
        return look({ ...at, ledger: { ...at.ledger, log } })
      })
    const looked = await auditStore(busy, { ...believed, checkpoint: null, now: AT })
    expect(looked).toMatchObject({ valid: true, events: 1, unsigned: 0 })
    expect((await store.ledger.head())?.pos).toBeGreaterThan(1)
    await store.close()
  })

  it.each([
    'update agentos.effect set attempts = attempts + 7',
    `update agentos.effect set reason = 'mallory'`,
    `update agentos.effect set attempted_at = '${AT}'`,
    `update agentos.effect set ready_at = '2027-01-01T00:00:00.000Z'`,
    `insert into agentos.lease values ('${ONE}', 'mallory', '2027-01-01T00:00:00.000Z')`,
    'delete from agentos.memory',
  ])('says the same after: %s', async (sql) => {
    expect(await audited(sql)).toMatchObject({ valid: true })
  })

  it('has its list of effects made again from the log, whatever was written there', async () => {
    const spoil = `delete from agentos.effect where ${EFFECT}; update agentos.effect set type = 'comment', body = '{}', ready_at = '${AT}'`
    const healed = await after(spoil, async (store) => {
      expect(await rebuildEffects(store)).toBeGreaterThan(0)
      return audit(store)
    })
    expect(healed).toMatchObject({ valid: true })
  })
})
