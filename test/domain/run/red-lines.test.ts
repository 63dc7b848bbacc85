import { describe, expect, test } from 'vitest'
import { hashOf, sha1Hex } from '../../../src/domain/hash.ts'
import { readDocument } from '../../../src/domain/packs/documents.ts'
import type { MemoryPack } from '../../../src/domain/packs/memory-pack.ts'
import type { Draft, Step } from '../../../src/domain/packs/plan.ts'
import type { Question } from '../../../src/domain/packs/question-pack.ts'
import { ReviewPack } from '../../../src/domain/packs/review-pack.ts'
import { Verdicts } from '../../../src/domain/packs/verdicts.ts'
import type { StepReceipt } from '../../../src/domain/receipt.ts'
import { CommitMessage } from '../../../src/domain/run/decide/commit.ts'
import { told } from '../../../src/domain/run/state.ts'
import { aQuestion } from '../../support/a-question.ts'
import {
  ana,
  BASE_TREE,
  bot,
  edit,
  editStep,
  examined,
  governedWith,
  memoryPack,
  mia,
  OTHER_RUN,
  reader,
  shippedPolicy,
  treeAfter,
  verifyStep,
} from '../../support/builders.ts'
import {
  allSettled,
  amended,
  claimed,
  deliveredMessage,
  ended,
  fired,
  freed,
  given,
  handedOver,
  later,
  lockedBy,
  type Play,
  type Reviewing,
  requested,
  reviewed,
  type Scene,
  settled,
  stopAsked,
  story,
  until,
  type World,
  world,
} from '../../support/given.ts'

// Each refusal is seen by an effect that must not follow: that is what fails when a gate is made to pass everything.

const drafts = (changes: Partial<Draft>, contents?: readonly Uint8Array[]) =>
  world((it) => {
    it.draft = (usual) => ({ ...usual, ...changes })
    it.contents = contents ?? it.contents
  })

const observes = (observe: World['observe']) =>
  world((it) => {
    it.observe = observe
  })

const policy = (changes: World['policy']) =>
  world((it) => {
    it.policy = changes
  })

const pins =
  (changes: Partial<MemoryPack>): Scene =>
  (play) => {
    const pack = play.shelf.document({ ...memoryPack(), ...changes })
    play.world.results['collect-memory'] = () => ({ tree: BASE_TREE, pack })
  }

const question = (id: string, type: Question['type'] = 'blocker'): Question =>
  aQuestion({
    id,
    type,
    about: 'paths',
    text: 'Which files?',
  })
const asks = (...questions: readonly Question[]) =>
  world((it) => {
    it.questions = questions
  })

const lose: Scene = ({ shelf, state }) => void shelf.blobs.delete(state.verdicts[0]?.document ?? '')

describe('red line 1, memory-pack: nothing is planned without a MemoryPack of the base commit', () => {
  test.each<[string, Partial<MemoryPack>, RegExp]>([
    ['of another commit', { base: { sha: sha1Hex('elsewhere'), tree: BASE_TREE, files: 3 } }, /the base is/],
    ['of another tree', { base: { ...memoryPack().base, tree: sha1Hex('elsewhere') } }, /another tree/],
    ['that is empty and does not say why', { items: [], emptyBecause: null }, /does not say why/],
  ])('a pack %s stops the run before it drafts', (_what, changes, because) => {
    given(pins(changes))
      .when(requested(), allSettled)
      .never('draft', 'open-pull-request', 'dispatch')
      .ends('refused', because)
  })
})

describe('red line 2, question-budget: people are asked no more than mode and policy allow', () => {
  test.each([
    ['full_auto asks nothing', 'full_auto' as const, [question('q1')], /full_auto asks nothing/],
    [
      'semi_auto asks no more than three',
      'semi_auto' as const,
      ['q1', 'q2', 'q3', 'q4'].map((id) => question(id)),
      /4 questions/,
    ],
    ['semi_auto asks blockers only', 'semi_auto' as const, [question('q1', 'clarification')], /no blocker/],
  ])('%s', (_title, mode, questions, because) => {
    given(asks(...questions))
      .when(requested({ mode }), allSettled)
      .never('comment', 'open-pull-request')
      .ends('refused', because)
  })
})

