import { describe, expect, test } from 'vitest'
import { openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { controllerKey } from '../../../src/app/evidence/export.ts'
import { verifyEvidence } from '../../../src/app/verify.ts'
import { sha1Hex } from '../../../src/domain/hash.ts'
import { readDocument } from '../../../src/domain/packs/documents.ts'
import type { Draft, Step } from '../../../src/domain/packs/plan.ts'
import { ReviewPack } from '../../../src/domain/packs/review-pack.ts'
import { Verdicts } from '../../../src/domain/packs/verdicts.ts'
import type { StepReceipt } from '../../../src/domain/receipt.ts'
import type { RunState } from '../../../src/domain/run/state.ts'
import { controller, edit, editStep, lee, OTHER_RUN, shippedLanes, verifyStep } from '../../support/builders.ts'
import {
  allSettled,
  claimed,
  evidenceOf,
  fired,
  freed,
  given,
  type Handing,
  handedOver,
  later,
  lockedBy,
  merged,
  type Outcome,
  requested,
  reviewed,
  type Scene,
  settled,
  stopAsked,
  until,
  type World,
  world,
} from '../../support/given.ts'

const HOUR = 3_600_000
const light = (changes: Partial<typeof shippedLanes.light> = {}, more: World['policy'] = {}) =>
  world((it) => {
    it.policy = { lanes: { light: { ...shippedLanes.light, ...changes } }, ...more }
  })
const drafts = (changes: Partial<Draft>, contents?: readonly Uint8Array[]) =>
  world((it) => {
    it.draft = (usual) => ({ ...usual, ...changes })
    it.contents = contents ?? it.contents
  })
const bytes = (text: string) => new TextEncoder().encode(text)

/** The story up to a plan that waits for approval, with what the dry run measured. */
const proposed =
  (handing: Handing = {}): Scene =>
  (play) => {
    for (const scene of [requested(), allSettled, claimed(), handedOver(handing), allSettled]) scene(play)
  }

/** Every text that people read, of comments, cards and checks. */
const said = ({ effects }: Outcome) =>
  effects.flatMap(({ body }) => Object.values(body).filter((value) => typeof value === 'string')).join('\n')

/** What GitHub says of Lee's approval where it was given on another commit. */
const stale = {
  reviewId: `8${lee.id}`,
  userId: lee.id,
  state: 'approved',
  commit: sha1Hex('an earlier plan commit'),
  role: lee.role,
} as const

describe('the light lane: what the dry run measured is what is delivered, without a second job', () => {
  test('the approval of a small change of text leads to the commit at once, and to no job', () => {
    const outcome = given(light(), proposed()).when(reviewed(), allSettled)
    outcome
      .decides('LocksTaken', 'DryRunReused', 'DeliveryRequested', 'RunDelivered')
      .intends('observe', 'commit')
      .never('dispatch')
      .ends('delivered')
    expect(outcome.types).not.toContain('GrantIssued')
    const { plan, approvals, dryRun } = outcome.data('DryRunReused')
    expect(plan).toBe(outcome.play.state.plan?.hash)
    expect(approvals).toEqual(outcome.play.state.approvals)
    expect(dryRun).toBe(outcome.play.state.grants[0]?.id)
  })

  test('GitHub is asked again before anything is committed, and only once', () => {
    const outcome = given(light(), proposed()).when(reviewed(), until('commit'))
    expect(outcome.effects.filter(({ kind }) => kind === 'observe')).toHaveLength(1)
    expect(outcome.effects.map(({ kind }) => kind).indexOf('observe')).toBeLessThan(
      outcome.effects.map(({ kind }) => kind).indexOf('commit'),
    )
  })

  test.each<[string, World['observe'], RunState['phase'], RegExp]>([
    [
      'the head moved',
      { head: sha1Hex('elsewhere') },
      'refused',
      /the branch is at .* approved was .*rule `freshness`/,
    ],
    [
      'the control plane changed',
      { manifest: '0'.repeat(64) },
      'refused',
      /the control plane changed since the plan was made \(rule `freshness`\)/,
    ],
    [
      'the requester lost the right to ask',
      { requesterRole: 'read' },
      'refused',
      /plan needs write, the person has read \(rule `authority`\)/,
    ],
    ['the approval is gone', { reviews: [] }, 'proposed', /Approval void\*\*: the review is absent/],
    [
      'the approval is of another commit',
      { reviews: [stale] },
      'proposed',
      /Approval void\*\*: the review is on .*, the plan is/,
    ],
  ])('where %s meanwhile, nothing is committed and it is said why', (_what, observe, phase, because) => {
    const outcome = given(
      light(),
      proposed(),
      world((it) => void (it.observe = observe)),
    ).when(reviewed(), allSettled)
    outcome.never('commit', 'dispatch').ends(phase)
    expect(said(outcome)).toMatch(because)
  })

  test('where the base changed a path of the plan, it is carried over and tried anew, and that dry run stands', async () => {
    const moved = world((it) => void (it.observe = { baseHead: sha1Hex('moved'), changedOnBase: ['README.md'] }))
    const rebasing = given(light(), proposed(), moved).when(reviewed(), allSettled)
    rebasing.never('commit').decides('RunRebased')
    const again = given(light(), proposed(), moved, reviewed(), until('collect-memory'), allSettled).when(
      claimed(),
      handedOver(),
      allSettled,
    )
    again.decides('ApprovalsCarried', 'DryRunReused').never('dispatch').ends('delivered')
    const bytes = new TextEncoder().encode(await evidenceOf(again.play))
    const trust = { open: openEnvelope, trusted: [controllerKey(controller)] }
    expect(verifyEvidence(bytes, trust)).toMatchObject({ valid: true, grants: 2, stepReceipts: 4 })
  })

  test('plan, card and ReviewPack say that there is no second job, and since when its checks stand', () => {
    const plan = said(given(light()).when(proposed()))
    expect(plan).toContain('Lane light')
    expect(plan).toMatch(/no second job, the checks of the dry run of 2026-03-01T09:00:00.000Z stand/)
    expect(plan).toMatch(/land at once, or nothing: the checks of the dry run stand for 24 hours/)
    const end = given(light(), proposed()).when(reviewed(), allSettled)
    expect(said(end)).toContain(
      '**Light lane**: no second job; the checks of the dry run of 2026-03-01T09:00:00.000Z stand',
    )
    expect(said(end)).toContain('2 signed receipts of the dry run of 2026-03-01T09:00:00.000Z; no second job')
    const pack = readDocument(end.play.shelf.documents, end.data('RunDelivered').pack, ReviewPack)
    expect(pack.steps.map(({ job }) => job)).toEqual(['dry-run', 'dry-run'])
    expect(pack).toMatchObject({ reproduced: null, reused: { since: '2026-03-01T09:00:00.000Z' } })
  })

  test('it goes on to the merge as every run does', () => {
    given(light(), proposed(), reviewed(), allSettled).when(merged, allSettled).decides('LocksReleased').ends('merged')
  })

  test('a stop before the approval leads to no commit', () => {
    given(light(), proposed()).when(stopAsked(), reviewed(), allSettled).never('commit').ends('cancelled')
  })
})

const run: Step = { id: 'format', is: 'run', argv: ['npm', 'run', 'format'], outputs: ['README.md'], frozen: null }
const reading: Step = { id: 'tests', is: 'verify', argv: ['node', '--test', 'src'], criteria: [] }
const README = bytes('# Sample, formatted\n')
const written = { step: 'format', edits: [edit('README.md', README)], contents: [README] }
const binary = new Uint8Array([1, 0, 2])
const wide = bytes(`${'x'.repeat(300_000)}\n`)
const elsewhere = sha1Hex('another tree')
const fromElsewhere = (receipts: readonly StepReceipt[]) =>
  receipts.map((receipt, index) => (index === 0 ? { ...receipt, treeBefore: elsewhere } : receipt))
const moved = { ...edit('docs/README.md', bytes('# Sample\n')), before: null }

/** What speaks against the light lane, the gate that says so, and its words. */
const kept: readonly (readonly [string, string, RegExp, Scene, Handing])[] = [
  ['the policy closes it', 'light-policy', /does not open/, light({ enabled: false }), {}],
  [
    'the risk is more than low',
    'light-risk',
    /risk is medium/,
    (play) => {
      light()(play)
      drafts({ steps: [editStep([edit('README.md', wide)]), verifyStep] }, [wide])(play)
    },
    {},
  ],
  [
    'bytes change that are no text',
    'light-text',
    /no text/,
    (play) => {
      light()(play)
      drafts({ steps: [editStep([edit('src/data.bin', binary)]), verifyStep] }, [binary])(play)
    },
    {},
  ],
  [
    'a file is moved',
    'light-text',
    /deleted or moved/,
    (play) => {
      light()(play)
      const steps = [editStep([edit('README.md', null), moved]), verifyStep]
      drafts({ steps }, [bytes('# Sample\n')])(play)
    },
    {},
  ],
  ['more lines change than it takes', 'light-size', /lines/, light({ lines: 1 }), {}],
  ['more files change than it takes', 'light-size', /files/, light({ files: 0 }), {}],
  ['a path is kept out of it', 'light-paths', /kept out/, light({ excluded: ['src/**'] }), {}],
  [
    'its own check reads what it edits',
    'light-paths',
    /step tests runs or reads it/,
    (play) => {
      light()(play)
      drafts({ steps: [editStep(), reading] })(play)
    },
    {},
  ],
  [
    'a command writes what lands',
    'light-steps',
    /format/,
    (play) => {
      light()(play)
      drafts({ steps: [editStep(), run, verifyStep] })(play)
    },
    { frozen: [written] },
  ],
  [
    'nothing verifies the change',
    'light-verify',
    /no step verifies/,
    (play) => {
      light()(play)
      drafts({ steps: [editStep()], noVerify: 'there is no check' })(play)
    },
    {},
  ],
  [
    'a contractor drafted it',
    'light-machine',
    /contractor/,
    (play) => {
      light()(play)
      drafts({ drafter: { is: 'contractor', name: 'some-cli', version: '1' } })(play)
    },
    {},
  ],
  ['the receipts do not lead from the base', 'light-receipts', /another tree/, light(), { receipts: fromElsewhere }],
]

describe('a plan is kept out of the light lane by each condition alone, and a job repeats its steps', () => {
  test.each(kept)('where %s (%s)', (_what, gate, because, scene, handing) => {
    const plan = given(scene).when(proposed(handing))
    const blocked = plan.play.state.verdicts
      .map(({ document }) => readDocument(plan.play.shelf.documents, document, Verdicts))
      .flatMap(({ at, asked }) => (at === 'lane' ? asked.filter(({ is }) => is !== 'passed') : []))
    given(scene, proposed(handing)).when(reviewed(), allSettled).never('commit').intends('dispatch')
    expect(blocked).toMatchObject([{ gate, because: expect.stringMatching(because) }])
    expect(plan.play.state.plan?.lane).toBe('standard')
    expect(said(plan)).toMatch(/lane standard\. It is not the light lane: /)
  })

  test('a policy that does not say how long a dry run stands closes it', () => {
    const { hours: _hours, ...rest } = shippedLanes.light
    given(
      world((it) => void (it.policy = { lanes: { light: rest } })),
      proposed(),
    )
      .when(reviewed(), allSettled)
      .never('commit')
      .intends('dispatch')
  })

  test('high risk takes the high lane, whatever else holds', () => {
    const { play } = given(light({}, { protectedPaths: ['src/**'] })).when(proposed())
    expect(play.state.plan?.lane).toBe('high')
  })

  test('a plan file says nothing of a job: locally no plan is light', () => {
    const { play } = given(light(), requested({ venue: 'local' }), allSettled, claimed()).when(handedOver())
    expect(play.state.plan?.lane).toBe('standard')
  })
})

describe('a light plan is executed by a job after all', () => {
  test('where the dry run is older than the policy lets it stand (light-age)', () => {
    const outcome = given(light({ hours: 1 }), proposed()).when(later(HOUR + 1), reviewed(), allSettled)
    outcome.never('commit').intends('dispatch')
    expect(outcome.data('GrantIssued').purpose).toBe('execute')
    expect(said(outcome)).toMatch(/executed by a job of its own after all: the dry run is of/)
  })

  test('up to that very moment it stands', () => {
    given(light({ hours: 1 }), proposed())
      .when(later(HOUR), reviewed(), allSettled)
      .never('dispatch')
      .intends('commit')
  })

  test('where the run had to wait for another one (light-once)', () => {
    given(light(), proposed(), lockedBy(OTHER_RUN, ['path:src/index.js']), reviewed(), allSettled)
      .when(freed(OTHER_RUN), fired('lock'), allSettled)
      .never('commit')
      .intends('dispatch')
  })

  test('where a job to execute it was begun before (light-once)', () => {
    given(light({ hours: 1 }), proposed(), later(HOUR + 1), reviewed(), allSettled)
      .when(fired('claim'), allSettled)
      .never('commit')
      .intends('dispatch')
  })

  test('and what that job delivers is committed with its own receipts', () => {
    const outcome = given(light({ hours: 1 }), proposed(), later(HOUR + 1), reviewed(), allSettled).when(
      claimed(),
      handedOver(),
      allSettled,
    )
    outcome.ends('delivered')
    const pack = readDocument(outcome.play.shelf.documents, outcome.data('RunDelivered').pack, ReviewPack)
    expect(pack.reused).toBeUndefined()
    expect(pack.steps.map(({ job }) => job)).toEqual(['dry-run', 'dry-run', 'execute', 'execute'])
  })

  test('a request for changes or an amendment comes too late once the commit is asked for', () => {
    given(light(), proposed(), reviewed(), until('commit'))
      .when(reviewed({ state: 'changes_requested' }), settled('commit'), allSettled)
      .ends('delivered')
  })
})
