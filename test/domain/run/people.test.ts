import { describe, expect, test } from 'vitest'
import { sha1Hex, sha256Hex } from '../../../src/domain/hash.ts'
import type { Plan } from '../../../src/domain/packs/plan.ts'
import type { Question, Questions } from '../../../src/domain/packs/question-pack.ts'
import type { EventData } from '../../../src/domain/run/events.ts'
import { aQuestion } from '../../support/a-question.ts'
import {
  ana,
  bot,
  edit,
  editStep,
  governedWith,
  lee,
  mia,
  OTHER_RUN,
  person,
  reader,
  shippedPolicy,
  stranger,
  verifyStep,
} from '../../support/builders.ts'
import {
  allSettled,
  answered,
  claimed,
  ended,
  fired,
  given,
  handedOver,
  later,
  lockedBy,
  locksSeen,
  planOf,
  pushed,
  requested,
  reviewed,
  type Scene,
  settled,
  statusAsked,
  stopAsked,
  story,
  take,
  tampered,
  unlockAsked,
  until,
  world,
} from '../../support/given.ts'
import { rollbackAsked } from '../../support/rolls-back.ts'

/** Longer than a plan waits for its approval. */
const FAR = 40 * 24 * 3_600_000

const question = (id: string, changes: Partial<Question> = {}): Question =>
  aQuestion({
    id,
    about: 'paths',
    text: 'Which files?',
    ...changes,
  })

const LARGEST = { interactive: 30, semi_auto: 10, full_auto: 0 } as const

const asking =
  (...questions: readonly Question[]): Scene =>
  (play) => {
    play.world.questions = questions
    requested()(play)
    allSettled(play)
  }

