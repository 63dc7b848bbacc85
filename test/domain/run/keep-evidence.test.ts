import { describe, expect, test } from 'vitest'
import type { Effect } from '../../../src/domain/effects.ts'
import { allSettled, ended, given, merged, requested, settled, stopAsked, story } from '../../support/given.ts'
import { rollbackMerged } from '../../support/rolls-back.ts'

const phases = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.kind === 'keep-evidence' ? [effect.body.phase] : []))

describe('the evidence of a run in its repository', () => {
  test('is asked for when the change was delivered', () => {
    expect(phases(given(story.delivering).when(allSettled).effects)).toEqual(['delivered'])
  })

  test.each([
    ['merged', story.delivered, merged],
    ['closed', story.delivered, ended()],
    ['rolled_back', story.merged, rollbackMerged()],
  ])('is asked for again when it was %s', (phase, before, scene) => {
    expect(phases(given(before).when(scene).effects)).toEqual([phase])
  })

  test('is never asked for where nothing was delivered', () => {
    given(requested(), settled()).when(stopAsked(), allSettled).never('keep-evidence')
    given(story.proposed).when(ended(), allSettled).never('keep-evidence')
  })

  test('is something that a run goes on without', () => {
    const outcome = given(story.delivered).when(merged, settled('keep-evidence', 'a ruleset forbids it'))
    expect(outcome.decides('NothingFollows').play.state.phase).toBe('merged')
  })
})
