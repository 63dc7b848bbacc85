import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ed25519Signer } from '../../src/adapters/signing/ed25519.ts'
import { takeIn } from '../../src/app/intake.ts'
import type { Intake } from '../../src/app/intake-parts.ts'
import { journal } from '../../src/app/journal.ts'
import type { ListedEffect } from '../../src/app/ledger.ts'
import { type Arrival, type Performers, WillNotWork } from '../../src/app/ports.ts'
import { rebuildEffects } from '../../src/app/project-effects.ts'
import { queries } from '../../src/app/queries.ts'
import { performNext, type Worker } from '../../src/app/worker.ts'
import { sha1Hex } from '../../src/domain/hash.ts'
import type { EffectKey } from '../../src/domain/ids.ts'
import { toWords } from '../../src/domain/packs/documents.ts'
import { AT } from '../app/queries/told-blobs.ts'
import { tellRun } from '../app/queries/told-run.ts'
import { REPOSITORY, scene } from '../app/schedules-scene.ts'
import { plainFilter } from '../support/plain-filter.ts'
import { delivery, type Store } from './ledger-examples.ts'

const DELIVERED = '0123456789'
const STOPPED = '1123456789'
const WAITING = '2123456789'
const PROPOSED = '3123456789'
const SOON = '2026-11-20T10:01:00.000Z'