describe('red line 3, no-fabrication: a draft speaks only of what the base commit has', () => {
  test.each<[string, Partial<Draft>, RegExp]>([
    [
      'a path that does not exist',
      { steps: [editStep([{ ...edit(), path: 'src/none.js' }]), verifyStep] },
      /does not exist/,
    ],
    [
      'a file to create that exists',
      { steps: [editStep([{ ...edit(), before: null }]), verifyStep] },
      /exists at the base already/,
    ],
    [
      'a command that is not listed',
      { steps: [editStep(), { id: 'load', is: 'verify', argv: ['curl', 'x'], criteria: [] }] },
      /curl/,
    ],
    [
      'a script that package.json lacks',
      { steps: [editStep(), { id: 'lint', is: 'verify', argv: ['npm', 'run', 'lint'], criteria: [] }] },
      /lint/,
    ],
    ['evidence that leads nowhere', { evidence: [`src/index.js@${'0'.repeat(40)}`] }, /leads to nothing/],
    ['a file to read that does not exist', { reads: ['docs/none.md'] }, /reads it, and it does not exist/],
    ['another intent', { intent: hashOf('another') }, /another intent/],
  ])('%s stops the run before anything is tried', (_what, changes, because) => {
    given(drafts(changes)).when(requested(), allSettled).never('open-pull-request', 'dispatch').ends('refused', because)
  })
})

describe('red line 4, step-log: every declared step has its signed receipt, in order', () => {
  test('an execution without the receipt of its tests leads to no commit', () => {
    given(story.executing)
      .when(handedOver({ receipts: (all) => all.slice(0, 1) }), allSettled)
      .never('commit', 'ready')
      .ends('failed', /no receipt/)
  })

  test('an execution whose receipts are in another order leads to no commit', () => {
    given(story.executing)
      .when(handedOver({ receipts: (all) => all.toReversed() }), allSettled)
      .never('commit', 'ready')
      .ends('failed', /the plan says/)
  })

  test('a dry run that left out its tests is not put up for approval', () => {
    given(story.dryRun)
      .when(handedOver({ receipts: (all) => all.slice(0, 1) }), allSettled)
      .never('commit', 'request-review')
      .ends('failed', /no receipt/)
  })
})

describe('red line 5, review-pack: no run ends without its ReviewPack on record', () => {
  test('a run whose account cannot be made tells nobody that it has ended', () => {
    const outcome = given(requested(), lose).when(stopAsked())
    outcome.never('card', 'comment', 'react', 'close')
    expect(outcome.types).not.toContain('RunCancelled')
  })

  test('a delivery whose account cannot be made is not made ready', () => {
    given(story.delivering, until('commit'), lose).when(allSettled).never('ready', 'comment')
  })
})

describe('red line 6, patch-identity: what lands is byte for byte what was approved', () => {
  test('an execution that came to another tree leads to no commit', () => {
    given(story.executing)
      .when(handedOver({ tree: treeAfter([edit('README.md')]) }), allSettled)
      .never('commit', 'ready')
      .ends('failed', /approved was/)
  })

  test.each([
    ['tree', { tree: BASE_TREE }, /the tree is/],
    ['diff', { diffSha256: hashOf('another diff') }, /another diff hash/],
  ])('a commit with another %s is not made ready', (_what, changes, because) => {
    given(story.delivering, until('commit'), commits(changes))
      .when(allSettled)
      .never('ready', 'comment')
      .ends('failed', because)
  })

  test('a plan commit with another tree is not put up for approval', () => {
    given(story.dryRun, commits({ tree: BASE_TREE }))
      .when(handedOver(), allSettled)
      .never('request-review')
      .ends('failed', /the tree is/)
  })
})

