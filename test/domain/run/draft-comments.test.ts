import { expect, test } from 'vitest'
import { allSettled, given, requested, type Scene } from '../../support/given.ts'

test('a draft is told which comment asked for it, so that evidence may lead there', () => {
  const seen: (readonly string[])[] = []
  const watching: Scene = (play) => {
    play.world.results.draft = ({ comments }) => {
      seen.push(comments)
      return undefined
    }
  }
  const via = { is: 'comment', commentId: '77' } as const
  given(watching).when(requested({ via }), allSettled)
  given(watching).when(requested({ via: { is: 'cli' } }), allSettled)
  expect(seen).toEqual([['77'], []])
})
