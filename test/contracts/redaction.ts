import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openEnvelope } from '../../src/adapters/signing/ed25519.ts'
import { controllerKey, exportEvidence } from '../../src/app/evidence/export.ts'
import { journal } from '../../src/app/journal.ts'
import type { Ledger } from '../../src/app/ledger.ts'
import type { MemoryIndex } from '../../src/app/memory-index.ts'
import { auditBlobs } from '../../src/app/privacy/audit-blobs.ts'
import { type Cause, redact } from '../../src/app/privacy/redact.ts'
import { retentionRound } from '../../src/app/privacy/retention.ts'
import type { Wanted } from '../../src/app/privacy/select.ts'
import { rebuildEffects } from '../../src/app/project-effects.ts'
import { queries } from '../../src/app/queries.ts'
import { catchUp, rebuildMemory } from '../../src/app/remember.ts'
import { sealStatement } from '../../src/app/runner/statements.ts'
import { verifyEvidence } from '../../src/app/verify.ts'
import { sha256Hex } from '../../src/domain/hash.ts'
import { runStream } from '../../src/domain/ids.ts'
import { toDocument } from '../../src/domain/packs/documents.ts'
import { REDACTION_TYPE } from '../../src/domain/redaction.ts'
import { chain, faultInChain } from '../../src/domain/run/envelope.ts'
import { controller, RUN, stranger } from '../support/builders.ts'
import {
  allSettled,
  claimed,
  ended,
  given,
  handedOver,
  type Play,
  requested,
  reviewed,
  type Scene,
  world,
} from '../support/given.ts'
import { type Store as BareStore, recording } from './ledger-examples.ts'

type Store = BareStore & { readonly memory: MemoryIndex; readonly everything: () => Promise<string> }

const REQUEST = 'Rename the zanzibar cupboard'
const REVIEW = 'No: the marmalade stays on the shelf'
const LOGIN = 'ana-from-zanzibar'
const CANARIES = ['zanzibar', 'marmalade']
const STREAM = runStream(RUN)

const asked: Cause = { by: 'operator:1000', why: { is: 'asked', because: 'ana asked for it' } }
const trusted = [controllerKey(controller)]

/** A run that people wrote in, from request to a review that asks for changes. */
const open = (...before: readonly Scene[]) =>
  given(
    ...before,
    requested({ words: { text: REQUEST, login: LOGIN } }),
    allSettled,
    claimed(),
    handedOver(),
    allSettled,
    reviewed({ state: 'changes_requested', text: REVIEW }),
    allSettled,
  )
const living = open().when().play
const over = open().when(ended(), allSettled).play
/** The same under a policy that keeps texts for thirty days. */
const brief = open(world((it) => void (it.policy = { retention: { text: 30 } }))).when(ended(), allSettled).play
const requester = over.state.request?.requester.id ?? ''
const requestWords = over.state.request?.words ?? ''

