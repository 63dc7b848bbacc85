import { describe, expect, it } from 'vitest'
import { sha1Hex } from '../../../src/domain/hash.ts'
import { readDocument } from '../../../src/domain/packs/documents.ts'
import { Intent } from '../../../src/domain/packs/intent.ts'
import type { Question } from '../../../src/domain/packs/question-pack.ts'
import { told } from '../../../src/domain/run/state.ts'
import { aQuestion } from '../../support/a-question.ts'
import { ana, bot, lee, mia, person, reader, shippedPolicy } from '../../support/builders.ts'
import {
  allSettled,
  amended,
  claimed,
  given,
  handedOver,
  type Play,
  requested,
  reviewed,
  reviewRead,
  type Scene,
  settled,
  story,
  until,
  world,
} from '../../support/given.ts'

const intentOf = (play: Play) => readDocument(play.shelf.documents, told(play.state.intent, 'the intent'), Intent)
const replanned: readonly Scene[] = [allSettled, claimed(), handedOver(), allSettled]
const withReview =
  (changes: Parameters<typeof reviewRead>[1] = {}, text = ''): Scene =>
  (play) =>
    amended({ text, review: reviewRead(play, changes) })(play)

describe('a request that is amended', () => {
  it('gets a new version of its Intent, in which the newer words stand beside the older', () => {
    const { play } = given(story.proposed).when(amended({ text: 'You must not log it' }))
    const intent = intentOf(play)
    expect(intent).toMatchObject({ version: 2, goal: expect.stringContaining('amendment 1: You must not log it') })
    expect(intent.goal).toContain('Replace fs.rmdir with fs.rm')
    expect(intent.constraints).toMatchObject([
      { text: 'You must not log it', source: 'amendment 1', start: 0, end: 19 },
    ])
    expect(play.state.mode).toBe('semi_auto')
  })

  it('loses its plan and what was approved, and is planned again in the same pull request', () => {
    const before = given(story.approved)
    const { play } = before.when(amended())
    expect(play.state).toMatchObject({ phase: 'planning', plan: null, proposed: null, approvals: [], draft: null })
    for (const scene of replanned) scene(play)
    expect(play.state).toMatchObject({ phase: 'proposed', approvals: [] })
    expect(play.state.pullRequest?.number).toBe(13)
    const opened = play.transitions.flatMap(({ effects }) => effects).filter(({ kind }) => kind === 'open-pull-request')
    expect(opened).toHaveLength(1)
    const commits = play.transitions.flatMap(({ effects }) =>
      effects.flatMap((one) => (one.kind === 'commit' ? [one.body] : [])),
    )
    expect(commits).toHaveLength(2)
    expect(commits[1]?.from).toBe(play.state.heads.at(-2))
  })

  it('makes another plan of other words', () => {
    const { play } = given(story.proposed).when()
    const first = play.state.plan?.hash
    for (const scene of [amended(), ...replanned]) scene(play)
    expect(play.state.plan?.hash).not.toBe(first)
  })

  it('voids the approval where the run is approved, and says who acts next', () => {
    const outcome = given(story.approved).when(amended())
    outcome.decides('ApprovalVoided', 'IntentAmended').intends('react', 'check', 'comment', 'card', 'collect-memory')
    const comments = outcome.effects.flatMap((one) => (one.kind === 'comment' ? [one.body] : []))
    expect(comments).toHaveLength(1)
    expect(comments[0]?.text).toMatch(/^\*\*Amended\*\*: the request is in its version 2/)
  })

  it('revokes a Grant that no job has claimed, so that a late claim comes to nothing', () => {
    const { play } = given(story.approved, allSettled).when(amended())
    expect(play.state.grants.at(-1)).toMatchObject({ purpose: 'execute', use: { is: 'revoked' } })
    expect(play.state.locks).toBeNull()
    const late = given(story.approved, allSettled, amended()).when(claimed())
    late.decides('ClaimDeclined')
    expect(late.types).not.toContain('GrantUsed')
  })

  it('takes nothing from a dry run that was under way, not even when it hands over after the new draft', () => {
    const old = given(requested(), allSettled, claimed()).when()
    const grant = told(old.play.state.grants.at(-1) ?? null, 'the Grant').id
    const later = given(requested(), allSettled, claimed(), amended(), allSettled).when(handedOver({ grant }))
    later.decides('ClaimDeclined')
    expect(later.play.state.plan).toBeNull()
    const job = given(requested(), allSettled, claimed()).when(amended())
    job.intends('cancel-job')
  })

  it('takes nothing from a dry run that was delivered before', () => {
    const grant = told(given(story.proposed).when().play.state.grants.at(-1) ?? null, 'the Grant').id
    const again = given(story.proposed, amended(), allSettled).when(handedOver({ grant }))
    again.decides('ClaimDeclined')
    expect(again.play.state.plan).toBeNull()
  })

  it('ignores a draft that was under way', () => {
    const outcome = given(requested(), until('draft'), amended()).when(settled('draft'))
    expect(outcome.types).toEqual(['NothingFollows'])
    expect(outcome.play.state.draft).toBeNull()
    const failed = given(requested(), until('draft'), amended()).when(settled('draft', 'broken'))
    failed.ends('planning')
  })

  it('is planned from the new words where the memory was not even collected', () => {
    const { play } = given(requested(), amended()).when(allSettled)
    expect(play.state.draft).not.toBeNull()
    const effects = play.transitions.flatMap((step) => step.effects)
    expect(effects.filter(({ kind }) => kind === 'draft')).toHaveLength(1)
    expect(effects.filter(({ kind }) => kind === 'collect-memory')).toHaveLength(2)
  })

  it('closes the questions that were open, and keeps what was answered', () => {
    const asked = given(
      world((w) => {
        w.questions = [QUESTION]
      }),
      requested(),
      allSettled,
    ).when(amended())
    expect(asked.play.state).toMatchObject({ phase: 'planning', open: null, rounds: 1 })
  })

  it('counts the jobs of each version by themselves', () => {
    const again: readonly Scene[] = [amended(), ...replanned]
    const { play } = given(story.proposed).when(...again, ...again, ...again, ...again)
    expect(play.state.phase).toBe('proposed')
    expect(play.state.grants.filter(({ purpose }) => purpose === 'dry-run')).toHaveLength(5)
  })

  it('may come twice at once: the later version holds both', () => {
    const { play } = given(story.proposed).when(amended({ text: 'one' }), amended({ text: 'two' }), ...replanned)
    expect(intentOf(play)).toMatchObject({ version: 3, goal: expect.stringMatching(/one[^]*two/) })
    expect(play.state.phase).toBe('proposed')
  })
})