describe('questions and answers', () => {
  test('a question blocks the run on its own pull request, with a deadline', () => {
    given()
      .when(asking(question('q1')))
      .decides('QuestionsAsked')
      .intends('open-pull-request', 'comment', 'timer')
      .never('dispatch', 'commit')
      .ends('blocked')
  })

  test('an answer lets planning go on', () => {
    given(asking(question('q1')))
      .when(answered({ q1: 'src' }), allSettled)
      .decides('AnswersTaken', 'DraftTaken', 'GrantIssued')
      .intends('draft', 'dispatch')
  })

  test('a question that was left out stays open', () => {
    const outcome = given(asking(question('q1'), question('q2'))).when(answered({ q1: 'src' }), allSettled)
    expect(outcome.data('AnswersTaken').open).toEqual(['q2'])
    outcome.never('draft', 'dispatch').ends('blocked')
  })

  test.each<[string, Partial<Question>, string]>([
    ['a boolean', { answer: 'boolean' }, 'maybe'],
    ['a number', { answer: 'number' }, 'many'],
    ['a choice', { answer: 'choice', choices: ['a', 'b'] }, 'c'],
    ['a path', { answer: 'path' }, '../etc'],
    ['a default that there is not', {}, 'default'],
    ['a text', {}, '  '],
  ])('an answer that is not %s is declined whole', (_what, changes, value) => {
    given(asking(question('q1', changes)))
      .when(answered({ q1: value }))
      .decides('AnswerDeclined')
      .intends('comment')
      .never('draft')
      .ends('blocked')
  })

  test.each<[string, Scene]>([
    ['to an unknown question', answered({ q9: 'x' })],
    ['where AgentOS is switched off', answered({ q1: 'x' }, { switched: 'off' })],
    ['of the requester where AgentOS is switched off', answered({ q1: 'x' }, { author: ana, switched: 'off' })],
    ['where nobody can tell whether it is', answered({ q1: 'x' }, { switched: 'unreadable' })],
    ['of the requester who may not even read any more', answered({ q1: 'x' }, { author: person(ana.id, 'none') })],
    ['without a line', answered({})],
    ['from a reader', answered({ q1: 'x' }, { author: reader })],
    ['from a bot', answered({ q1: 'x' }, { author: bot })],
  ])('an answer %s is declined', (_what, scene) => {
    given(asking(question('q1')))
      .when(scene)
      .decides('AnswerDeclined')
      .never('draft')
      .ends('blocked')
  })

  test('the requester answers while they may read, unless the question names others', () => {
    given(asking(question('q1')))
      .when(answered({ q1: 'x' }, { author: person(ana.id, 'read') }))
      .decides('AnswersTaken')
    given(asking(question('q1', { who: 'maintain' })))
      .when(answered({ q1: 'x' }, { author: ana }))
      .decides('AnswerDeclined')
  })

  test.each<[string, Partial<Question>, Scene, Scene]>([
    ['the role maintain', { who: 'maintain' }, answered({ q1: 'x' }), answered({ q1: 'x' }, { author: mia })],
    [
      'the role admin',
      { who: 'admin' },
      answered({ q1: 'x' }, { author: person('7', 'admin') }),
      answered({ q1: 'x' }),
    ],
    [
      'code owners',
      { who: 'code-owners' },
      answered({ q1: 'x' }, { owns: ['q1'] }),
      answered({ q1: 'x' }, { owns: ['q2'] }),
    ],
  ])('a question for %s is answered by nobody else', (_what, changes, fit, unfit) => {
    given(asking(question('q1', changes)))
      .when(fit)
      .decides('AnswersTaken')
    given(asking(question('q1', changes)))
      .when(unfit)
      .decides('AnswerDeclined')
      .never('draft')
  })

  test.each<[string, Question['path'], EventData<'AnswerGiven'>['paths'], boolean]>([
    ['a file that is there', 'existing', [{ path: 'a/b', kind: 'file' }], true],
    ['a folder that is there', 'existing', [{ path: 'a/b', kind: 'folder' }], true],
    ['nothing that is there', 'existing', [{ path: 'a/b', kind: null }], false],
    ['a new path', 'new', [{ path: 'a/b', kind: null }], true],
    ['what is there where something new is wanted', 'new', [{ path: 'a/b', kind: 'file' }], false],
    ['either', 'any', [{ path: 'a/b', kind: null }], true],
    ['a link', 'any', [{ path: 'a/b', kind: 'link' }], false],
    ['a submodule', 'existing', [{ path: 'a/b', kind: 'submodule' }], false],
    ['what nobody looked up', 'any', [{ path: 'a', kind: 'file' }], false],
  ])('a path that names %s is judged by what was found at the base', (_what, path, paths, fits) => {
    const outcome = given(asking(question('q1', { answer: 'path', path }))).when(answered({ q1: 'a/b' }, { paths }))
    expect(outcome.types.includes('AnswersTaken')).toBe(fits)
  })

  test('a default is taken when somebody says so, and is held to the same form', () => {
    given(asking(question('q1', { default: 'src' })))
      .when(answered({ q1: 'default' }))
      .decides('AnswersTaken')
    given(asking(question('q1', { answer: 'choice', choices: ['a'], default: 'b' })))
      .when(answered({ q1: 'default' }))
      .decides('AnswerDeclined')
  })

  test.each<[string, string, Questions['evidence'], boolean]>([
    ['a file of the base', 'a@x', [{ ref: 'a@x', fault: null, near: [] }], true],
    ['nothing', 'a@x', [{ ref: 'a@x', fault: 'the base has no file a', near: [] }], false],
    ['what nobody looked up', 'a@x', [], false],
    ['the comment that asked', 'comment:700', [], true],
    ['a foreign comment', 'comment:666', [{ ref: 'comment:666', fault: null, near: [] }], false],
  ])('a question that cites %s is asked only where that holds', (_what, ref, evidence, fits) => {
    const cites = world((it) => {
      it.evidence = evidence
    })
    const outcome = given().when(cites, asking(question('q1', { evidence: [ref] })))
    if (fits) outcome.decides('QuestionsAsked')
    else outcome.never('comment').ends('refused', /leads to nothing/)
  })

  test('an answer after the deadline is declined', () => {
    given(asking(question('q1')), later(169 * 3_600_000))
      .when(answered({ q1: 'x' }))
      .decides('AnswerDeclined')
      .never('draft')
  })

  test('a question for the requester is answered by nobody else', () => {
    const only = asking(question('q1', { who: 'requester' }))
    given(only)
      .when(answered({ q1: 'x' }))
      .decides('AnswerDeclined')
      .never('draft')
    given(only)
      .when(answered({ q1: 'x' }, { author: ana }))
      .intends('draft')
    const both = asking(question('q1', { who: 'requester' }), question('q2'))
    given(both)
      .when(answered({ q1: 'x', q2: 'y' }))
      .decides('AnswerDeclined')
      .never('draft')
    given(both)
      .when(answered({ q2: 'y' }))
      .decides('AnswersTaken')
  })

  test('an answer to many questions that are for others is declined in a few words', () => {
    const names = Array.from({ length: 20 }, (_, i) => `q${i + 1}`)
    const many = names.map((id) => question(id, { about: id, who: 'code-owners' }))
    const modes = { ...shippedPolicy.modes, default: 'interactive', questions: { ...LARGEST } } as const
    const world = (play: Parameters<Scene>[0]) => {
      play.world.policy = { ...play.world.policy, modes }
    }
    const declined = given(world, asking(...many)).when(answered(Object.fromEntries(names.map((id) => [id, 'x']))))
    expect(declined.data('AnswerDeclined').because.length).toBeLessThanOrEqual(1000)
  })

  test('a review that was no approval may be dismissed without harm to those that are', () => {
    given(story.approved)
      .when(reviewed({ author: mia, state: 'dismissed' }))
      .decides('NothingFollows')
      .ends('approved')
  })

  test('an answer given twice is declined the second time', () => {
    given(asking(question('q1'), question('q2')), answered({ q1: 'x' }))
      .when(answered({ q1: 'y' }))
      .decides('AnswerDeclined')
      .never('draft')
    given(asking(question('q1')), answered({ q1: 'x' }))
      .when(answered({ q1: 'y' }))
      .decides('AnswerDeclined')
      .never('draft')
  })

  test('an answer after people closed the pull request begins nothing anew', () => {
    given(asking(question('q1')), allSettled, ended())
      .when(answered({ q1: 'x' }))
      .decides('AnswerDeclined')
      .intends('comment')
      .never('draft')
      .ends('closed')
  })

  test('without an answer in time the run expires and no default is taken', () => {
    given(asking(question('q1', { default: 'src' })))
      .when(fired('answers'), allSettled)
      .decides('RunExpired')
      .intends('close')
      .never('draft')
      .ends('expired')
  })

  test('the deadline of questions that were answered changes nothing', () => {
    given(asking(question('q1')), answered({ q1: 'x' }))
      .when(fired('answers'))
      .decides('NothingFollows')
  })
})

