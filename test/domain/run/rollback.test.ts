import { describe, expect, test } from 'vitest'
import type { Effect, EffectBody } from '../../../src/domain/effects.ts'
import { sha1Hex } from '../../../src/domain/hash.ts'
import { readDocument } from '../../../src/domain/packs/documents.ts'
import { ReviewPack } from '../../../src/domain/packs/review-pack.ts'
import { told } from '../../../src/domain/run/state.ts'
import { bot, lee, mia, OTHER_RUN, person } from '../../support/builders.ts'
import {
  allSettled,
  claimed,
  given,
  handedOver,
  type Outcome,
  reviewed,
  type Scene,
  statusAsked,
  story,
} from '../../support/given.ts'
import { landed, mergedWith, rollbackAsked, rollbackMerged, undoing } from '../../support/rolls-back.ts'

const approve = reviewed({ author: mia, login: 'mia' })
const proposed: readonly Scene[] = [allSettled, claimed(), handedOver(), allSettled]
const delivered: readonly Scene[] = [...proposed, approve, allSettled, claimed(), handedOver(), allSettled]

const packOf = ({ play }: Outcome): ReviewPack =>
  readDocument(play.shelf.documents, told(play.state.reviewPack, 'the ReviewPack'), ReviewPack)

const bodies = (effects: readonly Effect[], kind: 'comment' | 'check') =>
  effects.flatMap((effect): EffectBody<'comment' | 'check'>[] => (effect.kind === kind ? [effect.body] : []))

describe('before the merge', () => {
  test.each<[string, Scene]>([
    ['proposed', story.proposed],
    ['executing', story.executing],
  ])(
    'taking back a run that is %s ends it like a stop: closed, its branch deleted, its locks given back',
    (_, scene) => {
      const outcome = given(scene).when(rollbackAsked(), allSettled)
      outcome.decides('RunCancelled', 'ReviewPackRecorded').intends('close').never('commit', 'ready')
      outcome.ends('cancelled', /took it back/)
      expect(outcome.play.locks).toMatchObject({ held: [], queue: [] })
    },
  )

  test('a delivered run is closed by AgentOS with the name of who said so on record', () => {
    const outcome = given(story.delivered).when(rollbackAsked(), allSettled)
    outcome.decides('RunClosed', 'LocksReleased').intends('close', 'check').never('commit')
    expect(outcome.data('RunClosed')).toEqual({ by: lee.id })
    outcome.ends('closed', /took it back/)
  })

  test.each([
    ['who may only write', mia],
    ['who has lost access', person('2', 'none')],
    ['that is a bot', bot],
  ])('nobody %s takes a run back', (_, author) => {
    const outcome = given(story.delivered).when(rollbackAsked(author), allSettled)
    outcome.decides('RollbackDeclined').intends('comment').never('close', 'commit').ends('delivered')
    expect(outcome.data('RollbackDeclined').rule).toBe('authority')
  })

  test.each<[string, Scene, string]>([
    ['has written nothing', undoing(), '/agentos stop'],
    ['has ended', (play) => [story.delivered, rollbackAsked(), allSettled].forEach((scene) => scene(play)), 'plan'],
    ['was merged', story.merged, 'again'],
  ])('a run that %s is not taken back this way, and the next words are said', (_, scene, next) => {
    const outcome = given(scene).when(rollbackAsked())
    expect(outcome.decides('RollbackDeclined').never('close').data('RollbackDeclined').next).toContain(next)
  })
})