/** What rebuilding the effects gives back, whatever they are kept in. */
export function rebuiltEffectsContract(kept: string, open: () => Promise<Store>): void {
  describe(`the effects made again from a log kept in ${kept}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    it('are those of before: of runs that go on, wait and were stopped, and of the desk', async () => {
      await tell(store)
      const before = await rows(store)
      expect(new Set(before.map(({ status }) => status))).toEqual(new Set(['due', 'done', 'abandoned']))
      expect(before.some(({ dueAt }) => dueAt !== null)).toBe(true)
      await store.projections.drop()
      expect(await rows(store)).toEqual([])
      expect(await rebuildEffects(store)).toBe(before.length)
      expect(await rows(store)).toEqual(before.map(nobodyKnows))
    })

    it('are performed exactly once: what was open before, and nothing that was done or given up', async () => {
      await tell(store)
      const before = await rows(store)
      const open = before.filter(({ status, dueAt }) => status === 'due' && dueAt === null).map(({ key }) => key)
      await store.projections.drop()
      await rebuildEffects(store)
      const performed: EffectKey[] = []
      const worker = workerOn(store, (key) => performed.push(key))
      while ((await performNext(worker)) === 'performed');
      const known = new Set(before.map(({ key }) => key))
      expect(performed.filter((key) => known.has(key)).sort()).toEqual(open.sort())
      expect(performed).toEqual([...new Set(performed)])

      const after = await rows(store)
      await rebuildEffects(store)
      expect(await rows(store)).toEqual(after.map(nobodyKnows))
      expect(await performNext(worker)).toBe('idle')
    })

    it('are given up like others when their run ends: its timers do not fire', async () => {
      const story = tellRun(tellable(store), { run: PROPOSED })
      await story.request()
      await story.plan()
      await rebuildEffects(store)
      await stop(store, PROPOSED)
      const timers = (await rows(store)).filter(({ type }) => type === 'timer')
      expect(new Set(timers.map(({ status }) => status))).toEqual(new Set(['abandoned']))
    })

    it('are not made where a document that tells them is lost', async () => {
      await tellRun(tellable(store), { run: WAITING }).request()
      const forgetful = { ...store.ledger, blobs: async () => new Map() }
      await expect(rebuildEffects({ ...store, ledger: forgetful })).rejects.toThrow(/blob [0-9a-f]{64} is not there/)
    })
  })
}

type Row = Omit<ListedEffect, 'attempts' | 'reason'>

async function rows({ ledger, queue }: Store): Promise<readonly Row[]> {
  const streams = await ledger.streams('')
  const listed = await Promise.all(streams.map((stream) => queue.list(stream)))
  return listed.flat().map(({ attempts: _attempts, reason: _reason, ...row }) => row)
}

/** Whether an open effect was attempted is not in the log. */
function nobodyKnows(row: Row): Row {
  return row.status === 'due' ? { ...row, status: 'attempted' } : row
}

/** Runs of every kind, and a desk with an effect that is done and others that are not. */
async function tell(store: Store): Promise<void> {
  const intake = await intakeOn(store)
  for (const arrival of arrivals) {
    await store.inbox.receive(delivery(arrival.is))
    expect(await takeIn(intake, arrival, arrival.is)).toBe('done')
  }
  await performNext(workerOn(store, () => 0))
  await tellRun(tellable(store), { run: DELIVERED }).toDelivered()
  const proposed = tellRun(tellable(store), { run: PROPOSED })
  await proposed.request()
  await proposed.plan()
  await tellRun(tellable(store), { run: WAITING }).request()
  await tellRun(tellable(store), { run: STOPPED }).request()
  await stop(store, STOPPED)
}

function tellable({ ledger, queue, inbox }: Store) {
  const runs = journal({ ledger, queue })
  return { ledger, queue, inbox, journal: runs, queries: queries({ ledger, queue, journal: runs }) }
}

async function intakeOn({ ledger, queue }: Store): Promise<Intake> {
  return { ...(await scene()).desk, ledger, queue, journal: journal({ ledger, queue }) }
}

const author = { id: '5', login: 'eve', kind: 'User' } as const
const arrivals: readonly Exclude<Arrival, { is: 'ignored' }>[] = [
  {
    is: 'comment',
    repository: REPOSITORY,
    number: 12,
    onPullRequest: false,
    issue: { title: 'Greet', body: '', labels: [] },
    comment: { id: '600', body: '/agentos help', author },
  },
  {
    is: 'pull-request-opened',
    repository: REPOSITORY,
    number: 13,
    head: sha1Hex('a head'),
    headBranch: 'topic',
    sender: author,
  },
]

async function stop({ ledger, queue }: Store, run: string): Promise<void> {
  const words = toWords({ login: 'ana', title: '', body: '', text: '', params: {} }, new Uint8Array(32).fill(3))
  await journal({ ledger, queue }).record({
    run,
    repository: '42',
    make: ({ locks }) => ({
      blobs: [words],
      input: {
        type: 'StopAsked',
        by: 'github:11',
        at: AT,
        data: {
          commentId: '9',
          author: { id: '11', kind: 'User', role: 'write' },
          words: words.sha256,
          locks,
        },
      },
    }),
  })
}

/** A worker that can tell people things and nothing else; `heard` learns of each call. */
function workerOn({ ledger, queue }: Store, heard: (key: EffectKey) => void): Worker {
  const told =
    <R>(result: R) =>
    async ({ key }: { readonly key: EffectKey }) => {
      heard(key)
      return { result, blobs: [] }
    }
  const unable = async ({ key }: { readonly key: EffectKey }) => {
    heard(key)
    throw new WillNotWork('there is no such part here')
  }
  const performers: Performers = {
    react: told({ id: '1' }),
    card: told({ commentId: '1' }),
    comment: told({ commentId: '1' }),
    check: told({ checkRunId: '1' }),
    label: told({}),
    'collect-memory': unable,
    draft: unable,
    'ask-model': unable,
    'open-pull-request': unable,
    commit: unable,
    'request-review': unable,
    observe: unable,
    dispatch: unable,
    'look-at-source': unable,
    'cancel-job': unable,
    ready: unable,
    close: unable,
    'keep-evidence': unable,
    'mark-rolled-back': unable,
  }
  return {
    ledger,
    queue,
    journal: journal({ ledger, queue }),
    performers,
    signer: ed25519Signer(new Uint8Array(32).fill(7)),
    clock: { now: () => SOON },
    log: () => undefined,
    filter: plainFilter,
    name: 'worker',
  }
}