describe('red line 7, commit-trace: every commit leads to its plan, approval and request', () => {
  test('a delivery commit that lost its trailers is not made ready', () => {
    given(story.delivering, until('commit'), commits({}, 'A commit\n'))
      .when(allSettled)
      .never('ready')
      .ends('failed', /trailer/)
  })

  test('a plan commit that lost its trailers is not put up for approval', () => {
    given(story.dryRun, commits({}, 'A commit\n'))
      .when(handedOver(), allSettled)
      .never('request-review')
      .ends('failed', /trailer/)
  })

  test('a merge whose message names one more approver is recorded as one that cannot be traced', () => {
    const merged = (more: string) =>
      given(story.delivered).when((play) => {
        const { message: own } = readDocument(play.shelf.documents, deliveredMessage(play), CommitMessage)
        const message = play.shelf.document({ v: 1, message: `${own}${more}` })
        ended({ commit: sha1Hex('squashed'), message, diffSha256: play.state.delivered?.diffSha256 ?? null })(play)
      })
    expect(merged('').data('RunMerged')).toMatchObject({ traced: true })
    expect(merged('Co-authored-by: kim <1@x>\n').data('RunMerged')).toMatchObject({ traced: true })
    expect(merged('approved-by: @boss\n').data('RunMerged')).toMatchObject({ traced: false })
  })

  test('a merge that lost its trailers is recorded as one that cannot be traced', () => {
    const outcome = given(story.delivered).when((play) => {
      const message = play.shelf.document({ v: 1, message: 'Squashed by hand\n' })
      ended({ commit: sha1Hex('squashed'), message, diffSha256: play.state.delivered?.diffSha256 ?? null })(play)
    })
    expect(outcome.data('RunMerged')).toMatchObject({ same: true, traced: false })
    const { state, shelf } = outcome.play
    const { notVerified } = readDocument(shelf.documents, told(state.reviewPack, 'the ReviewPack'), ReviewPack)
    const [squashed, delivered] = [sha1Hex('squashed'), state.delivered?.commit ?? '']
    expect(notVerified.join('\n')).toMatch(new RegExp(`trailers of ${squashed} do not .* Where ${delivered} stands`))
  })
})

describe('red line 8, lock-rebase: a run that had to wait never executes on its old base', () => {
  const held = lockedBy(OTHER_RUN, ['path:src/index.js'])
  const waiting = [story.proposed, held, reviewed(), allSettled, freed(OTHER_RUN)]

  test('a path that another run holds makes the run wait', () => {
    given(story.proposed, held)
      .when(reviewed(), allSettled)
      .decides('LockAwaited')
      .never('dispatch', 'commit')
      .ends('waiting_for_lock')
  })

  test('still held at the next look, it waits on', () => {
    given(story.proposed, held, reviewed(), allSettled)
      .when(fired('lock'), allSettled)
      .never('dispatch', 'commit')
      .ends('waiting_for_lock')
  })

  test('freed on the same base it goes on', () => {
    given(...waiting)
      .when(fired('lock'), allSettled)
      .intends('dispatch')
      .ends('executing')
  })

  test('freed on a base that did not touch its paths it goes on', () => {
    given(...waiting, observes({ baseHead: sha1Hex('moved') }))
      .when(fired('lock'), allSettled)
      .intends('dispatch')
      .ends('executing')
  })

  test('freed on a base that changed its paths it does not execute', () => {
    given(...waiting, observes({ baseHead: sha1Hex('moved'), changedOnBase: ['src/index.js'] }))
      .when(fired('lock'), allSettled)
      .never('commit')
      .decides('RunRebased')
      .ends('planning')
  })
})

describe('red line 9, lock-held: delivery and commit need every lock', () => {
  const taken = lockedBy(OTHER_RUN, ['path:src/index.js'])

  test('a delivery after another run took the lock leads to no commit', () => {
    given(story.executing, taken)
      .when(handedOver(), allSettled)
      .never('commit', 'ready')
      .ends('failed', /not held/)
  })

  test('a lock lost between delivery and commit leads to no commit', () => {
    given(story.delivering, taken)
      .when(allSettled)
      .never('commit', 'ready')
      .ends('refused', /not held/)
  })

  test('a lock that expired leads to no commit', () => {
    given(story.executing, later(7 * 3_600_000))
      .when(handedOver(), allSettled)
      .never('commit', 'ready')
      .ends('failed', /expired/)
  })
})

describe('red line 10, schedule-audit: a scheduled run names a recorded decision to run', () => {
  const due = '2026-03-01T08:00:00.000Z'
  const scheduled =
    (record: object, at = due): Scene =>
    (play) => {
      const manifest = hashOf(governedWith())
      const decision = play.shelf.document({ v: 1, rule: 'nightly', due: at, manifest, decision: 'run', ...record })
      requested({ via: { is: 'schedule', rule: 'nightly', due: at, decision }, requester: bot, issue: null })(play)
    }

  test('a due time that was decided to run is planned and tried', () => {
    given().when(scheduled({}), allSettled).intends('collect-memory', 'dispatch')
  })

  test.each<[string, object, string, RegExp]>([
    ['not to run', { decision: 'skip' }, due, /not to run/],
    ['another rule', { rule: 'weekly' }, due, /another rule/],
    ['another control plane', { manifest: hashOf('other') }, due, /another manifest/],
    ['a time that has not come', {}, '2030-01-01T00:00:00.000Z', /has not come/],
  ])('a decision about %s plans nothing', (_what, record, at, because) => {
    given()
      .when(scheduled(record, at), allSettled)
      .never('collect-memory', 'open-pull-request', 'dispatch')
      .ends('refused', because)
  })
})

