import { describe, expect, test } from 'vitest'
import { runStream } from '../../src/domain/ids.ts'
import { toDocument } from '../../src/domain/packs/documents.ts'
import type { EventData } from '../../src/domain/run/events.ts'
import { scheduledRunId, scheduleEvents } from '../../src/domain/schedule-stream.ts'
import { never, nightly, REPOSITORY, type ScheduleScene, scene } from './schedules-scene.ts'

// Red line 10 through the clock: a refusal is seen by the effect that must not follow.

const DUE = '2026-03-02T03:00:00.000Z'
const RUN = scheduledRunId(REPOSITORY.id, 'nightly', DUE)
const FORGED = '0f0rged000'

async function atThree(): Promise<ScheduleScene> {
  const it = await scene()
  await it.see()
  await it.lookAt('2026-03-02T02:58:00.000Z')
  await it.lookAt('2026-03-02T02:59:00.000Z')
  never((await it.runs()).flatMap((run) => `a run at 02:59: ${run}`))
  await it.lookAt(DUE)
  expect(await it.intended(RUN)).toContain('collect-memory')
  return it
}

type Via = Extract<EventData<'RequestReceived'>['via'], { is: 'schedule' }>

/** A request in the rule's name that no look at the schedule made. */
async function forge(
  it: ScheduleScene,
  about: { readonly via: Partial<Via>; readonly manifest?: string; readonly record?: object },
): Promise<void> {
  const true_ = await it.request(RUN)
  const [due] = await it.dues()
  const via: Via = { is: 'schedule', rule: 'nightly', due: DUE, decision: due?.record ?? '', ...about.via }
  const own =
    about.record === undefined
      ? []
      : [toDocument({ v: 1, rule: via.rule, due: via.due, manifest: true_.manifest, decision: 'run', ...about.record })]
  const decision = own[0]?.sha256 ?? via.decision
  const data = { ...true_, run: FORGED, via: { ...via, decision }, manifest: about.manifest ?? true_.manifest }
  await it.record({ type: 'RequestReceived', by: 'schedule:nightly', at: it.desk.clock.now(), data }, own, FORGED)
}

async function refused(it: ScheduleScene, because: RegExp): Promise<void> {
  never(await it.intended(FORGED))
  const { state, events } = await it.load(FORGED)
  expect(state.end?.because).toMatch(because)
  expect(state.end?.rule).toBe('schedule-audit')
  expect(events.at(-1)?.stream).toBe(runStream(FORGED))
}

describe('red line 10, schedule-audit: no run in a rule’s name without its recorded decision', () => {
  test('at 02:59 nothing, at 03:00 the recorded decision and its run', async () => {
    const it = await atThree()
    expect(await it.dues()).toMatchObject([{ due: DUE, decision: 'run', run: RUN }])
  })

  test('a decision that is nowhere on record begins nothing', async () => {
    const it = await atThree()
    await forge(it, { via: { decision: toDocument('nowhere').sha256 } })
    await refused(it, /no recorded decision/)
  })

  test('a decision that the request brings along itself is none', async () => {
    const it = await atThree()
    await forge(it, { via: { due: '2026-03-02T02:00:00.000Z' }, record: {} })
    await refused(it, /no recorded decision/)
  })

  test('a true decision begins its own run, and no second one', async () => {
    const it = await atThree()
    await forge(it, { via: {} })
    await refused(it, /no recorded decision/)
  })

  test('a due time that has not come begins nothing', async () => {
    const it = await atThree()
    await forge(it, { via: { due: '2026-03-03T03:00:00.000Z' }, record: {} })
    await refused(it, /no recorded decision/)
  })

  test('a recorded decision not to run begins nothing', async () => {
    const it = await atThree()
    await it.lookAt('2026-03-03T03:00:00.000Z')
    const skipped = (await it.dues()).find(({ decision }) => decision === 'skip')
    await forge(it, { via: { due: skipped?.due ?? '', decision: skipped?.record ?? '' } })
    await refused(it, /was not to run/)
  })

  test('a recorded decision about another due time begins nothing', async () => {
    const it = await atThree()
    await it.lookAt('2026-03-03T03:00:00.000Z')
    const skipped = (await it.dues()).find(({ decision }) => decision === 'skip')
    await forge(it, { via: { decision: skipped?.record ?? '' } })
    await refused(it, /another rule or due time/)
  })

  test('a recorded decision made under another control plane begins nothing', async () => {
    const it = await atThree()
    const manifest = await otherManifest(it)
    const skipped = (await it.dues()).find(({ decision }) => decision === 'skip')
    await forge(it, { via: { due: skipped?.due ?? '', decision: skipped?.record ?? '' }, manifest })
    await refused(it, /another manifest/)
  })
})

/** Has another control plane recorded, after a due time that was decided under the first one. */
async function otherManifest(it: ScheduleScene): Promise<string> {
  await it.lookAt('2026-03-03T03:00:00.000Z')
  it.branch.files = { '.agentos/schedules.yml': nightly({ cron: '0 4 * * *' }) }
  await it.lookAt('2026-03-03T03:30:00.000Z')
  const looks = (await it.store.ledger.read('schedule/10')).filter((event) => event.type === 'ScheduleLooked')
  const { control } = scheduleEvents.ScheduleLooked.parse(looks.at(-1)?.data)
  return control.is === 'valid' ? control.manifest : ''
}