describe('after the merge', () => {
  test('asking needs the right to roll back, which the right to plan is not', () => {
    given()
      .when(undoing({}, mia))
      .ends('refused', /rollback needs maintain/)
    given().when(undoing({}, lee)).decides('RunRequested').intends('collect-memory').ends('planning')
  })

  test('the right is asked for again before anything is executed', () => {
    const lost: Scene = (play) => {
      play.world.observe = { requesterRole: 'write' }
    }
    given(undoing(), ...proposed)
      .when(lost, approve, allSettled)
      .ends('refused', /rollback needs maintain/)
      .never('commit')
  })

  test('the plan says what it takes back, what stays, and which later changes are kept', () => {
    const kept = { path: 'README.md', before: null, after: { mode: '100644', blob: sha1Hex('x') } } as const
    const usual = landed()
    const changes = { asApproved: false, edits: [...usual.edits, kept] }
    const { effects } = given(undoing(changes)).when(...proposed)
    const text = effects.flatMap((one) =>
      one.kind === 'comment' && one.body.role === 'plan' ? [one.body.text] : [],
    )[0]
    expect(text).toContain(`**Takes back run \`${OTHER_RUN}\`** (#9)`)
    expect(text).toContain('differs from what was approved')
    expect(text).toContain('1 path of 2 equal their recorded former state')
    expect(text).toContain('Nothing was left to take back in:\n  - `README.md`')
    expect(text).toContain(
      'Stays as it is, for no commit takes it back: the commits in the history; comments and reviews',
    )
    const [commit] = effects.flatMap((one) => (one.kind === 'commit' ? [one.body] : []))
    expect(commit?.body).toContain(`Takes back run ${OTHER_RUN}, which landed as ${usual.after}.`)
  })

  test('the account of the delivery compares each path with its recorded former state', () => {
    const outcome = given(undoing()).when(...delivered)
    outcome.ends('delivered')
    expect(packOf(outcome).undone).toMatchObject({ seen: 'delivered', restored: ['src/index.js'], kept: [], gone: [] })
  })

  test('the merge is compared by what really stands there, told to the run that was taken back, and published', () => {
    const outcome = given(undoing(), ...delivered).when(mergedWith(), allSettled)
    outcome.decides('RunMerged').intends('mark-rolled-back', 'check', 'card')
    expect(packOf(outcome).undone).toMatchObject({ seen: 'merged', restored: ['src/index.js'], kept: [] })
    const [mark] = outcome.effects.flatMap((one) => (one.kind === 'mark-rolled-back' ? [one.body] : []))
    expect(mark).toMatchObject({ run: OTHER_RUN, number: 13, commit: sha1Hex('merge'), paths: 1, restored: 1 })
    expect(JSON.stringify(bodies(outcome.effects, 'check'))).toContain('Read at the merge commit: 1 path of 1')
  })

  test('a merge that leaves something else at a path does not count as restored', () => {
    const outcome = given(undoing(), ...delivered).when(mergedWith(null), allSettled)
    expect(packOf(outcome).undone).toMatchObject({ restored: [], kept: ['src/index.js'] })
    const [mark] = outcome.effects.flatMap((one) => (one.kind === 'mark-rolled-back' ? [one.body] : []))
    expect(mark?.restored).toBe(0)
  })

  test('a run that is no rollback marks none', () => {
    given(story.delivered).when(mergedWith(), allSettled).decides('RunMerged').never('mark-rolled-back')
  })
})

describe('the run that was taken back', () => {
  test('says so in its account, its check, a comment and its card, and once', () => {
    const outcome = given(story.merged).when(rollbackMerged(), allSettled)
    outcome.decides('RunRolledBack', 'ReviewPackRecorded').intends('check', 'comment', 'card').never('close', 'commit')
    outcome.ends('rolled_back', /run 5f6g7h8j9k \(#14\) took it back with commit .*: all 1 paths stand as they did/)
    expect(packOf(outcome)).toMatchObject({ state: 'rolled_back', rule: 'rollback' })
    expect(JSON.stringify(bodies(outcome.effects, 'comment'))).toContain('say `/agentos rollback` on #14')
    const again = given(story.merged, rollbackMerged(), allSettled).when(rollbackMerged(), allSettled)
    expect(again.types).toEqual(['NothingFollows'])
  })

  test('names how many paths keep what was changed later', () => {
    const outcome = given(story.merged).when(rollbackMerged({ paths: 3, restored: 2 }))
    outcome.ends('rolled_back', /2 of 3 paths stand as they did before it, the others keep what was changed later/)
  })

  test('is not marked before it was merged', () => {
    given(story.delivered).when(rollbackMerged()).decides('NothingFollows').ends('delivered')
  })

  test('still tells how it stands', () => {
    given(story.merged, rollbackMerged(), allSettled).when(statusAsked()).decides('StatusShown').intends('comment')
  })
})

test('the way back that an account names is that of its run, by pull request and by trailer', () => {
  const { rollback } = packOf(given().when(story.delivered))
  expect(rollback).toContain('On #13')
  expect(rollback).toContain("--grep='^AgentOS-Run: 0a1b2c3d4e$'")
})