const QUESTION: Question = aQuestion({
  about: 'param:x',
})

describe('an amendment is declined', () => {
  it.each<[string, readonly Scene[], Scene, string, RegExp]>([
    ['from somebody who may only read', [story.proposed], amended({ author: reader }), 'authority', /needs write/],
    [
      'from nobody of this repository',
      [story.proposed],
      amended({ author: person('9', 'none') }),
      'authority',
      /needs write/,
    ],
    ['from a bot', [story.proposed], amended({ author: bot }), 'authority', /not from a person/],
    [
      'from the requester who lost the role',
      [story.proposed],
      amended({ author: person(ana.id, 'read') }),
      'authority',
      /needs write/,
    ],
    ['where AgentOS is switched off', [story.proposed], amended({ switched: 'off' }), 'authority', /switched off/],
    ['where nobody can tell', [story.proposed], amended({ switched: 'unreadable' }), 'control-plane', /not valid/],
    ['after a job has claimed the Grant', [story.executing], amended(), 'phase', /claimed the Grant/],
    ['after the delivery', [story.delivered], amended(), 'phase', /delivered/],
    ['after the merge', [story.merged], amended(), 'phase', /merged/],
    [
      'while the plan is put on the branch',
      [requested(), allSettled, claimed(), handedOver()],
      amended(),
      'phase',
      /on the branch/,
    ],
    [
      'when nothing in it is visible',
      [story.proposed],
      amended({ text: '<!-- hidden -->' }),
      'amend',
      /nothing in it is visible/,
    ],
    [
      'when it sets parameters of no recipe',
      [story.proposed],
      amended({ params: { find: 'x' } }),
      'amend',
      /no recipe/,
    ],
    [
      'from a review that approves',
      [story.proposed],
      withReview({ state: 'approved' }),
      'review',
      /does not request changes/,
    ],
    [
      'from a review that was dismissed',
      [story.proposed],
      withReview({ state: 'dismissed' }),
      'review',
      /does not request/,
    ],
    [
      'from a review of another commit',
      [story.proposed],
      withReview({ commit: sha1Hex('old') }),
      'review',
      /as it stands/,
    ],
    ['from a review by a reader', [story.proposed], withReview({ author: reader }), 'authority', /reviewer has read/],
    ['from a review by a bot', [story.proposed], withReview({ author: bot }), 'authority', /reviewer/],
    [
      'from a review without comments on lines',
      [story.proposed],
      withReview({ comments: 0 }),
      'review',
      /no comments on lines/,
    ],
    [
      'from a review that is not there',
      [story.proposed],
      amended({ review: { is: 'absent', because: 'there is none' } }),
      'review',
      /there is none/,
    ],
  ])('%s', (_what, before, amending, rule, because) => {
    const outcome = given(...before).when(amending)
    const declined = outcome.data('AmendDeclined')
    expect(declined).toMatchObject({ rule, because: expect.stringMatching(because) })
    expect(declined.next).not.toBe('')
    expect(outcome.types).not.toContain('IntentAmended')
    outcome.never('draft', 'dispatch', 'commit')
  })

  it('when it comes more often than the policy allows', () => {
    const { play } = given(
      world((w) => {
        w.policy = { modes: { ...shippedPolicy.modes, maxAmendments: 1 } }
      }),
      story.proposed,
    ).when(amended(), ...replanned)
    const outcome = given(
      world((w) => {
        w.policy = { modes: { ...shippedPolicy.modes, maxAmendments: 1 } }
      }),
      story.proposed,
      amended(),
      ...replanned,
    ).when(amended())
    expect(outcome.data('AmendDeclined')).toMatchObject({ rule: 'amendments' })
    expect(play.state.amendments).toHaveLength(1)
  })

  it('in words where the plan follows a recipe, and taken as new parameters', () => {
    const recipe = requested({
      planner: { is: 'recipe', name: 'replace-text' },
      words: { params: { find: 'a', replace: 'b', paths: 'README.md' } },
    })
    const words = given(recipe, allSettled).when(amended())
    expect(words.data('AmendDeclined')).toMatchObject({ rule: 'amend', next: expect.stringContaining('--set') })
    given(recipe, allSettled)
      .when(amended({ text: '', params: { replace: 'c' } }))
      .decides('IntentAmended')
  })
})

describe('a review that is taken into an amendment', () => {
  it('speaks with the rank of the amendment, and under its own name', () => {
    const { play } = given(story.proposed).when(withReview({}, 'Take it in'))
    const { constraints, goal } = intentOf(play)
    expect(constraints).toMatchObject([
      { text: expect.stringContaining('do not log it'), source: 'amendment 1 review' },
    ])
    expect(goal).toContain('amendment 1 review: `src/index.js` line 1: do not log it')
    expect(goal).toContain('amendment 1: Take it in')
  })

  it('needs no words beside it', () => {
    given(story.proposed).when(withReview()).decides('IntentAmended')
  })

  it('voids the approvals of others too', () => {
    given(story.proposed, reviewed({ author: mia, login: 'mia' }))
      .when(withReview({ author: lee }))
      .decides('ApprovalVoided', 'IntentAmended')
  })
})