describe('approval', () => {
  test('two people are needed in the high lane, and two reviews of one person are one', () => {
    const high = world((it) => {
      it.draft = (usual) => ({ ...usual, steps: [editStep([edit('.husky/pre-commit')]), verifyStep] })
    })
    given(high, story.proposed)
      .when(reviewed(), reviewed({ reviewId: '99' }))
      .decides('ApprovalCounted')
      .never('observe', 'dispatch')
      .ends('proposed')
    given(high, story.proposed)
      .when(reviewed(), reviewed({ author: mia, login: 'mia' }), allSettled)
      .decides('RunApproved')
      .intends('dispatch')
  })

  test('the requester may approve where the policy says so, and everything says it was alone', () => {
    const alone = world((it) => {
      it.policy = { approve: { requester: 'allowed', role: 'write', count: 1, highCount: 2 } }
    })
    const outcome = given(alone, story.proposed).when(
      reviewed({ author: ana, login: 'ana' }),
      allSettled,
      claimed(),
      handedOver(),
      allSettled,
    )
    outcome.intends('ready').ends('delivered')
    const commit = outcome.effects.find((effect) => effect.kind === 'commit')
    expect(JSON.stringify(commit)).toContain('the requester alone')
  })

  test('only the approvers whom the policy names count', () => {
    const named = world((it) => {
      it.policy = { approve: { requester: 'denied', role: 'write', count: 1, highCount: 2, approvers: ['mia'] } }
    })
    given(named, story.proposed).when(reviewed()).decides('ApprovalDeclined').never('observe')
    given(named, story.proposed)
      .when(reviewed({ author: mia, login: 'Mia' }))
      .decides('RunApproved')
  })

  test('an approval before there is a plan, or after it was given, changes nothing', () => {
    given(story.asked)
      .when(reviewed({ commit: sha1Hex('x') }))
      .decides('ApprovalDeclined')
      .never('observe', 'dispatch')
    given(story.approved)
      .when(reviewed({ author: mia, login: 'mia' }))
      .decides('ApprovalDeclined')
      .never('observe')
  })

  test.each(['changes_requested', 'dismissed'] as const)(
    'a review that is %s voids the approval until a job has claimed',
    (state) => {
      given(story.approved, allSettled)
        .when(reviewed({ state }))
        .decides('GrantRevoked', 'LocksReleased', 'ApprovalVoided')
        .never('dispatch', 'commit')
        .ends('proposed')
      const kept = state === 'changes_requested' ? 'ObjectionKept' : 'NothingFollows'
      const outcome = given(story.executing).when(reviewed({ state }))
      outcome.decides(kept).never('cancel-job').ends('executing')
      const told = outcome.effects.some(({ kind, body }) => kind === 'comment' && body.text.includes('no further job'))
      expect(told).toBe(kept === 'ObjectionKept')
    },
  )

  test('an objection that came too late for a job keeps every further job away, until somebody approves again', () => {
    const objected = [story.executing, reviewed({ state: 'changes_requested', author: mia })]
    for (const again of [fired('job'), unlockAsked()]) {
      const outcome = given(...objected).when(again, allSettled)
      outcome.decides('LocksReleased', 'ApprovalVoided').never('dispatch', 'commit', 'observe').ends('proposed')
      expect(outcome.types).not.toContain('RunApproved')
    }
    given(...objected, fired('job'), allSettled)
      .when(reviewed(), allSettled)
      .intends('dispatch')
      .ends('executing')
  })

  test('an approval that is void after its time has passed has a new deadline, and ends the run there', () => {
    const late = given(story.proposed, lockedBy(OTHER_RUN, ['path:src/index.js']), reviewed(), allSettled, later(FAR))
    const voided = late.when(reviewed({ state: 'dismissed' }))
    const { deadline } = voided.data('ApprovalVoided')
    expect(String(deadline) > voided.play.now).toBe(true)
    const timer = voided.effects.find((effect) => effect.kind === 'timer')
    expect(timer?.body).toMatchObject({ name: 'approval', at: deadline })
    late.when(reviewed({ state: 'dismissed' }), later(FAR), fired('approval')).ends('expired')
  })

  test('nothing is stopped or taken back while the approved commit is being made', () => {
    const committing = [story.delivering, until('commit')]
    given(...committing)
      .when(stopAsked())
      .decides('StopDeclined')
      .never('close')
      .ends('executing')
    given(...committing)
      .when(rollbackAsked())
      .decides('RollbackDeclined')
      .never('close')
      .ends('executing')
  })

  test('a comment review and the objection of a reader void nothing', () => {
    given(story.approved)
      .when(reviewed({ state: 'commented' }))
      .decides('NothingFollows')
      .ends('approved')
    given(story.approved)
      .when(reviewed({ state: 'changes_requested', author: reader }))
      .decides('NothingFollows')
      .ends('approved')
  })

  test('after a voided approval a new one starts a new job, and the old one’s claim is refused', () => {
    const again = [story.approved, allSettled, reviewed({ state: 'changes_requested' }), reviewed(), allSettled]
    given(...again)
      .when(claimed({ grant: '0a1b2c3d4e-2' }))
      .decides('ClaimDeclined')
    given(...again)
      .when(claimed(), handedOver(), allSettled)
      .intends('ready')
      .ends('delivered')
  })

  test('an observation left over from a voided approval neither throws nor commits', () => {
    const twice = [story.approved, reviewed({ state: 'changes_requested' }), reviewed(), allSettled]
    given(...twice)
      .when()
      .ends('executing')
    const outcome = given(...twice).when(claimed(), handedOver(), allSettled)
    expect(outcome.effects.filter((effect) => effect.kind === 'commit')).toHaveLength(1)
  })

  test('without an approval in time the run expires', () => {
    given(story.proposed).when(fired('approval'), allSettled).intends('close').never('dispatch').ends('expired')
    given(story.approved).when(fired('approval')).decides('NothingFollows')
  })
})