describe('policy gates', () => {
  test.each([
    ['a reader', reader],
    ['a bot', bot],
  ])('authority: %s gets nothing planned', (_who, requester) => {
    given()
      .when(requested({ requester }), allSettled)
      .never('collect-memory', 'open-pull-request', 'dispatch')
      .ends('refused')
  })

  test('authority: AgentOS switched off plans nothing', () => {
    given(policy({ enabled: false }))
      .when(requested(), allSettled)
      .never('open-pull-request', 'dispatch')
      .ends('refused', /switched off/)
  })

  test('authority: a requester who lost write access gets nothing executed', () => {
    given(story.proposed, observes({ requesterRole: 'read' }))
      .when(reviewed(), allSettled)
      .never('dispatch')
      .ends('refused', /needs write/)
  })

  test('scope: a workflow file is refused at planning', () => {
    const steps = [editStep([edit('.github/workflows/ci.yml')]), verifyStep]
    given(drafts({ steps }))
      .when(requested(), allSettled)
      .never('open-pull-request', 'dispatch')
      .ends('refused', /workflow file/)
  })

  test('budget: more new content than the policy allows is refused at planning', () => {
    given(policy({ limits: { ...shippedPolicy.limits, bytes: 1 } }))
      .when(requested(), allSettled)
      .never('open-pull-request', 'dispatch')
      .ends('refused', /bytes of new content/)
  })

  test('hygiene: a change that hides text is refused at planning', () => {
    const hiding = new TextEncoder().encode('access = "user\u202e admin\u2066"\n')
    const steps = [editStep([edit('src/index.js', hiding)]), verifyStep]
    given(drafts({ steps }, [hiding]))
      .when(requested(), allSettled)
      .never('open-pull-request', 'dispatch')
      .ends('refused', /src\/index.js/)
  })

  test('secrets: a change that brings one in is refused at planning, and not shown', () => {
    const token = `ghp_${'aB3dE6gH9jK2'.repeat(3)}`
    const leaking = new TextEncoder().encode(`first\nconst token = '${token}'\n`)
    const steps = [editStep([edit('src/index.js', leaking)]), verifyStep]
    given(drafts({ steps }, [leaking]))
      .when(requested(), allSettled)
      .never('open-pull-request', 'dispatch')
      .ends('refused', /src\/index\.js: line 2 holds a secret \[github-token\]/)
  })

  test('mode: full_auto without a verify step is refused', () => {
    given(drafts({ steps: [editStep()], noVerify: 'there are no tests' }))
      .when(requested({ mode: 'full_auto' }), allSettled)
      .never('open-pull-request', 'dispatch')
      .ends('refused', /needs a verify step/)
  })

  test('mode: full_auto with a criterion that no step verifies is refused', () => {
    given()
      .when(requested({ mode: 'full_auto', words: { text: 'Change it\n\n- [ ] the tests pass' } }), allSettled)
      .never('open-pull-request', 'dispatch')
      .ends('refused', /c1 is tied to no verify step/)
  })

  const assuming = { mode: 'full_auto' as const, words: { text: 'Change it. Assume that nobody calls it elsewhere.' } }

  test('mode: full_auto with an assumption of the requester is refused, with the command that would let it proceed', () => {
    const { play } = given()
      .when(requested(assuming), allSettled)
      .never('open-pull-request', 'dispatch')
      .ends('refused', /the request does \(comment\): Assume that nobody calls it elsewhere/)
    expect(play.state.end).toMatchObject({
      rule: 'mode',
      next: expect.stringContaining(`\`/agentos plan --mode semi_auto ${assuming.words.text}\``),
    })
    given()
      .when(requested({ ...assuming, mode: 'semi_auto' }), allSettled)
      .intends('dispatch')
  })

  test('mode: full_auto whose assumption an amendment takes back in time goes on', () => {
    given(requested(assuming), until('draft'))
      .when(amended({ text: 'Do not assume that anybody calls it elsewhere.' }), allSettled)
      .intends('dispatch')
  })

  test('mode: full_auto to which an amendment adds an assumption is refused, in the middle of a run', () => {
    const outcome = given(requested({ mode: 'full_auto' }), allSettled, claimed(), handedOver(), allSettled)
      .when(amended({ text: 'Assuming Node 24 is used' }), allSettled)
      .never('dispatch')
      .ends('refused', /the request does \(amendment 1\): Assuming Node 24 is used/)
    expect(outcome.play.state.end?.next).toContain('and the amendments again')
  })

  test('mode: full_auto is refused where not every claim of the request found a place', () => {
    const text = Array.from({ length: 51 }, (_, i) => `You must keep part ${'x'.repeat(i + 1)}.`).join('\n')
    given()
      .when(requested({ mode: 'full_auto', words: { text } }), allSettled)
      .never('open-pull-request', 'dispatch')
      .ends('refused', /1 of its claims found no place/)
  })

  test('mode: full_auto with every criterion tied to a verify step goes on', () => {
    const steps = [editStep(), { ...verifyStep, criteria: ['c1'] }]
    given(drafts({ steps: [...steps] }))
      .when(requested({ mode: 'full_auto', words: { text: 'Change it\n\n- [ ] the tests pass' } }), allSettled)
      .intends('dispatch')
  })

  test('mode: what a command brought forth in full_auto is no riskier than what was drafted', () => {
    const outputs = ['.husky/pre-commit']
    const steps: readonly Step[] = [
      { id: 'hook', is: 'run', argv: ['npm', 'run', 'format'], outputs, frozen: null },
      verifyStep,
    ]
    const content = new TextEncoder().encode('exit 0\n')
    const frozen = [
      { step: 'hook', edits: [{ ...edit('.husky/pre-commit', content), before: null }], contents: [content] },
    ]
    given(drafts({ steps: [...steps] }), requested({ mode: 'full_auto' }), allSettled, claimed())
      .when(handedOver({ frozen }), allSettled)
      .never('commit')
      .ends('refused', /high risk/)
  })

  test('mode: high risk is never full_auto', () => {
    const steps = [editStep([edit('.husky/pre-commit')]), verifyStep]
    given(drafts({ steps }))
      .when(requested({ mode: 'full_auto' }), allSettled)
      .never('open-pull-request', 'dispatch')
      .ends('refused', /high risk/)
  })

  test.each<[string, Reviewing]>([
    ['of the requester', { author: ana, login: 'ana' }],
    ['of a bot', { author: bot }],
    ['of a reader', { author: reader }],
    ['on an older commit', { commit: sha1Hex('first head') }],
    ['on no commit', { commit: null }],
  ])('review: an approval %s starts nothing', (_what, review) => {
    given(story.proposed)
      .when(reviewed(review), allSettled)
      .never('observe', 'dispatch')
      .decides('ApprovalDeclined')
      .ends('proposed')
  })

  test.each<[string, object]>([
    ['was dismissed meanwhile', { state: 'dismissed' }],
    ['lost the right to approve', { role: 'read' }],
    ['moved to another commit', { commit: sha1Hex('other') }],
  ])('review: an approval that %s is void at dispatch', (_what, live) => {
    const seen: Scene = (play) => {
      const reviews = play.state.approvals.map(({ reviewId, userId, commit }) => ({
        reviewId,
        userId,
        commit,
        state: 'approved' as const,
        role: 'write' as const,
        ...live,
      }))
      play.world.observe = { reviews }
    }
    given(story.proposed, reviewed(), seen)
      .when(allSettled)
      .never('dispatch')
      .decides('ApprovalVoided')
      .ends('proposed')
  })

  test('review: whoever else requests changes meanwhile, without a webhook, keeps it from being executed', () => {
    const by = (role: 'maintain' | 'read') => ({ reviewId: '900', by: { id: '77', kind: 'User' as const, role } })
    given(story.proposed, observes({ objections: [by('maintain')] }))
      .when(reviewed(), allSettled)
      .never('dispatch')
      .decides('ApprovalVoided')
      .ends('proposed')
    given(story.proposed, observes({ objections: [by('read')] }))
      .when(reviewed(), allSettled)
      .intends('dispatch')
  })

  test('review: a look that was asked for before an approval says nothing about it', () => {
    const again = given(story.proposed, reviewed(), reviewed({ state: 'dismissed' }), reviewed({ author: mia }))
    const early = again.when(settled('observe'))
    expect(early.types).toEqual(['NothingFollows'])
    early.never('dispatch').ends('approved')
    again.when(settled('observe'), allSettled).intends('dispatch')
  })

  test.each<[string, World['observe'], RegExp]>([
    ['another head', { head: sha1Hex('foreign') }, /the branch is at/],
    ['a closed pull request', { state: 'closed' }, /closed/],
    ['another base branch', { baseRef: 'refs/heads/release' }, /into refs\/heads\/release/],
    ['another control plane', { manifest: hashOf('other') }, /control plane changed/],
  ])('freshness: %s at dispatch starts nothing', (_what, seen, because) => {
    given(story.proposed, observes(seen))
      .when(reviewed(), allSettled)
      .never('dispatch', 'commit')
      .ends('refused', because)
  })

  test.each<[string, World['observe'], RegExp]>([
    ['another head', { head: sha1Hex('foreign') }, /the branch is at/],
    ['another base branch', { baseRef: 'refs/heads/release' }, /into refs\/heads\/release/],
    ['another control plane', { manifest: hashOf('other') }, /control plane changed/],
  ])('freshness: %s before the commit leads to no commit', (_what, seen, because) => {
    given(story.delivering, observes(seen)).when(allSettled).never('commit', 'ready').ends('refused', because)
  })
})

