import { describe, expect, test } from 'vitest'
import { cardText } from '../../../src/domain/text/card.ts'
import { planComment } from '../../../src/domain/text/plan.ts'
import { ana, lee, OTHER_RUN, person } from '../../support/builders.ts'
import {
  allSettled,
  claimed,
  fired,
  freed,
  given,
  handedOver,
  inLine,
  inOrder,
  later,
  lockedBy,
  type Outcome,
  type Play,
  reviewed,
  story,
  toldOfFreedom,
  unlockAsked,
} from '../../support/given.ts'

const KEY = ['path:src/index.js']
const HOUR = 3_600_000
const comments = ({ effects }: Outcome) =>
  effects.flatMap((effect) => (effect.kind === 'comment' ? [effect.body.text] : []))
const cardOf = ({ state, shelf }: Play) => cardText(state, shelf.documents)

describe('a run that needs what another run holds', () => {
  const held = inOrder(story.proposed, lockedBy(OTHER_RUN, KEY))
  const waiting = inOrder(held, reviewed(), allSettled)

  test('says for whom it waits, for what, since when, and its place in the line', () => {
    const { play } = given(held).when(reviewed(), allSettled)
    expect(cardOf(play)).toContain(`run \`${OTHER_RUN}\` holds \`path:src/index.js\` since ${play.now}`)
    expect(cardOf(play)).toContain('first in line')
  })

  test('waits behind a run that began to wait before it, although nobody holds anything', () => {
    const outcome = given(story.proposed, inLine(OTHER_RUN, KEY)).when(reviewed(), allSettled)
    outcome.decides('LockAwaited').never('dispatch').ends('waiting_for_lock')
    expect(cardOf(outcome.play)).toContain(`run \`${OTHER_RUN}\` (#44) waits in front of this one`)
    expect(cardOf(outcome.play)).toContain('1 run in line before this one')
  })

  test('tells the approver on the plan who holds what, and who is in line already', () => {
    const before = inOrder(story.dryRun, lockedBy(OTHER_RUN, KEY), inLine('7k7k7k7k7k', KEY))
    const { play } = given(before).when(handedOver(), allSettled)
    const plan = planComment(play.state, play.shelf.documents, 1)
    expect(plan).toContain(`\`path:src/index.js\` is held by run \`${OTHER_RUN}\` since ${play.now}`)
    expect(plan).toContain('1 run in line before this one already')
    expect(plan).toContain('**this run would have to wait**')
  })

  test('goes on when it is told that the lock is free, without waiting for a time', () => {
    given(waiting, freed(OTHER_RUN)).when(toldOfFreedom(), allSettled).intends('dispatch').ends('executing')
  })

  test('keeps its place when it looks too early', () => {
    const outcome = given(waiting).when(
      toldOfFreedom(),
      allSettled,
      inLine('7k7k7k7k7k', KEY),
      freed(OTHER_RUN),
      fired('lock'),
      allSettled,
    )
    outcome.intends('dispatch').ends('executing')
  })

  test('changes nothing on a timer of an earlier wait', () => {
    const outcome = given(waiting, toldOfFreedom(), allSettled).when((play) => {
      const timers = play.open.filter(({ effect }) => effect.kind === 'timer' && effect.body.name === 'lock')
      expect(timers).toHaveLength(2)
      play.open.splice(0, play.open.length, ...timers.slice(0, 1))
    }, fired('lock'))
    expect(outcome.types).toEqual(['NothingFollows'])
  })

  test('holds nothing that others could wait for', () => {
    const { play } = given(waiting).when()
    expect(play.locks.held.map(({ run }) => run)).toEqual([OTHER_RUN])
  })

  test('gives back what is left of a lease that another took over in part, so that nobody waits in a circle', () => {
    const task = ['task:issue/12']
    const outlived = inOrder(story.executing, later(7 * HOUR), lockedBy(OTHER_RUN, KEY), fired('lease'))
    const { play, types } = given(outlived).when(fired('job'), allSettled)
    expect(play.state).toMatchObject({ phase: 'waiting_for_lock', locks: null })
    expect(types).toContain('LocksReleased')
    expect(play.locks.held.map(({ key }) => key)).toEqual(KEY)
    expect(
      given(outlived)
        .when()
        .play.locks.held.map(({ key }) => key),
    ).toEqual([...task, ...KEY])
  })
})