const PHASES: readonly [string, readonly Scene[]][] = [
  ['planning', [requested()]],
  ['blocked', [asking(question('q1'))]],
  ['trying the draft', [story.dryRun]],
  ['proposed', [story.proposed]],
  ['approved', [story.approved]],
  ['executing', [story.executing]],
  ['about to commit', [story.delivering]],
]

describe('stopping, pushing and closing', () => {
  test.each(PHASES)(
    'a run that is %s can be stopped, and nothing is executed or committed after it',
    (_phase, scenes) => {
      given(...scenes)
        .when(stopAsked())
        .decides('RunCancelled')
        .never('dispatch', 'commit', 'ready')
        .ends('cancelled')
    },
  )

  test.each(PHASES)('a push by someone else ends a run that is %s', (_phase, scenes) => {
    given(...scenes)
      .when(pushed())
      .decides('RunRefused')
      .never('dispatch', 'commit', 'ready')
      .ends('refused', /pushed/)
  })

  test.each(PHASES)('closing the pull request ends a run that is %s', (_phase, scenes) => {
    given(...scenes)
      .when(ended())
      .decides('RunClosed')
      .never('dispatch', 'commit', 'ready', 'close')
      .ends('closed')
  })

  test.each(PHASES)('a tampered comment is written again while a run is %s', (_phase, scenes) => {
    given(...scenes)
      .when(tampered())
      .decides('CommentRestored')
      .intends('comment')
  })

  test.each(PHASES)('the standing of a run that is %s is told', (_phase, scenes) => {
    given(...scenes)
      .when(statusAsked())
      .decides('StatusShown')
      .intends('comment')
      .never('dispatch', 'commit')
  })

  test('a stranger cannot stop a run, and nothing is stopped after the delivery', () => {
    given(story.proposed).when(stopAsked(reader)).decides('StopDeclined').intends('comment').ends('proposed')
    given(story.delivered).when(stopAsked()).decides('StopDeclined').intends('comment').ends('delivered')
  })

  test('AgentOS’s own commits are not taken for someone else’s', () => {
    given(story.proposed)
      .when((play) => pushed(play.state.proposed?.commit ?? null)(play))
      .decides('NothingFollows')
      .ends('proposed')
  })

  test('a deleted branch ends the run', () => {
    given(story.proposed)
      .when(pushed(null))
      .ends('refused', /deleted/)
  })

  test('people may push on top of what was delivered, or close it', () => {
    given(story.delivered).when(pushed()).decides('NothingFollows').ends('delivered')
    given(story.delivered).when(ended()).decides('LocksReleased', 'RunClosed').ends('closed')
  })

  test('a merge before anything was delivered fails the run', () => {
    given(story.proposed)
      .when(ended({ commit: sha1Hex('m'), message: sha1Hex('m').padEnd(64, '0'), diffSha256: null }))
      .ends('failed', /before AgentOS delivered/)
  })

  test('what arrives after the end changes nothing', () => {
    const stopped = [story.executing, stopAsked()]
    given(...stopped)
      .when(handedOver(), reviewed(), pushed(), stopAsked(lee), ended())
      .never('commit', 'dispatch', 'ready', 'close')
      .ends('cancelled')
  })
})

