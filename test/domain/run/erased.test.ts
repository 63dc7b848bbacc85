import { expect, test } from 'vitest'
import {
  ended,
  erased,
  given,
  merged,
  pushed,
  reviewed,
  type Scene,
  statusAsked,
  stopAsked,
  story,
  tampered,
} from '../../support/given.ts'
import { rollbackAsked, rollbackMerged } from '../../support/rolls-back.ts'

test('erasing decides nothing and asks for nothing', () => {
  const { play } = given(story.merged).when(erased)
  const { decisions, effects } = play.transitions.at(-1) ?? { decisions: [], effects: [] }
  expect([decisions.map(({ type }) => type), effects]).toEqual([['NothingFollows'], []])
})

const later: readonly (readonly [string, Scene])[] = [
  ['a review', reviewed()],
  ['a wish to stop', stopAsked()],
  ['a push', pushed()],
  ['a close', ended()],
  ['a second merge', merged],
  ['a changed comment', tampered()],
  ['a wish to take it back', rollbackAsked()],
]

test.each(later)('a merged run whose texts were erased takes in %s, and stays as it is', (_, scene) => {
  const { play } = given(story.merged, erased).when(scene)
  expect(play.state.phase).toBe('merged')
})

test('a merged run whose texts were erased is rolled back like any other', () => {
  expect(given(story.merged, erased).when(rollbackMerged()).play.state.phase).toBe('rolled_back')
})

test('a run whose texts were erased answers how it stands, and names people by number alone', () => {
  const { play } = given(story.merged, erased).when(statusAsked())
  const said = JSON.stringify(play.transitions.at(-1)?.effects)
  expect(said).toContain('What was asked for was erased.')
  expect(said).toContain('by user 1')
  expect(said).not.toContain('@ana')
})
