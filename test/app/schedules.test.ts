import { describe, expect, test } from 'vitest'
import { faultInChain } from '../../src/domain/run/envelope.ts'
import { scheduledRunId } from '../../src/domain/schedule-stream.ts'
import { BOT, dyingBefore, nightly, pushed, REPOSITORY, SCHEDULE, scene } from './schedules-scene.ts'

const DUE = '2026-03-02T03:00:00.000Z'
const NEXT_DUE = '2026-03-03T03:00:00.000Z'
const RUN = scheduledRunId(REPOSITORY.id, 'nightly', DUE)

const ready = async (files?: Readonly<Record<string, string>>) => {
  const it = await scene(files)
  await it.see()
  await it.lookAt('2026-03-01T12:00:00.000Z')
  return it
}

describe('the schedules of the repositories that AgentOS knows', () => {
  test('a repository is known from its first webhook on, and recorded once', async () => {
    const it = await scene()
    expect(await it.watch.schedules()).toEqual([])
    await it.see()
    await it.see()
    await it.another().see(pushed)
    expect(await it.watch.schedules()).toEqual([SCHEDULE])
    expect(await it.types()).toEqual(['RepositorySeen'])
  })

  test('a repository with a new name is recorded again', async () => {
    const it = await scene()
    await it.see()
    await it.watch.see({ ...pushed, repository: { ...REPOSITORY, name: 'renamed' } })
    expect(await it.types()).toEqual(['RepositorySeen', 'RepositorySeen'])
  })

  test('before the due time nothing happens, at the due time the run is decided and begun', async () => {
    const it = await ready()
    await it.lookAt('2026-03-02T02:59:00.000Z')
    expect(await it.types()).toEqual(['RepositorySeen', 'ScheduleLooked', 'RuleSeen'])
    expect(await it.runs()).toEqual([])
    await it.lookAt(DUE)
    expect(await it.dues()).toMatchObject([{ rule: 'nightly', due: DUE, decision: 'run', run: RUN }])
    expect(await it.runs()).toEqual([RUN])
    expect(await it.intended(RUN)).toEqual(['collect-memory'])
    expect(faultInChain(SCHEDULE, await it.store.ledger.read(SCHEDULE))).toBeUndefined()
  })

  test('the run is nobody’s: asked for by the rule, on no issue, with the rule’s recipe', async () => {
    const it = await ready()
    await it.lookAt(DUE)
    const request = await it.request(RUN)
    const [due] = await it.dues()
    expect(request).toMatchObject({
      via: { is: 'schedule', rule: 'nightly', due: DUE, decision: due?.record },
      issue: null,
      requester: { id: BOT, kind: 'Bot', role: 'none' },
      planner: { is: 'recipe', name: 'replace-text' },
      base: { ref: 'refs/heads/main' },
    })
  })

  test('a due time is decided once, however often is looked', async () => {
    const it = await ready()
    await it.lookAt(DUE)
    await it.lookAt(DUE)
    await it.lookAt('2026-03-02T03:00:01.000Z')
    await it.another().look(SCHEDULE)
    expect(await it.dues()).toHaveLength(1)
    expect(await it.runs()).toHaveLength(1)
  })

  test('two controllers that look at the same moment make one decision and one run', async () => {
    const it = await ready()
    it.setClock(DUE)
    await Promise.all([it.watch.look(SCHEDULE), it.another().look(SCHEDULE), it.another().look(SCHEDULE)])
    expect(await it.dues()).toHaveLength(1)
    expect(await it.runs()).toEqual([RUN])
    const events = (await it.load(RUN)).events
    expect(events.filter((event) => event.type === 'RequestReceived')).toHaveLength(1)
  })

  test('a crash between the decision and the run loses nothing: the next look begins it, once', async () => {
    const it = await ready()
    it.setClock(DUE)
    const dying = it.another({ journal: dyingBefore(it.desk.journal, 1) })
    await expect(dying.look(SCHEDULE)).rejects.toThrow('the process died')
    expect(await it.dues()).toMatchObject([{ decision: 'run', run: RUN }])
    expect(await it.runs()).toEqual([])
    await it.lookAt('2026-03-02T03:01:00.000Z')
    await it.lookAt('2026-03-02T03:02:00.000Z')
    expect(await it.runs()).toEqual([RUN])
    expect(await it.dues()).toHaveLength(1)
    expect((await it.load(RUN)).state.phase).toBe('planning')
  })

  test('as long as a run of the rule is open, its due times are recorded as not run', async () => {
    const it = await ready()
    await it.lookAt(DUE)
    await it.lookAt(NEXT_DUE)
    expect(await it.dues()).toMatchObject([{ decision: 'run' }, { due: NEXT_DUE, decision: 'skip', why: 'open' }])
    expect(await it.runs()).toEqual([RUN])
  })

  test('what was due while nobody looked is recorded as missed, but for the newest', async () => {
    const it = await ready()
    await it.lookAt('2026-03-04T10:00:00.000Z')
    expect((await it.dues()).map(({ due, why }) => [due, why])).toEqual([
      [DUE, 'missed'],
      [NEXT_DUE, 'missed'],
      ['2026-03-04T03:00:00.000Z', 'due'],
    ])
  })

  test.each([
    ['a disabled rule', { '.agentos/schedules.yml': nightly({ enabled: false }) }, 'disabled'],
    [
      'a repository for which AgentOS is switched off',
      { '.agentos/schedules.yml': nightly(), '.agentos/policy.yml': 'version: 1\nenabled: false\n' },
      'switched-off',
    ],
  ])('the due time of %s is recorded as not run', async (_what, files, why) => {
    const it = await ready(files)
    await it.lookAt(DUE)
    expect(await it.dues()).toMatchObject([{ due: DUE, decision: 'skip', why }])
    expect(await it.runs()).toEqual([])
  })

  test.each([
    ['no longer holds', { '.agentos/schedules.yml': nightly(), '.agentos/policy.yml': 'version: 1\nunknown: 1\n' }],
    ['names a recipe that is gone', { '.agentos/schedules.yml': nightly({ recipe: 'none-such' }) }],
  ])('a control plane that %s is recorded as the reason not to run', async (_what, files) => {
    const it = await ready()
    it.branch.files = files
    await it.lookAt(DUE)
    expect(await it.dues()).toMatchObject([{ due: DUE, decision: 'skip', why: 'control-plane' }])
    expect(await it.runs()).toEqual([])
  })

  test('where GitHub cannot be asked nothing is decided, and the due time is not lost', async () => {
    const it = await ready()
    it.branch.reachable = false
    await expect(it.lookAt(DUE)).rejects.toThrow('GitHub does not answer')
    expect(await it.dues()).toEqual([])
    it.branch.reachable = true
    await it.lookAt('2026-03-02T03:05:00.000Z')
    expect(await it.dues()).toMatchObject([{ due: DUE, decision: 'run' }])
  })

  test('a clock that went back decides nothing a second time', async () => {
    const it = await ready()
    await it.lookAt(DUE)
    await it.lookAt('2026-03-02T02:59:00.000Z')
    await it.lookAt('2026-03-02T03:00:30.000Z')
    expect(await it.dues()).toHaveLength(1)
  })

  test('a repository without rules is asked about again after a push to its default branch', async () => {
    const it = await ready({ 'README.md': 'no rules\n' })
    await it.lookAt('2026-03-01T12:01:00.000Z')
    expect(it.branch.asked).toBe(1)
    it.branch.files = { '.agentos/schedules.yml': nightly() }
    await it.see()
    await it.lookAt('2026-03-01T12:02:00.000Z')
    expect(await it.types()).toEqual(['RepositorySeen', 'ScheduleLooked', 'RuleSeen'])
  })

  test('a repository without rules is asked about again after an hour, should the push go unheard', async () => {
    const it = await ready({ 'README.md': 'no rules\n' })
    it.branch.files = { '.agentos/schedules.yml': nightly() }
    await it.lookAt('2026-03-01T12:59:00.000Z')
    expect(await it.types()).toEqual(['RepositorySeen'])
    await it.lookAt('2026-03-01T13:00:00.000Z')
    expect(await it.types()).toEqual(['RepositorySeen', 'ScheduleLooked', 'RuleSeen'])
  })
})