describe('jobs', () => {
  test('a Grant is claimed once', () => {
    given(story.dryRun)
      .when(claimed({ runnerKey: stranger.publicKey }))
      .decides('ClaimDeclined')
  })

  test.each<[string, readonly Scene[], Scene]>([
    ['expired', [story.asked, later(61 * 60_000)], claimed()],
    ['without proof of the job', [story.asked], claimed({ job: null })],
    ['with a faulty proof', [story.asked], claimed({ fault: 'the audience is wrong' })],
    ['of another run', [story.asked], claimed({ grant: 'zzzzzzzzzz-1' })],
    ['after the run has ended', [story.asked, stopAsked()], claimed()],
  ])('a claim that is %s is declined', (_what, scenes, scene) => {
    given(...scenes)
      .when(scene)
      .decides('ClaimDeclined')
      .never('commit', 'dispatch')
  })

  test('a job that nobody claims is tried twice more, and then the run fails', () => {
    const outcome = given(story.asked).when(fired('claim'), allSettled)
    outcome.decides('GrantRevoked', 'GrantIssued').intends('dispatch')
    given(story.asked, fired('claim'), allSettled, fired('claim'), allSettled)
      .when(fired('claim'), allSettled)
      .never('dispatch')
      .ends('failed', /3 dry-run jobs/)
  })

  test.each(['claim', 'job'] as const)(
    'an execution whose %s did not come is dispatched again only when GitHub still knows the approval',
    (due) => {
      const silent = due === 'claim' ? [story.approved, allSettled] : [story.executing]
      given(...silent)
        .when(fired(due), allSettled)
        .decides('GrantRevoked', 'LocksTaken', 'GrantIssued')
        .intends('observe', 'dispatch')
      const lost = world((it) => void (it.observe = { reviews: [] }))
      const voided = given(...silent, lost).when(fired(due), allSettled)
      voided.decides('GrantRevoked', 'LocksReleased', 'ApprovalVoided').never('dispatch', 'commit').ends('proposed')
      expect(voided.play.locks).toEqual({ held: [], queue: [] })
    },
  )

  test('a lease that was taken anew is renewed by its own timer alone', () => {
    const old = given(story.executing)
    const about = String(old.when().play.state.locks?.token)
    const again = old.when(fired('job'), allSettled)
    expect(String(again.play.state.locks?.token)).not.toBe(about)
    const key = again.play.open.find(({ effect }) => effect.kind === 'timer' && effect.body.about === about)?.key ?? ''
    const late: Scene = (play) => {
      const data = { key, name: 'lease', about, locks: locksSeen(play) }
      take(play, { type: 'TimerFired', by: 'agentos', at: play.now, data })
    }
    expect(old.when(late).types).toEqual(['NothingFollows'])
  })

  test('a job that falls silent is revoked, and its late delivery is declined', () => {
    const late = given(story.dryRun, fired('job'), allSettled).when(handedOver({ grant: '0a1b2c3d4e-1' }))
    late.decides('ClaimDeclined').never('commit')
  })

  test('a delivery is taken once, from the job that claimed', () => {
    given(story.delivering).when(handedOver()).decides('ClaimDeclined').never('commit', 'observe')
    given(story.executing)
      .when(handedOver({ input: { runnerKey: stranger.publicKey } }))
      .decides('ClaimDeclined')
      .never('commit')
    given(story.executing)
      .when(handedOver({ input: { fault: 'a receipt is not signed' } }))
      .decides('ClaimDeclined')
      .never('commit')
    given(story.asked).when(handedOver()).decides('ClaimDeclined').never('commit')
  })

  test('a failing test in the dry run ends the run without a plan', () => {
    given(story.dryRun)
      .when(handedOver({ failing: { step: 'tests', because: 'exit 1' } }), allSettled)
      .never('commit')
      .intends('close')
      .ends('failed', /exit 1/)
  })

  test('a failing test in the execution ends the run without a delivery commit', () => {
    given(story.executing)
      .when(handedOver({ failing: { step: 'tests', because: 'exit 1' } }), allSettled)
      .never('commit', 'ready')
      .ends('failed', /exit 1/)
  })

  test('outputs that did not come out again are not committed, unless the policy lands what was approved', () => {
    given(story.executing)
      .when(handedOver({ reproduced: false }), allSettled)
      .never('commit', 'ready')
      .ends('failed', /reproduce/)
    const land = world((it) => {
      it.policy = { unreproducible: 'land-approved' }
    })
    given(land, story.executing)
      .when(handedOver({ reproduced: false }), allSettled)
      .intends('ready')
      .ends('delivered')
  })

  test('a plan that changes nothing is refused', () => {
    const same = world((it) => {
      it.draft = (usual) => ({
        ...usual,
        steps: [
          { id: 'format', is: 'run', argv: ['npm', 'run', 'format'], outputs: ['README.md'], frozen: null },
          verifyStep,
        ],
      })
    })
    given(same, requested(), allSettled, claimed())
      .when(handedOver({ frozen: [{ step: 'format', edits: [], contents: [] }] }), allSettled)
      .never('commit')
      .ends('refused', /changes nothing/)
  })

  test('frozen outputs of a command become exact bytes of the plan, and are executed under a Grant that covers them', () => {
    const content = new TextEncoder().encode('# Sample, formatted\n')
    const formats = world((it) => {
      it.draft = (usual) => ({
        ...usual,
        steps: [
          { id: 'format', is: 'run', argv: ['npm', 'run', 'format'], outputs: ['README.md'], frozen: null },
          verifyStep,
        ],
      })
    })
    const frozen = [{ step: 'format', edits: [edit('README.md', content)], contents: [content] }]
    given(
      formats,
      requested(),
      allSettled,
      claimed(),
      handedOver({ frozen }),
      allSettled,
      reviewed(),
      allSettled,
      claimed(),
    )
      .when(handedOver(), allSettled)
      .intends('ready')
      .ends('delivered')
  })

  test('locks are renewed while the run holds them', () => {
    given(story.executing).when(fired('lease')).decides('LocksRenewed').intends('timer')
  })

  test('an effect that the run cannot do without fails it; another does not', () => {
    given(requested())
      .when(settled('collect-memory', 'GitHub is down'))
      .ends('failed', /GitHub is down/)
    given(story.dryRun, handedOver(), until('commit')).when(settled('commit', 'no')).never('ready').ends('failed')
    given(requested()).when(settled('react', 'no'), allSettled).intends('dispatch')
  })
})

