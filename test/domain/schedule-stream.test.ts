import { describe, expect, test } from 'vitest'
import { plus } from '../../src/domain/clock.ts'
import type { ScheduleRule } from '../../src/domain/control/schedule.ts'
import { documentsOf, type NewBlob, readDocument, toDocument } from '../../src/domain/packs/documents.ts'
import { DueRecord } from '../../src/domain/run/decide/request.ts'
import { chain, type EventEnvelope } from '../../src/domain/run/envelope.ts'
import {
  decideSchedule,
  evolveSchedule,
  holdsDecision,
  MOST_SINGLY,
  type ScheduleDecision,
  type ScheduleLooked,
  type ScheduleState,
  scheduledRunId,
  scheduleEvents,
  scheduleStream,
  unseen,
} from '../../src/domain/schedule-stream.ts'
import { BASE_SHA, governedWith } from '../support/builders.ts'

const REPOSITORY = { id: '10', ownerId: '11', owner: 'o', name: 'r', defaultBranch: 'main', installation: '12' }

const NIGHTLY: ScheduleRule = {
  id: 'nightly',
  cron: '0 3 * * *',
  recipe: 'replace-text',
  params: { find: 'old', replace: 'new' },
  enabled: true,
}
const SEEN = '2026-03-01T12:00:00.000Z'
const DUE = '2026-03-02T03:00:00.000Z'

type Told = { readonly rules?: readonly ScheduleRule[]; readonly enabled?: boolean; readonly recipes?: [] }

function plane({ rules = [NIGHTLY], enabled = true, recipes }: Told = {}): NewBlob {
  const usual = governedWith({ enabled })
  return toDocument({ ...usual, schedules: rules, ...(recipes === undefined ? {} : { recipes }) })
}

type Look = Partial<Pick<ScheduleLooked, 'from' | 'open'>> & { readonly to: string; readonly plane?: NewBlob | null }

function looked({ from = null, to, plane: found = plane(), open = [] }: Look): ScheduleLooked {
  const control =
    found === null
      ? ({ is: 'invalid', because: 'policy.yml: modes: unknown key' } as const)
      : ({ is: 'valid', manifest: found.sha256 } as const)
  return { repository: REPOSITORY, from, to, base: { ref: 'refs/heads/main', sha: BASE_SHA }, control, open }
}

function look(state: ScheduleState, about: Look): ScheduleDecision | null {
  const found = about.plane === undefined ? plane() : about.plane
  return decideSchedule(state, looked(about), documentsOf(found === null ? [] : [found]))
}

function after(state: ScheduleState, decision: ScheduleDecision | null): ScheduleState {
  return (decision?.events ?? []).reduce<ScheduleState>(evolveSchedule, state)
}

const dues = (decision: ScheduleDecision | null) =>
  (decision?.events ?? [])
    .filter((event) => event.type === 'DueDecided')
    .map((event) => scheduleEvents.DueDecided.parse(event.data))

const known = after(unseen, look(unseen, { to: SEEN }))