describe('unlock', () => {
  test('takes the locks of an executing run away, and its job can deliver nothing any more', () => {
    const outcome = given(story.executing).when(unlockAsked())
    outcome.decides('GrantRevoked', 'LocksReleased', 'RunUnlocked', 'RunApproved').intends('cancel-job')
    expect(comments(outcome).join('\n')).toContain('**Unlocked** by @lee: its runner hangs')
    const [execution] = outcome.play.state.grants.filter(({ purpose }) => purpose === 'execute')
    given(story.executing, unlockAsked(), allSettled)
      .when(handedOver({ grant: execution?.id ?? '' }), allSettled)
      .decides('ClaimDeclined')
      .never('commit', 'ready')
  })

  test('lets the run take its locks anew, asking every gate, when nobody waits', () => {
    given(story.executing)
      .when(unlockAsked(), allSettled)
      .decides('LocksTaken', 'GrantIssued')
      .intends('observe', 'dispatch')
      .ends('executing')
  })

  test('lets those go first who were waiting', () => {
    given(story.executing, inLine(OTHER_RUN, KEY), unlockAsked())
      .when(allSettled)
      .decides('LockAwaited')
      .never('dispatch', 'commit')
      .ends('waiting_for_lock')
  })

  test('voids what a job has delivered and nobody has committed', () => {
    const outcome = given(story.delivering, inLine(OTHER_RUN, KEY)).when(unlockAsked(), allSettled)
    outcome.never('commit').ends('waiting_for_lock')
    expect(outcome.play.state.delivery).toBeNull()
  })

  test('lets a delivered run stay as it is, without its locks', () => {
    const outcome = given(story.delivered).when(unlockAsked(), allSettled)
    outcome.decides('LocksReleased', 'RunUnlocked').never('commit', 'dispatch').ends('delivered')
    expect(outcome.play.locks.held).toEqual([])
    expect(comments(outcome).join('\n')).toContain('whoever merges second may meet conflicts')
  })

  test('is told on the side of those who waited, with its reason', () => {
    const waiting = inOrder(story.proposed, lockedBy(OTHER_RUN, KEY), reviewed(), allSettled, freed(OTHER_RUN))
    const outcome = given(waiting).when(toldOfFreedom('its runner hangs'), allSettled)
    expect(comments(outcome).join('\n')).toContain(`**Run \`${OTHER_RUN}\` was unlocked** by @lee: its runner hangs`)
    outcome.ends('executing')
  })

  test('is for an admin where nobody has the role maintain', () => {
    given(story.executing)
      .when(unlockAsked({ author: person('9', 'admin') }))
      .decides('RunUnlocked')
  })

  test.each<[string, Parameters<typeof unlockAsked>[0], RegExp]>([
    ['somebody with write', { author: ana }, /needs maintain/],
    ['nobody’s reason', { text: ' ' }, /no reason was given/],
    ['AgentOS switched off', { switched: 'off' }, /switched off/],
    ['a control plane that cannot be read', { switched: 'unreadable', author: lee }, /not valid/],
  ])('is declined for %s, with the next step', (_what, asked, because) => {
    const outcome = given(story.executing).when(unlockAsked(asked))
    const declined = outcome.data('UnlockDeclined')
    expect(declined.because).toMatch(because)
    expect(declined.next).not.toBe('')
    expect(outcome.types).not.toContain('LocksReleased')
    outcome.never('cancel-job').ends('executing')
  })

  test('is declined where the run holds no lock, and leads to the run that does', () => {
    const waiting = inOrder(story.proposed, lockedBy(OTHER_RUN, KEY), reviewed(), allSettled)
    const declined = given(waiting).when(unlockAsked()).data('UnlockDeclined')
    expect(declined.because).toContain(`it waits for run \`${OTHER_RUN}\``)
    expect(declined.next).toContain(OTHER_RUN)
    expect(given(story.proposed).when(unlockAsked()).data('UnlockDeclined').next).toContain('agentos lock list')
  })
})

test('a stale runner’s delivery after a takeover is refused by its token', () => {
  const takeover = inOrder(story.executing, lockedBy(OTHER_RUN, KEY))
  given(takeover)
    .when(handedOver(), allSettled)
    .never('commit', 'ready')
    .ends('failed', /not held/)
  given(story.proposed, reviewed(), allSettled, lockedBy(OTHER_RUN, KEY), claimed())
    .when(handedOver(), allSettled)
    .never('commit', 'ready')
    .ends('failed', /not held/)
})