describe('a finished plan that comes from outside', () => {
  const local = { venue: 'local', via: { is: 'cli' }, issue: null } as const
  const asks = (planner: EventData<'RequestReceived'>['planner']) =>
    requested({ ...local, requester: person('1', 'admin', 'Local'), planner })
  const made = planOf(given(asks({ is: 'words' }), allSettled, claimed()).when(handedOver(), allSettled).play)
  const submits =
    (changes: Partial<Plan>): Scene =>
    (play) =>
      asks({ is: 'plan', plan: play.shelf.document({ ...made, ...changes }) })(play)

  test('is proposed when it is what this request comes to', () => {
    given().when(submits({}), allSettled).never('dispatch').ends('proposed')
  })

  test.each<[string, Partial<Plan>]>([
    ['intent', { intent: sha256Hex('other') }],
    ['risk', { risk: { level: 'low', reasons: [{ rule: 'x', about: 'y' }] } }],
    ['lane', { lane: 'light' }],
    ['limits', { limits: { ...made.limits, memoryBytes: made.limits.memoryBytes * 2 } }],
    ['locks', { locks: ['path:elsewhere'] }],
    ['base', { base: { ...made.base, sha: sha1Hex('other') } }],
    ['control plane', { manifest: sha256Hex('other') }],
  ])('is refused with another %s', (what, changes) => {
    given()
      .when(submits(changes), allSettled)
      .never('dispatch', 'commit')
      .ends('refused', new RegExp(`another ${what}`))
  })

  test('is refused when it is larger than the policy allows', () => {
    const limits = { ...shippedPolicy.limits, bytes: 1 }
    given(world((it) => void (it.policy = { limits })))
      .when((play) => {
        const manifest = play.shelf.document(governedWith({ limits }))
        submits({ manifest })(play)
      }, allSettled)
      .never('dispatch', 'commit')
      .ends('refused', /bytes of new content/)
  })
})
