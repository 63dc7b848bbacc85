import { describe, expect, it } from 'vitest'
import { runStream } from '../../../src/domain/ids.ts'
import { chain } from '../../../src/domain/run/envelope.ts'
import { BASE } from './told-blobs.ts'
import { aStore, DELIVERY_COMMIT, PLAN_COMMIT, tellRun } from './told-run.ts'

const RUN = '0123456789'

describe('the list of runs', () => {
  it('is empty where nobody asked for anything', async () => {
    expect(await aStore().queries.listRuns()).toEqual([])
  })

  it('has the newest run first and follows the log', async () => {
    const store = aStore()
    await tellRun(store, { run: RUN }).request()
    expect((await store.queries.listRuns()).map(({ run }) => run)).toEqual([RUN])
    const second = tellRun(store, { run: '1123456789' })
    await second.request()
    await second.plan()
    const [newest, oldest] = await store.queries.listRuns()
    expect(newest).toMatchObject({ run: '1123456789', phase: 'proposed', issue: 12, pullRequest: 31, baseSha: BASE })
    expect(newest?.repository).toEqual({ id: '42', owner: 'acme', name: 'site' })
    expect(oldest).toMatchObject({ run: RUN, phase: 'planning', pullRequest: null })
  })

  it('lists a run that cannot be read as such, and all others as they are', async () => {
    const store = aStore()
    for (const run of [RUN, '1123456789']) await tellRun(store, { run }).request()
    const stream = runStream(RUN)
    const past = await store.ledger.read(stream)
    const foreign = {
      kind: 'input',
      type: 'FromTomorrow',
      v: 1,
      data: {},
      by: 'agentos',
      at: '2026-12-01T00:00:00.000Z',
    } as const
    const events = chain(stream, past.at(-1), [foreign])
    await store.ledger.append({ expect: [{ stream, seq: past.length }], events, effects: [], blobs: [] })
    const rows = await store.queries.listRuns()
    expect(rows.map(({ run, phase }) => [run, phase])).toEqual([
      ['1123456789', 'planning'],
      [RUN, 'unreadable'],
    ])
    const { runs } = await store.queries.counts()
    expect(runs.filter(({ count }) => count > 0)).toEqual([
      { phase: 'planning', count: 1 },
      { phase: 'unreadable', count: 1 },
    ])
  })

  it('gives the same to all who ask at once', async () => {
    const store = aStore()
    await tellRun(store).request()
    const answers = await Promise.all([store.queries.listRuns(), store.queries.listRuns(), store.queries.counts()])
    expect(answers[0]).toHaveLength(1)
    expect(answers[1]).toEqual(answers[0])
  })

  it('goes on after the ledger was away', async () => {
    const store = aStore()
    await tellRun(store).request()
    const { runIndex } = await import('../../../src/app/queries/run-index.ts')
    let away = true
    const index = runIndex({
      queue: store.queue,
      ledger: {
        log: async (from, limit) => (away ? Promise.reject(new Error('away')) : store.ledger.log(from, limit)),
      },
    })
    await expect(index.listRuns()).rejects.toThrow('away')
    away = false
    expect(await index.listRuns()).toHaveLength(1)
  })

  it('counts runs by phase and effects by status', async () => {
    const store = aStore()
    const story = tellRun(store)
    await story.request()
    const before = await store.queries.counts()
    expect(before.runs.find(({ phase }) => phase === 'planning')).toEqual({ phase: 'planning', count: 1 })
    expect(before.effects).toEqual([
      { status: 'due', count: 3 },
      { status: 'attempted', count: 0 },
      { status: 'done', count: 0 },
      { status: 'abandoned', count: 0 },
    ])
    await story.settle('react', { id: '5' })
    expect((await store.queries.counts()).effects.find(({ status }) => status === 'done')?.count).toBe(1)
  })
})

