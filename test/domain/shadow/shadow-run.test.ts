import { describe, expect, test } from 'vitest'
import type { Policy } from '../../../src/domain/control/policy.ts'
import { shadowRun } from '../../../src/domain/shadow/shadow-run.ts'
import {
  CHANGED,
  edit,
  editStep,
  governedWith,
  shippedLanes,
  shippedPolicy,
  verifyStep,
} from '../../support/builders.ts'
import {
  allSettled,
  claimed,
  given,
  handedOver,
  type Play,
  requested,
  type Scene,
  story,
  world,
} from '../../support/given.ts'

const played = (...scenes: readonly Scene[]): Play => given().when(...scenes).play
const merged = played(story.merged)

function under(policy: Partial<Policy>, { events, shelf }: Play = merged) {
  return shadowRun({ events, documents: shelf.documents }, governedWith(policy))
}

const editing = (path: string): Scene =>
  world((it) => {
    it.draft = (usual) => ({ ...usual, steps: [editStep([edit(path)]), verifyStep] })
  })

describe('a recorded run under other rules', () => {
  test('flips nothing under its own rules, nor under a change that is none of its business', () => {
    const none = { flips: [], unknown: [], turns: [] }
    expect(under({})).toMatchObject(none)
    expect(under({}).verdicts).toBeGreaterThan(30)
    expect(under({ protectedPaths: [...shippedPolicy.protectedPaths, 'infra/**'] })).toMatchObject(none)
    expect(under({ roles: { ...shippedPolicy.roles, unlock: 'admin' } })).toMatchObject(none)
  })

  test('a role that nobody had flips each review, where it was given and where it was asked for again', () => {
    const { flips } = under({ approve: { ...shippedPolicy.approve, role: 'admin' } })
    expect(flips.map(({ gate, was, now, input, at }) => [gate, was, now, input, at])).toEqual([
      ['review', 'passed', 'blocked', 'ReviewSeen', 'review'],
      ['review', 'passed', 'blocked', 'EffectSettled', 'approval'],
    ])
    expect(flips[0]).toMatchObject({
      stream: `run/${merged.run}`,
      seq: merged.events.findIndex(({ data }) => data['at'] === 'review') + 1,
      because: { now: 'approving needs admin, the reviewer has maintain' },
    })
  })

  test('more approvals than there were flip the approval, and the run would not have been approved', () => {
    const { flips, turns } = under({ approve: { ...shippedPolicy.approve, count: 2 } })
    expect(flips).toMatchObject([{ gate: 'review', at: 'approval', because: { now: '1 of 2 approvals' } }])
    expect(turns[0]).toMatchObject({ was: ['ApprovalCounted', 'RunApproved'], now: ['ApprovalCounted'] })
  })

  test('a path that is protected now makes the plan one for the high lane, with its approvals', () => {
    const { flips, turns } = under({ protectedPaths: ['src/**'], approve: { ...shippedPolicy.approve, highCount: 2 } })
    expect(turns[0]).toMatchObject({
      was: expect.arrayContaining(['PlanFrozen (standard)']),
      now: expect.arrayContaining(['PlanFrozen (high)']),
    })
    expect(flips).toMatchObject([{ gate: 'review', at: 'approval', because: { now: '1 of 2 approvals' } }])
  })

  test('a path that the light lane leaves out now flips what that lane says of it', () => {
    const light = world((it) => {
      it.policy = { lanes: { light: shippedLanes.light } }
    })
    const readme = played(light, editing('README.md'), requested(), allSettled, claimed(), handedOver(), allSettled)
    const same = { lanes: { light: shippedLanes.light } }
    expect(under(same, readme).flips).toEqual([])
    expect(under({ lanes: { light: { ...shippedLanes.light, excluded: ['*.md'] } } }, readme).flips).toMatchObject([
      { gate: 'light-paths', was: 'passed', now: 'blocked', at: 'lane' },
    ])
  })

  test('a workflow file that is allowed no longer flips scope', () => {
    const allowed = world((it) => {
      it.policy = { workflows: 'allowed' }
    })
    const workflow = played(allowed, editing('.github/workflows/ci.yml'), requested(), allSettled)
    expect(under({ workflows: 'allowed' }, workflow).flips).toEqual([])
    expect(under({ workflows: 'denied' }, workflow)).toMatchObject({
      flips: [{ gate: 'scope', was: 'passed', now: 'blocked', at: 'draft' }],
      turns: [{ now: expect.arrayContaining(['RunRefused']) }],
    })
  })

  test('a limit below what the change needed flips the budget wherever it was asked', () => {
    const { flips } = under({ limits: { ...shippedPolicy.limits, bytes: CHANGED.length - 1 } })
    expect(flips.map(({ gate, at }) => [gate, at])).toEqual([
      ['budget', 'draft'],
      ['budget', 'frozen'],
    ])
  })

  test('AgentOS switched off flips the authority of every command', () => {
    const { flips } = under({ enabled: false })
    expect([...new Set(flips.map(({ gate }) => gate))]).toEqual(['authority'])
    expect(flips.length).toBeGreaterThan(1)
  })

  test('where a run was refused and would have gone on, nobody knows what came after', () => {
    const strict = world((it) => {
      it.policy = { limits: { ...shippedPolicy.limits, bytes: 1 } }
    })
    const refused = played(strict, requested(), allSettled)
    const { flips, unknown } = under({}, refused)
    expect(flips).toMatchObject([{ gate: 'budget', was: 'blocked', now: 'passed' }])
    expect(unknown).toMatchObject([{ gate: 'every later gate', because: expect.stringContaining('never recorded') }])
  })

  test('a rule that asks for what was not recorded gives unknown, and no verdict', () => {
    const commands = shippedPolicy.commands.map((rule) =>
      rule.id === 'npm.test' && rule.decision !== 'deny'
        ? { ...rule, operands: [{ word: { is: 'target' as const, of: 'make' as const }, times: 'once' as const }] }
        : rule,
    )
    const { flips, unknown } = under({ commands })
    expect(flips).toEqual([])
    expect(unknown.map(({ gate, was, at }) => [gate, was, at])).toEqual([
      ['no-fabrication', 'passed', 'draft'],
      ['no-fabrication', 'passed', 'dispatch'],
    ])
    expect(unknown[0]?.because).toContain('nobody recorded which make targets')
  })

  test('a document that is gone leaves the verdicts that rest on it unknown', () => {
    const { words } = merged.state.approvals[0] ?? { words: '' }
    const documents = (sha256: string) => (sha256 === words ? undefined : merged.shelf.documents(sha256))
    const { unknown } = shadowRun({ events: merged.events, documents }, governedWith())
    expect(unknown.length).toBeGreaterThan(0)
    expect(unknown[0]).toMatchObject({ gate: 'review', because: expect.stringContaining('is not there') })
  })

  test('only inputs from a time on are judged', () => {
    const { events, shelf } = merged
    const since = (at: string) => shadowRun({ events, documents: shelf.documents }, governedWith(), at).verdicts
    expect(since('2026-01-01T00:00:00.000Z')).toBe(under({}).verdicts)
    expect(since('2027-01-01T00:00:00.000Z')).toBe(0)
  })
})