/** What erasing does, whatever the ledger is kept in. */
export function redactionContract(kept: string, opening: () => Promise<Store>): void {
  describe(`erasing from a ledger kept in ${kept}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await opening()
    })
    afterEach(() => store.close())

    const tell = async (play: Play) => {
      const blobs = [...play.shelf.blobs].map(([sha256, bytes]) => ({ sha256, bytes }))
      await store.ledger.append(recording(play.events, { blobs }))
      await rebuildEffects(store)
      await catchUp(store)
    }
    const left = async () => {
      const everything = await store.everything()
      return CANARIES.filter((word) => everything.includes(word))
    }
    const parts = (now: string) => ({
      ...store,
      signer: controller,
      clock: { now: () => now },
      random: (bytes: number) => new Uint8Array(bytes).fill(9),
    })
    const erase = (wanted: Wanted, cause = asked) => redact(parts('2026-06-01T00:00:00.000Z'), wanted, cause)
    const verified = async () =>
      verifyEvidence(
        new TextEncoder().encode(await exportEvidence({ ledger: store.ledger, signer: controller }, RUN)),
        {
          open: openEnvelope,
          trusted,
        },
      )
    const audit = (keys = trusted) => auditBlobs(store, { open: openEnvelope, keys })

    it('leaves nothing of what people wrote, and a whole chain that says so', async () => {
      await tell(over)
      expect(CANARIES.filter((word) => JSON.stringify(over.events).includes(word))).toEqual([])
      expect(await left()).toEqual(CANARIES)
      const erasure = await erase({ is: 'run', run: RUN, person: null })
      expect(erasure).toMatchObject({ ok: true, value: { kept: [] } })
      expect(await left()).toEqual([])
      expect(faultInChain(STREAM, await store.ledger.read(STREAM))).toBeUndefined()
      expect(await audit()).toMatchObject({ valid: true })
    })

    it('is told by the evidence, which stays valid, decides again what it can, and says what it cannot', async () => {
      await tell(over)
      const before = await verified()
      expect(before).toMatchObject({ valid: true, erased: [], undecided: [] })
      await erase({ is: 'blobs', blobs: [requestWords] })
      const after = await verified()
      if (!before.valid || !after.valid) throw new Error('the evidence does not hold')
      expect(after.erased).toEqual([
        expect.objectContaining({ sha256: requestWords, by: 'operator:1000', because: 'ana asked for it' }),
      ])
      expect(after.undecided).toContain(`${STREAM}@1`)
      expect({ ...after, events: 0, head: 0, erased: 0, undecided: 0 }).toEqual({
        ...before,
        events: 0,
        head: 0,
        erased: 0,
        undecided: 0,
      })
      await erase({ is: 'run', run: RUN, person: null })
      expect(await verified()).toMatchObject({ valid: true, phase: before.phase, plan: before.plan })
    })

    it('is told on the pages, and what is made again from the log holds nothing of it', async () => {
      await tell(over)
      await erase({ is: 'run', run: RUN, person: null })
      expect(await rebuildMemory(store)).toBe(1)
      await rebuildEffects(store)
      expect(await left()).toEqual([])
      const run = await queries({ ...store, journal: journal(store) }).showRun(RUN)
      expect(run?.erased).toContainEqual(expect.objectContaining({ sha256: requestWords, because: 'ana asked for it' }))
      expect(run).toMatchObject({ title: null, goal: null, requester: { id: requester, login: null } })
    })

    it('takes a person’s words and all that may quote them, and leaves what others wrote', async () => {
      await tell(over)
      await erase({ is: 'person', person: requester })
      expect(await left()).toEqual(['marmalade'])
      expect(await verified()).toMatchObject({ valid: true })
    })

    it('does nothing at all where a run is not over, a blob is unknown, or evidence rests on it', async () => {
      await tell(living)
      const grant = living.state.grants[0]?.document ?? ''
      const before = sha256Hex(await store.everything())
      const refusals = [
        await erase({ is: 'run', run: RUN, person: null }),
        await erase({ is: 'blobs', blobs: [requestWords] }),
        await erase({ is: 'blobs', blobs: [sha256Hex('nobody names this')] }),
        await erase({ is: 'blobs', blobs: [grant] }),
        await erase({ is: 'run', run: 'zzzzzzzzzz', person: null }),
        await erase({ is: 'person', person: '99999' }),
      ]
      expect(refusals.map((one) => !one.ok && one.refusal.rule)).toEqual([
        'living-run',
        'living-run',
        'unknown-blob',
        'record',
        'unknown-run',
        'nothing-found',
      ])
      expect(sha256Hex(await store.everything())).toBe(before)
    })

    it('happens by itself once the days are over that the server or the run’s own policy gives', async () => {
      await tell(brief)
      const round = (now: string, retention = {}) => retentionRound({ ...parts(now), retention, mostRuns: 20 })
      expect(await round('2026-03-30T00:00:00.000Z')).toBe(0)
      expect(await left()).toEqual(CANARIES)
      expect(await round('2026-03-30T00:00:00.000Z', { file: 20 })).toBeGreaterThan(0)
      expect(await left()).toEqual(CANARIES)
      expect(await round('2026-04-05T00:00:00.000Z', { text: 400 })).toBeGreaterThan(0)
      expect(await left()).toEqual([])
      expect(await round('2026-05-05T00:00:00.000Z', { text: 1, file: 1 })).toBe(0)
      const after = await verified()
      if (!after.valid) throw new Error(after.fault)
      expect([...new Set(after.erased.map(({ holds, by, because }) => `${holds} ${by} ${because}`))].sort()).toEqual([
        'file retention the policy keeps it for 20 days after the end of the run',
        'text retention the policy keeps it for 30 days after the end of the run',
      ])
    })

    it('leaves a run that is not over as it is, however old', async () => {
      await tell(living)
      const retention = { text: 1, model: 1, output: 1, file: 1 }
      expect(await retentionRound({ ...parts('2036-01-01T00:00:00.000Z'), retention, mostRuns: 20 })).toBe(0)
      expect(await left()).toEqual(CANARIES)
    })

    it('is believed from the controller’s key alone', async () => {
      await tell(over)
      const last = over.events.at(-1)
      const told = {
        blobs: [{ sha256: requestWords, bytes: 1, holds: 'text' as const }],
        why: { is: 'retention', days: 1 } as const,
      }
      const stated = { v: 1, stream: STREAM, ...told, by: 'test', at: '2026-01-01T12:00:00.000Z' }
      for (const [signer, what] of [
        [stranger, stated],
        [controller, { ...stated, by: 'somebody else' }],
      ] as const) {
        const receipt = toDocument(sealStatement(signer, REDACTION_TYPE, STREAM, what))
        await tellForged(store.ledger, receipt, { told, last })
        expect(await verified()).toMatchObject({ valid: false, fault: expect.stringMatching(/erasure/) })
        expect(await audit()).toMatchObject({ valid: false, fault: expect.stringMatching(/erasure/) })
        await store.close()
        store = await opening()
        await tell(over)
      }
    })
  })
}

async function tellForged(
  ledger: Ledger,
  receipt: ReturnType<typeof toDocument>,
  { told, last }: { readonly told: object; readonly last: Play['events'][number] | undefined },
): Promise<void> {
  const data = JSON.parse(JSON.stringify({ ...told, receipt: receipt.sha256 }))
  const because = 'what was decided stays as it was'
  const events = chain(STREAM, last, [
    { kind: 'input', type: 'BlobRedacted', v: 1, data, by: 'test', at: '2026-01-01T12:00:00.000Z' },
    {
      kind: 'decision',
      type: 'NothingFollows',
      v: 1,
      data: { because },
      by: 'agentos',
      at: '2026-01-01T12:00:00.000Z',
    },
  ])
  const outcome = await ledger.append(recording(events, { blobs: [receipt] }))
  if (outcome.is !== 'appended') throw new Error(outcome.is)
}
