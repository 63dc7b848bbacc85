import { describe, expect, test } from 'vitest'
import { openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { controllerKey } from '../../../src/app/evidence/export.ts'
import { openBundle } from '../../../src/app/evidence/open-bundle.ts'
import { auditSignatures } from '../../../src/app/evidence/signed-facts.ts'
import { replay } from '../../../src/app/replay.ts'
import { verifyEvidence } from '../../../src/app/verify.ts'
import { sha1Hex } from '../../../src/domain/hash.ts'
import { Plan } from '../../../src/domain/packs/plan.ts'
import { isSameButBase } from '../../../src/domain/run/decide/rebase.ts'
import type { EventEnvelope } from '../../../src/domain/run/envelope.ts'
import { told } from '../../../src/domain/run/state.ts'
import { rechained } from '../../app/evidence/rechain.ts'
import { CHANGED, contentOf, controller, edit, editStep, mia, OTHER_RUN, verifyStep } from '../../support/builders.ts'
import {
  allSettled,
  claimed,
  evidenceOf,
  given,
  handedOver,
  inOrder,
  lockedBy,
  type Outcome,
  type Play,
  planOf,
  reviewed,
  type Scene,
  story,
  until,
  world,
} from '../../support/given.ts'

const NEW_BASE = sha1Hex('the base has moved')
const moved = (name = 'the base has moved', paths = ['README.md']) =>
  world((it) => void (it.observe = { baseHead: sha1Hex(name), changedOnBase: paths }))
const rehearsed = inOrder(allSettled, claimed(), handedOver(), allSettled)
const executed = inOrder(claimed(), handedOver(), allSettled)
/** Approved, and found on a base that has moved: the draft is about to be carried over. */
const rebasing = inOrder(story.proposed, moved(), reviewed(), until('collect-memory'))
const OTHERS = new TextEncoder().encode("fs.rm('old') // and more\n")
/** The same edit, carried over to a file that others have changed. */
const carriesAnother = world((it) => {
  it.contents = [OTHERS]
  it.draft = (usual) => ({
    ...usual,
    steps: [editStep([edit('src/index.js', OTHERS)]), verifyStep],
    contents: [contentOf(OTHERS)],
  })
})
const comments = ({ effects }: Outcome) =>
  effects.flatMap((effect) => (effect.kind === 'comment' ? [effect.body.text] : []))

async function verified({ play }: Outcome) {
  const bytes = new TextEncoder().encode(await evidenceOf(play))
  expect(replay({ events: play.events, documents: play.shelf.documents })).toMatchObject({ same: true })
  return verifyEvidence(bytes, { open: openEnvelope, trusted: [controllerKey(controller)] })
}

describe('a base that changed what an approved plan touches', () => {
  test('makes the plan void for execution, and its draft is carried over to the new base', () => {
    const outcome = given(story.proposed, moved()).when(reviewed(), allSettled)
    outcome.decides('RunRebased', 'MemoryPinned', 'DraftTaken', 'GrantIssued').never('commit')
    const drafting = outcome.effects.find((effect) => effect.kind === 'draft')
    expect(drafting?.body).toMatchObject({ base: { sha: NEW_BASE }, carry: { contents: [contentOf(CHANGED)] } })
    expect(outcome.play.state.grants.at(-1)).toMatchObject({ purpose: 'dry-run', use: { is: 'open' } })
    expect(comments(outcome).join('\n')).toContain(`**Rebasing** onto \`${NEW_BASE}\` (rebase 1)`)
  })

  test('carries no approval over an objection that came meanwhile', () => {
    const objected = inOrder(rebasing, reviewed({ state: 'changes_requested', author: mia }))
    const outcome = given(objected).when(rehearsed)
    outcome.decides('PlanProposed').intends('request-review').ends('proposed')
    expect(outcome.types).not.toContain('ApprovalsCarried')
    expect(outcome.types).not.toContain('RunApproved')
    given(objected, rehearsed).when(reviewed(), allSettled).ends('executing')
  })

  test('asks reviewers, and shows no green check, once a carried approval is void', () => {
    const lost = world((it) => void (it.observe = { baseHead: NEW_BASE, reviews: [] }))
    const outcome = given(rebasing, lost).when(rehearsed)
    outcome.decides('ApprovalsCarried', 'ApprovalVoided').intends('request-review').ends('proposed')
    const checks = outcome.effects.flatMap((effect) =>
      effect.kind === 'check' && effect.body.name === 'agentos/plan' ? [effect.body.conclusion] : [],
    )
    expect(checks.at(-1)).toBe('action_required')
  })

  test('asks for no second approval where the plan is the same in all but its base', async () => {
    const outcome = given(rebasing).when(rehearsed)
    outcome
      .decides('PlanProposed', 'ApprovalsCarried', 'RunApproved', 'LocksTaken')
      .never('request-review')
      .ends('executing')
    expect(comments(outcome).join('\n')).toMatch(
      /\*\*Rebased\*\* onto .*1 approval given on `[0-9a-f]{10}` counts on.*Nobody needs to approve again/s,
    )
    const after = given(rebasing, rehearsed).when(executed)
    after.ends('delivered')
    const commit = after.effects.find((effect) => effect.kind === 'commit')
    expect(commit?.body.parent).toBe(NEW_BASE)
    expect(commit?.body.trailers.find(({ name }) => name === 'Approved-by')?.value).toMatch(
      /^@lee \(on [0-9a-f]{10}, the same change on an earlier base\)$/,
    )
    expect(await verified(after)).toMatchObject({ valid: true })
  })

  test('asks for approval again where the change differs, and only an approval of the new commit counts', async () => {
    const outcome = given(rebasing, carriesAnother).when(rehearsed)
    outcome.decides('PlanProposed').intends('request-review').ends('proposed')
    expect(outcome.types).not.toContain('ApprovalsCarried')
    expect(outcome.play.state.approvals).toEqual([])
    const old = told(outcome.play.state.rebased.last, 'the rebase').from.commit
    const late = given(rebasing, carriesAnother, rehearsed).when(reviewed({ commit: old }), allSettled)
    late.decides('ApprovalDeclined').never('dispatch').ends('proposed')
    const again = given(rebasing, carriesAnother, rehearsed).when(reviewed(), allSettled, executed)
    again.ends('delivered')
    expect(await verified(again)).toMatchObject({ valid: true })
  })

  test('is followed as often as the policy allows, and then the run ends with what to do', () => {
    const rebases: Scene = (play) => {
      for (let nth = 1; nth <= 3; nth += 1) {
        moved(`move ${nth}`)(play)
        if (nth === 1) reviewed()(play)
        rehearsed(play)
      }
    }
    const outcome = given(story.proposed, rebases, claimed(), handedOver(), moved('move 4')).when(allSettled)
    outcome.never('commit').ends('refused', /rebased 3 times, the policy allows 3/)
    expect(outcome.play.state.end?.next).toContain('/agentos plan')
  })

  test('is followed before the commit too, and what the job delivered counts no more', () => {
    const outcome = given(story.delivering, moved()).when(allSettled)
    outcome.decides('GrantRevoked', 'LocksReleased', 'RunRebased').never('commit').ends('planning')
    const stale = outcome.play.state.grants.find(({ purpose }) => purpose === 'execute')?.id ?? ''
    const late = given(story.delivering, moved(), allSettled).when(handedOver({ grant: stale }), allSettled)
    late.decides('ClaimDeclined').never('commit', 'ready').ends('planning')
    given(story.delivering, moved()).when(rehearsed, executed).ends('delivered')
  })

  test('is not followed while another run holds the locks: it would move again', () => {
    given(story.proposed, moved(), lockedBy(OTHER_RUN, ['path:src/index.js']))
      .when(reviewed(), allSettled)
      .decides('LockAwaited')
      .never('commit', 'dispatch')
      .ends('waiting_for_lock')
  })

  test('ends a run whose edits conflict and cannot be made anew, with the conflicts and the next words', () => {
    const conflicting = world((it) => {
      it.results.draft = (body) =>
        body.carry === undefined
          ? undefined
          : {
              is: 'refused',
              rule: 'rebase',
              because: 'src/index.js: both sides change line 1',
              next: 'bring #7 up to date',
            }
    })
    const outcome = given(story.proposed, moved(), conflicting).when(reviewed(), allSettled)
    outcome.never('commit').ends('refused', /src\/index\.js: both sides change line 1/)
    expect(outcome.play.state.end?.next).toContain('bring #7 up to date')
  })

  test('says on the plan where its edits were planned anew', () => {
    const anew = world((it) => void (it.conflicts = ['src/index.js: both sides change line 1']))
    const outcome = given(rebasing, carriesAnother, anew).when(rehearsed)
    expect(comments(outcome).join('\n')).toContain('planned anew: `src/index.js: both sides change line 1`')
  })
})

describe('two plans', () => {
  const plan = planOf(given().when(story.proposed).play)
  test('are the same but for the base where only base, MemoryPack and predicted tree are others', () => {
    const other = {
      ...plan,
      base: { ...plan.base, sha: NEW_BASE, tree: sha1Hex('t') },
      memory: 'f'.repeat(64),
      predictedTree: sha1Hex('p'),
    }
    expect(isSameButBase(plan, Plan.parse(other))).toBe(true)
  })

  test.each<[string, Partial<Plan>]>([
    ['edits', { edits: [] }],
    ['diff', { diffSha256: 'a'.repeat(64) }],
    ['steps', { steps: [verifyStep] }],
    ['locks', { locks: ['path:other'] }],
    ['risk', { risk: { level: 'high', reasons: [] } }],
    ['lane', { lane: 'high' }],
    ['limits', { limits: { ...plan.limits, runMinutes: 1 } }],
    ['reads', { reads: ['README.md'] }],
    ['manifest', { manifest: 'b'.repeat(64) }],
    ['intent', { intent: 'c'.repeat(64) }],
    ['branch', { base: { ...plan.base, ref: 'refs/heads/other' } }],
  ])('with other %s are not', (_what, changes) => {
    expect(isSameButBase(plan, Plan.parse({ ...plan, ...changes }))).toBe(false)
  })
})

describe('evidence in which approvals were carried over wrongly', () => {
  const { play } = given(rebasing).when(rehearsed)
  const carried = play.events.find(({ type }) => type === 'ApprovalsCarried')
  const forged = async (changes: EventEnvelope['data']) => {
    const events = rechained(play.events, ({ type, data }) =>
      type === 'ApprovalsCarried' ? { ...data, ...changes } : data,
    )
    const fault = auditSignatures(await opened({ ...play, events }), openEnvelope)
    return 'fault' in fault ? fault.fault : undefined
  }
  const opened = async (of: Play) => {
    const trust = { open: openEnvelope, trusted: [controllerKey(controller)] }
    const bundle = openBundle(new TextEncoder().encode(await evidenceOf(of)), trust)
    if (!bundle.ok) throw new Error(bundle.refusal.fault)
    return bundle.value
  }

  test.each<[string, () => EventEnvelope['data'], string]>([
    ['from a plan that no rebase made void', () => ({ from: carried?.data['to'] ?? '' }), 'no rebase made void'],
    [
      'other approvals than were given',
      () => ({ approvals: play.state.approvals.map((one) => ({ ...one, userId: '77' })) }),
      'other approvals were carried over',
    ],
    ['with another diff', () => ({ diffSha256: 'a'.repeat(64) }), 'not the approved one'],
    ['to a plan that is not there', () => ({ to: play.state.rebased.last?.from.draft ?? '' }), 'cannot be read'],
  ])('is found out: %s', async (_what, changes, fault) => {
    expect(await forged({})).toBeUndefined()
    expect(await forged(changes())).toContain(fault)
  })
})
