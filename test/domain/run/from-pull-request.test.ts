import { expect, test } from 'vitest'
import type { EffectBody } from '../../../src/domain/effects.ts'
import { sha1Hex } from '../../../src/domain/hash.ts'
import { trailersFor } from '../../../src/domain/run/trailers.ts'
import { ana, lee, mia, OTHER_RUN } from '../../support/builders.ts'
import {
  allSettled,
  claimed,
  given,
  handedOver,
  lockedBy,
  type Outcome,
  planOf,
  requested,
  reviewed,
  type Scene,
  settled,
  until,
  world,
} from '../../support/given.ts'

const HEAD = sha1Hex('the head of #7')

function askedFrom(author: { readonly id: string; readonly login: string } | null, isFork = false): Scene {
  return (play) => {
    const words = author === null ? null : play.shelf.words({ login: author.login })
    const credited = author === null || words === null ? null : { id: author.id, kind: 'User' as const, words }
    const planner = {
      is: 'pull-request',
      number: 7,
      head: HEAD,
      mergeBase: sha1Hex('base'),
      isFork,
      author: credited,
    } as const
    requested({ planner })(play)
  }
}

const kim = { id: '31', login: 'kim' }

function proposedFrom(...scenes: readonly Scene[]): Outcome {
  return given(...scenes).when(allSettled, claimed(), handedOver(), allSettled)
}

function comment({ effects }: Outcome): string {
  const bodies = effects.flatMap((effect): EffectBody<'comment'>[] => (effect.kind === 'comment' ? [effect.body] : []))
  return bodies.find(({ role }) => role === 'plan')?.text ?? ''
}

test('a plan from a pull request names it, its author and the exact head', () => {
  const text = comment(proposedFrom(askedFrom(kim, true)))
  expect(text).toContain(`**Taken from #7** by \`kim\`, from a fork, at \`${HEAD}\``)
  expect(text).toContain('Nothing was pushed to it since.')
})

test.each([
  ['has moved', { head: sha1Hex('later'), state: 'open' }, `It has moved to \`${sha1Hex('later')}\` since`],
  ['was closed', { head: HEAD, state: 'closed' }, '#7 is closed by now'],
  ['was merged', { head: HEAD, state: 'merged' }, '#7 is merged by now'],
  ['is gone', { head: null, state: 'gone' }, '#7 is gone by now'],
])('where the pull request %s in the meantime, the plan says so and stays as it is', (_, seen, says) => {
  const told = world((one) => {
    one.results = { 'look-at-source': () => seen }
  })
  const outcome = proposedFrom(told, askedFrom(kim)).ends('proposed')
  expect(comment(outcome)).toContain(says)
})

test('a run goes on where nobody could ask how the pull request stands, and says that it does not know', () => {
  const outcome = given(askedFrom(kim), allSettled, claimed(), handedOver(), until('look-at-source')).when(
    settled('look-at-source', 'GitHub said no'),
    allSettled,
  )
  expect(comment(outcome.ends('proposed'))).toContain('Whether #7 has moved since could not be asked.')
})

test('the pull request is looked at before the plan is committed, and only where a draft was taken from one', () => {
  const kinds = (outcome: Outcome) => outcome.effects.map(({ kind }) => kind)
  const taken = kinds(proposedFrom(askedFrom(kim)))
  expect(taken.indexOf('look-at-source')).toBeLessThan(taken.indexOf('commit'))
  expect(taken.indexOf('look-at-source')).toBeGreaterThan(0)
  expect(kinds(proposedFrom(requested()))).not.toContain('look-at-source')
})

const authors = ({ play }: Outcome) =>
  trailersFor(play.state, planOf(play), play.shelf.documents, 'plan')
    .filter(({ name }) => name === 'Co-authored-by')
    .map(({ value }) => value)

test('whoever wrote the pull request is credited beside the requester, once', () => {
  const requester = 'ana <1+ana@users.noreply.github.com>'
  expect(authors(proposedFrom(askedFrom(kim)))).toEqual([requester, 'kim <31+kim@users.noreply.github.com>'])
  expect(authors(proposedFrom(askedFrom({ id: ana.id, login: 'ana' })))).toEqual([requester])
  expect(authors(proposedFrom(askedFrom(null)))).toEqual([requester])
})

test('whoever wrote the pull request does not approve the plan that is taken from it', () => {
  const wrote = askedFrom({ id: lee.id, login: 'lee' })
  given(wrote, allSettled, claimed(), handedOver(), allSettled)
    .when(reviewed())
    .decides('ApprovalDeclined')
    .never('dispatch')
    .ends('proposed')
  given(wrote, allSettled, claimed(), handedOver(), allSettled)
    .when(reviewed({ author: mia, login: 'mia' }))
    .decides('ApprovalCounted', 'RunApproved')
})

function texts({ effects }: Outcome): readonly string[] {
  return effects.flatMap(({ kind, body }) => {
    if (kind === 'comment' || kind === 'card') return [body.text]
    if (kind === 'check') return [body.summary]
    return kind === 'open-pull-request' ? [body.body] : []
  })
}

const asked = ({ effects }: Outcome) =>
  effects.flatMap((effect) => (effect.kind === 'request-review' ? [effect.body] : []))

test('whoever wrote the pull request is neither named as one who may approve nor asked for a review', () => {
  const outcome = proposedFrom(askedFrom(kim))
  const inviting = texts(outcome).filter((text) => /approves/.test(text))
  expect(inviting).toHaveLength(4)
  for (const text of inviting) expect(text).toContain('other than @ana and the author of #7 approves')
  expect(asked(outcome)).toMatchObject([{ not: ana.id, nor: kim.id }])
})

test.each([
  ['who asked wrote it', { id: ana.id, login: 'ana' }],
  ['its author is gone', null],
])('nobody else is left out where %s', (_, author) => {
  const outcome = proposedFrom(askedFrom(author))
  expect(texts(outcome).join()).toContain('someone other than @ana approves')
  expect(texts(outcome).join()).not.toContain('the author of')
  expect(asked(outcome)[0]).not.toHaveProperty('nor')
})

test('the author whose review does not count is told who else may approve', () => {
  const wrote = askedFrom({ id: lee.id, login: 'lee' })
  const declined = given(wrote, allSettled, claimed(), handedOver(), allSettled).when(reviewed())
  expect(texts(declined)[0]).toContain('other than the requester and the author of #7, approves')
})

test('the commit and the run’s own pull request say where the change comes from', () => {
  const outcome = proposedFrom(askedFrom(kim))
  const texts = outcome.effects.flatMap((effect) =>
    effect.kind === 'commit' || effect.kind === 'open-pull-request' ? [effect.body.body] : [],
  )
  expect(texts.map((text) => text.includes(`#7 at ${HEAD}`))).toEqual([true, true])
})

test('a plan tells which other run holds a path of it, before anyone approves', () => {
  const outcome = given(lockedBy(OTHER_RUN, ['path:src'], '2026-12-01T00:00:00.000Z')).when(
    requested(),
    allSettled,
    claimed(),
    handedOver(),
    allSettled,
  )
  expect(comment(outcome)).toContain(`\`path:src\` is held by run \`${OTHER_RUN}\``)
  expect(comment(outcome)).toContain('**this run would have to wait**')
  const free = comment(proposedFrom(requested()))
  expect(free).not.toContain('is held by run')
  const expired = comment(proposedFrom(lockedBy(OTHER_RUN, ['path:src'], '2026-01-01T00:00:00.000Z'), requested()))
  expect(expired).not.toContain('is held by run')
})