/** GitHub's answer to the commits to come, changed. */
function commits(changes: object, message?: string): Scene {
  return (play: Play) => {
    const stored = message === undefined ? undefined : play.shelf.document({ v: 1, message })
    play.world.results.commit = (body) => {
      const trailers = body.trailers.map(({ name, value }) => `${name}: ${value}`).join('\n')
      const own = `AgentOS-Step: x\nAgentOS-Ledger: y`
      const text = play.shelf.document({ v: 1, message: `${body.subject}\n\n\n${trailers}\n${own}\n` })
      const made = {
        is: 'committed',
        commit: sha1Hex(body.purpose),
        tree: body.tree,
        diffSha256: examined(body.edits).diffSha256,
        message: stored ?? text,
        verified: true,
      }
      return { ...made, ...changes }
    }
  }
}

describe('question-evidence: people are asked nothing that rests on what is not there', () => {
  test.each<[string, string, RegExp]>([
    ['a file that the base does not have', `docs/none.md@${sha1Hex('none')}`, /q1 cites docs\/none\.md@/],
    ['a comment of somewhere else', 'comment:666', /q1 cites comment:666/],
  ])('a question that cites %s is not asked', (_what, ref, because) => {
    given(asks({ ...question('q1'), evidence: [ref] }))
      .when(requested(), allSettled)
      .never('open-pull-request', 'comment')
      .ends('refused', because)
  })
})

