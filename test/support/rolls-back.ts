import { sha1Hex } from '../../src/domain/hash.ts'
import type { Landed, Stands } from '../../src/domain/packs/landed.ts'
import type { Person } from '../../src/domain/packs/people.ts'
import type { EventData } from '../../src/domain/run/events.ts'
import { told } from '../../src/domain/run/state.ts'
import { BASE_SHA, CHANGED, contentOf, edit, lee, OTHER_RUN } from './builders.ts'
import { locksSeen, requested, type Scene, take } from './given.ts'

/** What the other run landed: exactly what the usual draft of a play turns back. */
export function landed(changes: Partial<Landed> = {}): Landed {
  const { path, before, after } = edit()
  return {
    v: 1,
    run: OTHER_RUN,
    number: 9,
    before: sha1Hex('before it'),
    after: BASE_SHA,
    asApproved: true,
    edits: [{ path, before: after, after: before }],
    outside: ['history', 'comments'],
    ...changes,
  }
}

/** Someone with the right asks for the rollback of another, merged run. */
export function undoing(changes: Partial<Landed> = {}, requester: Person = lee): Scene {
  return (play) => {
    const document = play.shelf.document(landed(changes))
    play.world.observe = { requesterRole: requester.role }
    const planner = { is: 'rollback', run: OTHER_RUN, commit: BASE_SHA, landed: document } as const
    requested({ planner, requester, words: { login: 'lee', title: `Take back run ${OTHER_RUN}`, text: '' } })(play)
  }
}

export function rollbackAsked(author: Person = lee): Scene {
  return (play) => {
    const data = { commentId: '705', author, words: play.shelf.words({ login: 'lee' }), locks: locksSeen(play) }
    take(play, { type: 'RollbackAsked', by: `github:${author.id}`, at: play.now, data })
  }
}

/** The rollback of this run was merged. */
export function rollbackMerged(changes: Partial<EventData<'RollbackMerged'>> = {}): Scene {
  return (play) => {
    const facts = {
      by: OTHER_RUN,
      number: 14,
      commit: sha1Hex('the rollback'),
      asApproved: true,
      paths: 1,
      restored: 1,
    }
    const data = { ...facts, locks: locksSeen(play), ...changes }
    take(play, { type: 'RollbackMerged', by: 'agentos', at: play.now, data })
  }
}

const RESTORED = { mode: '100644', blob: contentOf(CHANGED).blob } as const

/** People merge the rollback; at its path they leave what it restored, or something else. */
export function mergedWith(state: Stands['paths'][number]['state'] = RESTORED): Scene {
  return (play) => {
    const { diffSha256, commit } = told(play.state.delivered, 'the delivery')
    const message = play.shelf.document({ v: 1, message: `Take it back\n\nAgentOS-Run: ${commit}\n` })
    const stands: Stands = { v: 1, commit: sha1Hex('merge'), paths: [{ path: 'src/index.js', state }] }
    take(play, {
      type: 'PullRequestEnded',
      by: 'github:2',
      at: play.now,
      data: {
        sender: '2',
        merge: { commit: sha1Hex('merge'), message, diffSha256 },
        stands: play.shelf.document(stands),
        locks: locksSeen(play),
      },
    })
  }
}
