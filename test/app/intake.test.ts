import { expect, test } from 'vitest'
import { parseYaml } from '../../src/adapters/control/parse-yaml.ts'
import { memoryLedger } from '../../src/adapters/ledger/memory.ts'
import { type Begin, beginRun } from '../../src/app/begin-run.ts'
import { takeIn } from '../../src/app/intake.ts'
import { journal } from '../../src/app/journal.ts'
import { hashOf, sha1Hex, sha256Hex } from '../../src/domain/hash.ts'
import { runStream } from '../../src/domain/ids.ts'
import { toDocument } from '../../src/domain/packs/documents.ts'
import { chain } from '../../src/domain/run/envelope.ts'
import { parseData } from '../../src/domain/run/events.ts'
import { modules } from '../../src/entry/modules.ts'
import { loaded } from '../domain/control/shipped.ts'
import { ana, governedWith, lee, RUN } from '../support/builders.ts'
import { given, type Scene, story } from '../support/given.ts'
import { plainFilter } from '../support/plain-filter.ts'

const repository = { id: '10', ownerId: '11', owner: 'o', name: 'r', defaultBranch: 'main', installation: '12' }
const reviewer = { id: lee.id, login: 'lee', kind: 'User' } as const

/** A controller whose run was asked for on #12, which may be somebody's own pull request, and is at work on #13. */
async function anIntake(scenes: readonly Scene[], mergeMessage = 'Theirs') {
  const { play } = given(...scenes).when()
  const { ledger, queue, inbox } = memoryLedger()
  const told = { kind: 'decision', v: 1, by: 'agentos', at: play.now } as const
  const desk = chain('desk/10', undefined, [
    { ...told, type: 'RunOpened', data: { run: RUN, issue: 12, requester: ana.id } },
    { ...told, type: 'RunBound', data: { run: RUN, number: 13 } },
  ])
  await ledger.append({
    expect: [
      { stream: runStream(RUN), seq: 0 },
      { stream: 'desk/10', seq: 0 },
    ],
    events: [...play.events, ...desk],
    effects: [],
    blobs: [...play.shelf.blobs].map(([sha256, bytes]) => ({ sha256, bytes })),
  })
  for (const deliveryId of ['delivery-1', 'delivery-2'])
    await inbox.receive({
      deliveryId,
      repository: repository.id,
      semanticKey: deliveryId,
      event: 'x',
      payload: new Uint8Array(),
      receivedAt: play.now,
    })
  const runs = journal({ ledger, queue })
  const intake = {
    ledger,
    queue,
    journal: runs,
    github: {
      role: () => Promise.resolve('maintain' as const),
      branchHead: () => Promise.resolve(sha1Hex('main')),
      reader: () => {
        throw new Error('nothing is read')
      },
      pullRequest: () => Promise.resolve(null),
      mergeBase: () => Promise.resolve(null),
      commit: () => Promise.resolve({ message: mergeMessage, diffSha256: sha256Hex('theirs') }),
      commitAt: () => Promise.resolve({ message: 'Theirs', parents: [] }),
      owners: () => Promise.resolve([]),
      review: () => Promise.resolve(null),
      ownId: () => Promise.resolve('99'),
    },
    control: { engine: '0.1.0', shipped: [], parseYaml, modules, filter: plainFilter },
    clock: { now: () => play.now },
    random: (bytes: number) => new Uint8Array(bytes),
    instance: 'http://agentos.example',
    site: 'https://github.example',
    engine: { version: '0.1.0', digest: sha256Hex('engine') },
  }
  return {
    intake,
    proposed: play.state.proposed?.commit ?? null,
    phase: async () => (await runs.load(RUN)).state.phase,
  }
}

test('a review of the pull request on which a run was asked for is no review of the run', async () => {
  const { intake, proposed, phase } = await anIntake([story.proposed])
  const review = { id: '82', state: 'approved', commit: proposed, body: '', author: reviewer } as const
  const arrival = { is: 'review', repository, review, sender: reviewer } as const
  expect(await takeIn(intake, { ...arrival, number: 12 }, 'delivery-1')).toBe('nothing')
  expect(await phase()).toBe('proposed')
  expect(await takeIn(intake, { ...arrival, number: 13 }, 'delivery-2')).toBe('done')
  expect(await phase()).toBe('approved')
})

test('a run does not end with the pull request on which it was asked for', async () => {
  const { intake, phase } = await anIntake([story.delivered])
  const closed = { is: 'pull-request-closed', repository, sender: reviewer, mergeCommit: sha1Hex('theirs') } as const
  expect(await takeIn(intake, { ...closed, number: 12 }, 'delivery-1')).toBe('nothing')
  expect(await phase()).toBe('delivered')
  expect(await takeIn(intake, { ...closed, number: 13 }, 'delivery-2')).toBe('done')
  expect(await phase()).toBe('merged')
})

test('a merge whose message is longer than an event takes is recorded with its last whole characters, where trailers stand', async () => {
  const message = `${'\u{1f600}'.repeat(40_000)}\n\nAgentOS-Run: ${RUN}.\n`
  const { intake, phase } = await anIntake([story.delivered], message)
  const closed = { is: 'pull-request-closed', repository, sender: reviewer, mergeCommit: sha1Hex('theirs') } as const
  expect(await takeIn(intake, { ...closed, number: 13 }, 'delivery-1')).toBe('done')
  expect(await phase()).toBe('merged')
  const events = await intake.ledger.read(runStream(RUN))
  const ended = parseData('PullRequestEnded', events.find(({ type }) => type === 'PullRequestEnded')?.data)
  const bytes = await intake.ledger.blob(ended.merge?.message ?? '')
  expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual({ v: 1, message: message.slice(-65_535) })
})

test('two rollbacks that were asked for on the same desk do not both begin', async () => {
  const { intake } = await anIntake([story.merged])
  const governed = governedWith()
  const control = { manifest: loaded(), hash: hashOf(governed), document: toDocument(governed) }
  const begin: Begin = {
    person: lee,
    words: { title: '', body: '', text: '', params: {}, labels: [] },
    sha: sha1Hex('main'),
    control,
    blobs: [],
    deliveryId: 'delivery-1',
    issue: 12,
    mode: null,
    planner: { is: 'rollback', run: RUN, commit: sha1Hex('theirs'), landed: sha256Hex('landed') },
    upon: { stream: 'desk/10', seq: 2 },
  }
  const comment = { id: '1', body: '/agentos rollback', author: reviewer }
  const issue = { title: '', body: '', labels: [] }
  const arrival = { is: 'comment', repository, number: 13, onPullRequest: true, issue, comment } as const
  let runs = 0
  const numbered = { ...intake, random: (bytes: number) => new Uint8Array(bytes).fill((runs += 1)) }
  const began = [await beginRun(numbered, arrival, begin)]
  began.push(await beginRun(numbered, arrival, { ...begin, deliveryId: 'delivery-2' }))
  expect(began).toEqual([true, false])
  const desk = await intake.ledger.read('desk/10')
  expect(desk.filter(({ type }) => type === 'RunOpened')).toHaveLength(2)
})