describe('what one look at a schedule decides', () => {
  test('a rule that is seen for the first time is due from then on, never before', () => {
    const first = look(unseen, { to: '2026-03-02T03:00:00.000Z' })
    expect(first?.events.map((event) => event.type)).toEqual(['ScheduleLooked', 'RuleSeen'])
  })

  test('nothing due and no rule changed: nothing is recorded', () => {
    expect(look(known, { from: SEEN, to: '2026-03-02T02:59:00.000Z' })).toBeNull()
    expect(look(unseen, { to: SEEN, plane: plane({ rules: [] }) })).toBeNull()
  })

  test('at the due time the run is decided, with a record that names rule, manifest and due time', () => {
    const decision = look(known, { from: SEEN, to: DUE })
    const run = scheduledRunId(REPOSITORY.id, 'nightly', DUE)
    expect(dues(decision)).toMatchObject([{ rule: 'nightly', due: DUE, decision: 'run', why: 'due', run }])
    const record = dues(decision)[0]?.record ?? ''
    expect(readDocument(documentsOf(decision?.blobs ?? []), record, DueRecord)).toEqual({
      v: 1,
      rule: 'nightly',
      due: DUE,
      manifest: plane().sha256,
      decision: 'run',
    })
  })

  const open = [{ rule: 'nightly', run: '0123456789', phase: 'proposed' }]
  test.each<[string, Omit<Look, 'to'>, string]>([
    ['the rule is disabled', { plane: plane({ rules: [{ ...NIGHTLY, enabled: false }] }) }, 'disabled'],
    ['AgentOS is switched off', { plane: plane({ enabled: false }) }, 'switched-off'],
    ['the recipe is gone', { plane: plane({ recipes: [] }) }, 'no-recipe'],
    ['an earlier run of the rule is open', { open }, 'open'],
    ['the rule is gone', { plane: plane({ rules: [] }) }, 'gone'],
    ['the rule has other times', { plane: plane({ rules: [{ ...NIGHTLY, cron: '0 5 * * *' }] }) }, 'changed'],
    ['the control plane does not hold', { plane: null }, 'control-plane'],
  ])('where %s, the decision not to run is recorded', (_what, about, why) => {
    const decision = look(known, { from: SEEN, to: DUE, ...about })
    expect(dues(decision)).toMatchObject([{ due: DUE, decision: 'skip', why, run: null }])
    const record = dues(decision)[0]?.record ?? ''
    expect(readDocument(documentsOf(decision?.blobs ?? []), record, DueRecord).decision).toBe('skip')
  })

  test('another rule’s open run stands in nobody’s way', () => {
    const decision = look(known, {
      from: SEEN,
      to: DUE,
      open: [{ ...open[0], rule: 'weekly', run: '0123456789', phase: 'proposed' }],
    })
    expect(dues(decision)[0]?.decision).toBe('run')
  })

  test('of several due times only the newest runs; the missed ones are recorded', () => {
    const decision = look(known, { from: SEEN, to: plus(DUE, 2 * 86_400_000 + 3_600_000) })
    expect(dues(decision).map(({ due, why }) => [due, why])).toEqual([
      [DUE, 'missed'],
      [plus(DUE, 86_400_000), 'missed'],
      [plus(DUE, 2 * 86_400_000), 'due'],
    ])
  })

  test('after a long silence the oldest due times are accounted for together', () => {
    const rules = [{ ...NIGHTLY, cron: '* * * * *' }]
    const seen = after(unseen, look(unseen, { to: SEEN, plane: plane({ rules }) }))
    const decision = look(seen, { from: SEEN, to: plus(SEEN, 3_600_000), plane: plane({ rules }) })
    const together = decision?.events.find((event) => event.type === 'DuesPassed')
    expect(dues(decision)).toHaveLength(MOST_SINGLY)
    expect(together?.data).toMatchObject({
      first: plus(SEEN, 60_000),
      last: plus(SEEN, (60 - MOST_SINGLY) * 60_000),
      count: 60 - MOST_SINGLY,
      why: 'missed',
    })
  })

  test('a rule with new times is due by them from that look on', () => {
    const rules = [{ ...NIGHTLY, cron: '0 5 * * *' }]
    const changed = after(known, look(known, { from: SEEN, to: '2026-03-02T02:00:00.000Z', plane: plane({ rules }) }))
    expect([...changed.rules]).toEqual([['nightly', '0 5 * * *']])
    const decision = look(changed, {
      from: '2026-03-02T02:00:00.000Z',
      to: '2026-03-02T05:00:30.000Z',
      plane: plane({ rules }),
    })
    expect(dues(decision).map(({ due }) => due)).toEqual(['2026-03-02T05:00:00.000Z'])
  })

  test('a rule that is gone is due no more', () => {
    const gone = after(known, look(known, { from: SEEN, to: '2026-03-02T02:00:00.000Z', plane: plane({ rules: [] }) }))
    expect(look(gone, { from: '2026-03-02T02:00:00.000Z', to: DUE, plane: plane({ rules: [] }) })).toBeNull()
  })

  test('the same look always gives the same decisions, byte for byte', () => {
    expect(look(known, { from: SEEN, to: DUE })).toEqual(look(known, { from: SEEN, to: DUE }))
  })
})

describe('what the schedule holds for a run', () => {
  const placed = (decision: ScheduleDecision | null): readonly EventEnvelope[] =>
    chain(scheduleStream(REPOSITORY.id), undefined, decision?.events ?? [])
  const ran = look(known, { from: SEEN, to: DUE })
  const record = dues(ran)[0]?.record ?? ''
  const run = scheduledRunId(REPOSITORY.id, 'nightly', DUE)

  test('a decision holds for the run that it names, and for no other', () => {
    expect(holdsDecision(placed(ran), { run, record })).toBe(true)
    expect(holdsDecision(placed(ran), { run: '0123456789', record })).toBe(false)
    expect(holdsDecision(placed(ran), { run, record: plane().sha256 })).toBe(false)
    expect(holdsDecision([], { run, record })).toBe(false)
  })

  test('each rule and due time of each repository has a run id of its own', () => {
    const ids = [
      run,
      scheduledRunId('8', 'nightly', DUE),
      scheduledRunId(REPOSITORY.id, 'weekly', DUE),
      scheduledRunId(REPOSITORY.id, 'nightly', plus(DUE, 60_000)),
    ]
    expect(new Set(ids).size).toBe(4)
    expect(scheduledRunId(REPOSITORY.id, 'nightly', DUE)).toBe(run)
  })
})