describe('one run', () => {
  it.each(['', 'nobody', '9999999999', '../../etc', "0123456789'", '0123456789/x', '__proto__'])(
    'named %j is not there',
    async (id) => {
      const store = aStore()
      await tellRun(store).request()
      expect(await store.queries.showRun(id)).toBeNull()
    },
  )

  it('tells every event in order with the words of the catalogue', async () => {
    const store = aStore()
    await tellRun(store).toDelivered()
    const run = await store.queries.showRun(RUN)
    const events = await store.ledger.read(`run/${RUN}`)
    expect(run?.timeline.map(({ seq, type, hash }) => ({ seq, type, hash }))).toEqual(
      events.map(({ seq, type, hash }) => ({ seq, type, hash })),
    )
    expect(run?.timeline[0]).toMatchObject({
      says: 'someone with the right to ask asked for a change',
      by: 'github:11',
    })
    expect(run?.timeline.every(({ says }) => says !== '')).toBe(true)
  })

  it('lists under the same keys what the log intends and the queue performs', async () => {
    const store = aStore()
    await tellRun(store).toDelivered()
    const run = await store.queries.showRun(RUN)
    const queued = await store.queue.list(`run/${RUN}`)
    expect(run?.effects.map(({ key, kind }) => `${key} ${kind}`).sort()).toEqual(
      queued.map(({ key, type }) => `${key} ${type}`).sort(),
    )
    const commits = run?.effects.filter(({ kind }) => kind === 'commit') ?? []
    expect(commits.map(({ status, result }) => ({ status, result }))).toMatchObject([
      { status: 'done', result: { commit: PLAN_COMMIT } },
      { status: 'done', result: { commit: DELIVERY_COMMIT } },
    ])
    expect(commits.every(({ receipt, settledBy }) => receipt !== null && settledBy !== null)).toBe(true)
    const due = run?.effects.filter(({ status }) => status === 'due') ?? []
    expect(due.length).toBeGreaterThan(0)
    expect(
      due.every(({ receipt, result, settledBy }) => receipt === null && result === null && settledBy === null),
    ).toBe(true)
  })

  it('has plan, diff, verdicts, approvals, steps and the final account once it is delivered', async () => {
    const store = aStore()
    await tellRun(store).toDelivered()
    const run = await store.queries.showRun(RUN)
    expect(run?.phase).toBe('delivered')
    expect(run?.plan?.document?.edits.map(({ path }) => path)).toEqual(['src/hello.ts'])
    expect(run?.diff?.text).toContain('+export const hello = 2')
    expect(run?.approvals).toMatchObject([{ userId: '22', reviewId: '501', commit: PLAN_COMMIT }])
    expect(run?.steps.map(({ job, measured }) => `${job} ${measured?.step}`)).toEqual([
      'dry-run change',
      'dry-run test',
      'execute change',
      'execute test',
    ])
    const verdicts = run?.verdicts.filter(({ at }) => at !== 'lane')
    expect(verdicts?.every(({ is, because }) => is === 'passed' && because !== '')).toBe(true)
    const kept = run?.verdicts.filter(({ at, is }) => at === 'lane' && is === 'blocked').map(({ gate }) => gate)
    expect(kept).toEqual(['light-text', 'light-paths', 'light-receipts'])
    expect(run?.delivered?.commit).toBe(DELIVERY_COMMIT)
    expect(run?.reviewPack?.document?.state).toBe('delivered')
    expect(run?.ledger).toMatchObject({
      stream: `run/${RUN}`,
      seq: run?.timeline.length,
      head: await store.ledger.head(),
    })
  })

  it('says that nobody knows what was erased instead of failing', async () => {
    const store = aStore()
    const story = tellRun(store)
    await story.request()
    await story.plan()
    const erasing = { ...store.ledger, blobs: async () => new Map<string, Uint8Array>() }
    const { journal } = await import('../../../src/app/journal.ts')
    const { queries } = await import('../../../src/app/queries.ts')
    const run = await queries({
      ledger: erasing,
      queue: store.queue,
      journal: journal({ ledger: erasing, queue: store.queue }),
    }).showRun(RUN)
    expect(run).toMatchObject({
      phase: 'proposed',
      title: null,
      goal: null,
      diff: null,
      requester: { id: '11', login: null },
    })
    expect(run?.plan?.document).toBeNull()
    expect(run?.standing.next).toContain('erased')
    expect(run?.verdicts.every(({ is }) => is === 'erased')).toBe(true)
    expect(run?.steps.map(({ measured }) => measured)).toEqual([null, null])
    expect(run?.effects.every(({ kind }) => kind !== null)).toBe(true)
  })
})
