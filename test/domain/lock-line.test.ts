import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesGlob } from '../../src/domain/control/glob.ts'
import { lockHeldGate } from '../../src/domain/gates/lock-held.ts'
import { evolveLocks, inTheWay, type LockState, lockFacts, nextInLine, noLocks } from '../../src/domain/lock.ts'
import { conflicts, keysOf, locksOf, pathLock } from '../../src/domain/lock-keys.ts'

const part = fc.constantFrom('a', 'b', 'ab', 'A')
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
const wild = fc.constantFrom('a', 'b', '*', '?', 'a*', '*b', '**', '?b')
const glob = fc.array(wild, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
const globLock = (text: string) => (/[*?]/.test(text) ? `glob:${text}` : pathLock(text))

describe('two keys', () => {
  it('conflict whenever some path is covered by both', () => {
    fc.assert(
      fc.property(glob, glob, path, (one, other, covered) => {
        fc.pre(matchesGlob(one, covered) && matchesGlob(other, covered))
        expect(conflicts(globLock(one), globLock(other))).toBe(true)
        expect(conflicts(globLock(one), pathLock(covered))).toBe(true)
      }),
      { numRuns: 3000, seed: 7 },
    )
  })

  it('conflict the same way round and with themselves', () => {
    fc.assert(
      fc.property(
        fc.oneof(glob.map(globLock), path.map(pathLock)),
        fc.oneof(glob.map(globLock), path.map(pathLock)),
        (one, other) => {
          expect(conflicts(one, other)).toBe(conflicts(other, one))
          expect(conflicts(one, one)).toBe(true)
        },
      ),
      { numRuns: 1000, seed: 7 },
    )
  })

  it.each([
    ['path:src', 'path:src/a.ts', true],
    ['path:src/a.ts', 'path:src/ab.ts', false],
    ['path:README.md', 'path:readme.md', true],
    ['glob:dist/**', 'path:dist/a/b.js', true],
    ['glob:dist/**', 'path:dist', true],
    ['glob:dist/**', 'path:src/dist', false],
    ['glob:**/*.snap', 'path:src/a.snap', true],
    ['glob:**/*.snap', 'path:src/a.ts', false],
    ['glob:dist/*.js', 'glob:dist/*.map', false],
    ['glob:dist/*.js', 'glob:d?st/a*', true],
    ['glob:DIST/*.js', 'path:dist/a.js', true],
    ['task:issue/1', 'task:issue/1', true],
    ['task:issue/1', 'task:issue/12', false],
    ['task:issue/1', 'path:issue/1', false],
    ['of a later engine', 'path:a', true],
  ])('%s and %s: %s', (one, other, expected) => {
    expect(conflicts(one, other)).toBe(expected)
  })

  it('of a plan are its task, each path and each pattern of outputs, once and in one order', () => {
    const steps = [{ id: 'run-1', is: 'run', argv: ['make'], outputs: ['dist/**', 'a.txt'], frozen: null }] as const
    const locks = locksOf(['z.txt', 'a.txt'], JSON.parse(JSON.stringify(steps)))
    expect(locks).toEqual(['glob:dist/**', 'path:a.txt', 'path:z.txt'])
    expect(keysOf({ issue: 12, via: { is: 'comment' } }, { locks })).toEqual(['task:issue/12', ...locks])
    expect(keysOf({ issue: null, via: { is: 'schedule', rule: 'nightly' } }, { locks })[0]).toBe(
      'task:schedule/nightly',
    )
  })
})

const RUNS = ['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc', 'dddddddddd']
const KEYS = ['path:src', 'path:src/a.ts', 'path:src/b.ts', 'glob:docs/**', 'path:docs/x.md', 'task:issue/1']
const LEASE = 5

type Lease = { readonly keys: readonly string[]; readonly token: number; until: number }
/** What holds by plain bookkeeping: who has which keys until when, and who stands in line in which order. */
type Model = {
  now: number
  readonly leases: Map<string, Lease>
  line: string[]
  readonly wanted: Map<string, readonly string[]>
  newest: number
}
type Real = { state: LockState; seq: number; readonly places: Map<string, number> }

const instant = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString()
const overlap = (one: readonly string[], other: readonly string[]) =>
  one.some((a) => other.some((b) => conflicts(a, b)))

function append(real: Real, type: string, data: object, now: number): void {
  real.seq += 1
  real.state = evolveLocks(real.state, { type, data, at: instant(now) })
}

const wants = (run: string, keys: readonly string[]): fc.Command<Model, Real> => ({
  check: (model) => !model.leases.has(run),
  run(model, real) {
    const own = model.line.includes(run) ? (model.wanted.get(run) ?? keys) : keys
    const place = real.places.get(run) ?? null
    const facts = lockFacts(real.state, real.seq, run, own)
    const way = inTheWay(facts, { run, keys: own, place, now: instant(model.now) })
    const before = model.line.slice(0, model.line.includes(run) ? model.line.indexOf(run) : undefined)
    const living = [...model.leases].filter(([, { until }]) => until > model.now)
    const isFree =
      !living.some(([, lease]) => overlap(lease.keys, own)) &&
      !before.some((other) => overlap(model.wanted.get(other) ?? [], own))
    expect(way === undefined, `${run} finds its way free`).toBe(isFree)
    model.wanted.set(run, own)
    if (!isFree) {
      if (!model.line.includes(run)) model.line.push(run)
      const kept = place ?? real.seq + 1
      real.places.set(run, kept)
      return append(real, 'LocksAwaited', { run, keys: own, place: kept }, model.now)
    }
    const token = real.seq + 1
    for (const [other, lease] of model.leases) if (overlap(lease.keys, own)) model.leases.delete(other)
    model.leases.set(run, { keys: own, token, until: model.now + LEASE })
    model.line = model.line.filter((other) => other !== run)
    real.places.delete(run)
    expect(token).toBeGreaterThan(model.newest)
    model.newest = token
    append(real, 'LocksTaken', { run, keys: own, token, until: instant(model.now + LEASE) }, model.now)
  },
  toString: () => `${run} wants ${keys.join(' ')}`,
})

const leaves = (run: string): fc.Command<Model, Real> => ({
  check: (model) => model.leases.has(run) || model.line.includes(run),
  run(model, real) {
    const lease = model.leases.get(run)
    if (lease !== undefined) append(real, 'LocksReleased', { run, token: lease.token }, model.now)
    else append(real, 'WaitEnded', { run }, model.now)
    model.leases.delete(run)
    model.line = model.line.filter((other) => other !== run)
    real.places.delete(run)
  },
  toString: () => `${run} leaves`,
})

const renews = (run: string): fc.Command<Model, Real> => ({
  check: (model) => model.leases.has(run),
  run(model, real) {
    const lease = model.leases.get(run)
    if (lease === undefined) return
    lease.until = model.now + LEASE
    append(real, 'LocksRenewed', { run, token: lease.token, until: instant(lease.until) }, model.now)
  },
  toString: () => `${run} renews`,
})

const passes = (seconds: number): fc.Command<Model, Real> => ({
  check: () => true,
  run: (model) => void (model.now += seconds),
  toString: () => `${seconds} s pass`,
})

const looks: fc.Command<Model, Real> = {
  check: () => true,
  run(model, real) {
    const now = instant(model.now)
    for (const run of RUNS) {
      const lease = model.leases.get(run)
      const keys = lease?.keys ?? KEYS.slice(0, 1)
      const facts = lockFacts(real.state, real.seq, run, keys)
      const verdict = lockHeldGate.judge({ run, keys, token: lease?.token ?? null, facts, now })
      expect(verdict.is === 'passed', `${run} may write`).toBe(lease !== undefined && lease.until > model.now)
    }
    const next = nextInLine(real.state, now).map(({ run }) => run)
    const free = model.line.filter((run, i) => {
      const own = model.wanted.get(run) ?? []
      const living = [...model.leases].filter(([other, { until }]) => other !== run && until > model.now)
      return (
        !living.some(([, lease]) => overlap(lease.keys, own)) &&
        !model.line.slice(0, i).some((other) => overlap(model.wanted.get(other) ?? [], own))
      )
    })
    expect(next).toEqual(free)
    if (model.line.length > 0 && ![...model.leases.values()].some(({ until }) => until > model.now))
      expect(next.length, 'somebody in line can go').toBeGreaterThan(0)
  },
  toString: () => 'looks',
}

it('the lock stream folds to what plain bookkeeping says: no two writers, no pass in the line, no circle of waiting', () => {
  const run = fc.constantFrom(...RUNS)
  const keys = fc.uniqueArray(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 3 })
  const commands = fc.commands(
    [
      fc.tuple(run, keys).map(([one, wanted]) => wants(one, wanted)),
      run.map(leaves),
      run.map(renews),
      fc.integer({ min: 1, max: 4 }).map(passes),
      fc.constant(looks),
    ],
    { maxCommands: 40 },
  )
  fc.assert(
    fc.property(commands, (all) => {
      const model: Model = { now: 0, leases: new Map(), line: [], wanted: new Map(), newest: 0 }
      fc.modelRun(() => ({ model, real: { state: noLocks, seq: 0, places: new Map() } }), all)
    }),
    { numRuns: 400, seed: 11 },
  )
})
