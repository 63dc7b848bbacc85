import { describe, expect, it } from 'vitest'
import { explore } from './explore.ts'
import { modelOf, type Players, playersOf } from './model.ts'
import { CALM, mutations, rough } from './mutations.ts'
import { WISHES, type Wish } from './wishes.ts'

const made = new Map<readonly Wish[], Players>()
function players(wishes: readonly Wish[]): Players {
  const known = made.get(wishes) ?? playersOf(wishes)
  made.set(wishes, known)
  return known
}

describe('every order in which runs can act on the same locks', () => {
  it('keeps every promise with three runs and no timer, and each run comes to its end', () => {
    const { fault, trace, closed, ended, states } = explore(modelOf(players(WISHES)), CALM, 50_000)
    expect({ fault, trace, closed }).toEqual({ fault: null, trace: [], closed: true })
    expect(ended).toBeGreaterThan(0)
    expect(states).toBeGreaterThan(3000)
  }, 120_000)

  it('keeps every promise where leases expire, processes die and people interfere, as far as this looks', () => {
    const { fault, trace, states } = explore(modelOf(players(WISHES)), rough('person', 'stale'), 800)
    expect({ fault, trace }).toEqual({ fault: null, trace: [] })
    expect(states).toBeGreaterThanOrEqual(800)
  }, 120_000)

  it.each(mutations.map((one) => [one.name, one] as const))(
    'tells when %s',
    (_name, { wishes, bounds, rules, breaks }) => {
      const { fault, trace } = explore(modelOf(players(wishes), rules), bounds, 20_000)
      expect(fault).toMatch(breaks)
      expect(trace.length).toBeGreaterThan(0)
    },
    120_000,
  )
})
