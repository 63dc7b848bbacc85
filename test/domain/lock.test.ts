import { describe, expect, test } from 'vitest'
import { budgetGate } from '../../src/domain/gates/budget.ts'
import { lockHeldGate } from '../../src/domain/gates/lock-held.ts'
import { evolveLocks, inTheWay, type LockState, lockFacts, noLocks } from '../../src/domain/lock.ts'
import { OTHER_RUN, RUN } from '../support/builders.ts'

const pathsOf = (count: number, length: number) =>
  Array.from({ length: count }, (_, i) => `${'d'.repeat(length - 4)}${String(i).padStart(4, '0')}`)
const keys = pathsOf(200, 55).map((path) => `path:${path}`)
const NOW = '2026-11-01T00:00:00.000Z'
const UNTIL = '2026-12-01T00:00:00.000Z'

const taken = (state: LockState, run: string, token: number, of: readonly string[] = keys) =>
  evolveLocks(state, { type: 'LocksTaken', data: { run, keys: of, token, until: UNTIL }, at: NOW })
const seen = (state: LockState) => lockFacts(state, 9, RUN, keys)
const judged = (state: LockState) => lockHeldGate.judge({ run: RUN, keys, token: 5, facts: seen(state), now: NOW }).is

describe('the locks of a plan with as many paths as a policy allows', () => {
  test('are told in few words, and all of them count as held', () => {
    expect(JSON.stringify(seen(taken(noLocks, RUN, 5))).length).toBeLessThan(1000)
    expect(judged(taken(noLocks, RUN, 5))).toBe('passed')
  })

  test.each<[string, LockState]>([
    ['one was never taken', taken(noLocks, RUN, 5, keys.slice(1))],
    ['they were taken with another token', taken(noLocks, RUN, 4)],
    ['another run took one later', taken(taken(noLocks, RUN, 5), OTHER_RUN, 7, keys.slice(150, 151))],
  ])('do not count as held where %s', (_what, state) => {
    expect(judged(state)).toBe('blocked')
  })

  test('are awaited where another run holds them', () => {
    const facts = seen(taken(noLocks, OTHER_RUN, 3))
    expect(JSON.stringify(facts).length).toBeLessThan(1000)
    expect(inTheWay(facts, { run: RUN, keys, place: null, now: NOW })?.run).toBe(OTHER_RUN)
    expect(inTheWay(facts, { run: RUN, keys, place: null, now: '2027-01-01T00:00:00.000Z' })).toBeUndefined()
  })

  test('fit into one event, or the plan is refused before anyone approves it', () => {
    const limits = { files: 200, bytes: 1 }
    const judge = (length: number) =>
      budgetGate.judge({
        edits: pathsOf(200, length).map((path) => ({ path, before: null, after: null })),
        contents: [],
        limits,
      }).is
    expect([judge(60), judge(90)]).toEqual(['passed', 'blocked'])
  })
})