describe('toolchain: what is executed are the programs of the dry run', () => {
  const runs = (path: string, sha256: string) => ({
    receipts: (receipts: readonly StepReceipt[]) =>
      receipts.map((receipt) =>
        receipt.command === null ? receipt : { ...receipt, command: { ...receipt.command, binary: { path, sha256 } } },
      ),
  })
  const [known, other] = [hashOf('known'), hashOf('other')]
  const executing = (path: string): readonly Scene[] => [
    requested(),
    allSettled,
    claimed(),
    handedOver(runs(path, known)),
    allSettled,
    reviewed(),
    allSettled,
    claimed(),
  ]
  const own = '/work/node_modules/tool/bin/tool'

  test.each<[string, string, string, string, RegExp]>([
    ['a program of the checkout with other bytes', 'record', own, own, /a program of the checkout is another one/],
    ['a program of the machine instead of the checkout', 'record', own, '/usr/bin/tool', /of the checkout is another/],
    ['a program of the checkout instead of the machine', 'record', '/usr/bin/tool', own, /of the checkout is another/],
    [
      'a program of the machine with other bytes, where the policy refuses',
      'refuse',
      '/usr/bin/x',
      '/usr/bin/x',
      /plan again/,
    ],
  ])('%s leads to no commit', (_what, toolchainChange, before, after, because) => {
    given(policy({ toolchainChange: toolchainChange === 'record' ? 'record' : 'refuse' }), ...executing(before))
      .when(handedOver(runs(after, other)), allSettled)
      .never('commit', 'ready')
      .ends('failed', because)
  })

  test('as shipped, other programs of the machine are named and do no harm', () => {
    const outcome = given(...executing('/usr/bin/python3.11')).when(
      handedOver(runs('/usr/bin/python3.12', other)),
      allSettled,
    )
    outcome.intends('commit').ends('delivered')
    const { documents } = outcome.play.shelf
    const asked = outcome.play.state.verdicts.flatMap(
      ({ document }) => readDocument(documents, document, Verdicts).asked,
    )
    expect(asked.find(({ gate }) => gate === 'toolchain')?.because).toContain(
      '/usr/bin/python3.11 → /usr/bin/python3.12',
    )
  })
})
