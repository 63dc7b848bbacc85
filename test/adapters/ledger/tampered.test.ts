import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../../src/adapters/ledger/database.ts'
import { type OpenLedger, openDatabase } from '../../../src/adapters/ledger/open.ts'
import { pgDatabase } from '../../../src/adapters/ledger/pg.ts'
import { openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { auditStore, type StoreAudit } from '../../../src/app/audit-store.ts'
import { openCheckpoint, signCheckpoint } from '../../../src/app/checkpoints.ts'
import { controllerKey, exportEvidence } from '../../../src/app/evidence/export.ts'
import { journal } from '../../../src/app/journal.ts'
import { rebuildEffects } from '../../../src/app/project-effects.ts'
import { queries } from '../../../src/app/queries.ts'
import { verifyEvidence } from '../../../src/app/verify.ts'
import { canonicalJson } from '../../../src/domain/canonical.ts'
import type { Checkpoint } from '../../../src/domain/checkpoint.ts'
import { tellRun } from '../../app/queries/told-run.ts'
import { controller } from '../../support/builders.ts'
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
  await store.close()
  database = pgDatabase(url)
})
afterAll(async () => {
  await database.close()
  await server.stop()
})

/** The newest checkpoint, as somebody keeps it outside and reads it under the pinned key. */
async function checkpointOf({ ledger }: Pick<OpenLedger, 'ledger'>): Promise<Checkpoint> {
  const file = await signCheckpoint({ ledger, signer: controller, clock: { now: () => AT } }, null)
  const opened = file.ok ? openCheckpoint(new TextEncoder().encode(canonicalJson(file.value)), trust) : file
  if (!opened.ok) throw new Error(opened.refusal)
  return opened.value
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

const audited = (deed: Deed): Promise<StoreAudit> =>
  after(deed, (store) => auditStore(store, { open: openEnvelope, checkpoint: kept, keys: async () => trust.trusted }))

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
    const forged = appended(OTHER, 'StatusAsked', {
      commentId: '1',
      number: 13,
      author: { id: '1', kind: 'User', role: 'read' },
    })
    expect(await audited(forged)).toMatchObject({ valid: true })
    const evidence = await after(forged, ({ ledger }) => exportEvidence({ ledger, signer: controller }, '2123456789'))
    const verified = verifyEvidence(new TextEncoder().encode(evidence), trust)
    expect(verified).toMatchObject({ valid: false, where: expect.stringContaining(OTHER) })
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
      return auditStore(store, { open: openEnvelope, checkpoint: kept, keys: async () => trust.trusted })
    })
    expect(healed).toMatchObject({ valid: true })
  })
})
