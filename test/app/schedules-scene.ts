import { expect } from 'vitest'
import { parseYaml } from '../../src/adapters/control/parse-yaml.ts'
import { readShippedPack } from '../../src/adapters/control/shipped-pack.ts'
import { memoryLedger } from '../../src/adapters/ledger/memory.ts'
import { documentsFor, journal } from '../../src/app/journal.ts'
import type { GithubDesk, RepositoryReader } from '../../src/app/ports.ts'
import type { Journal } from '../../src/app/recording.ts'
import { type ScheduleDesk, watchSchedules } from '../../src/app/schedules.ts'
import type { RepositoryRef } from '../../src/domain/effects.ts'
import { blobId } from '../../src/domain/git-objects.ts'
import { hashOf, type ObjectId, sha1Hex } from '../../src/domain/hash.ts'
import { type RunId, runStream } from '../../src/domain/ids.ts'
import type { NewBlob } from '../../src/domain/packs/documents.ts'
import type { EventData, RunInput } from '../../src/domain/run/events.ts'
import { scheduleEvents, scheduleStream } from '../../src/domain/schedule-stream.ts'
import { modules } from '../../src/entry/modules.ts'
import { plainFilter } from '../support/plain-filter.ts'

export const REPOSITORY: RepositoryRef = {
  id: '10',
  ownerId: '11',
  owner: 'acme',
  name: 'demo',
  defaultBranch: 'main',
  installation: '12',
}
export const SCHEDULE = scheduleStream(REPOSITORY.id)
export const BOT = '99'

/** `schedules.yml` with one rule at three o'clock. */
export function nightly(
  changes: { readonly enabled?: boolean; readonly cron?: string; readonly recipe?: string } = {},
): string {
  const { enabled = true, cron = '0 3 * * *', recipe = 'replace-text' } = changes
  const rule = `{ id: nightly, cron: '${cron}', recipe: ${recipe}, params: { find: old, replace: new }, enabled: ${enabled} }`
  return `version: 1\nschedules:\n  - ${rule}\n`
}

/** A repository at GitHub of which only the default branch matters. */
export type Branch = { files: Readonly<Record<string, string>>; asked: number; reachable: boolean }

function githubWith(branch: Branch): GithubDesk {
  const commits = new Map<ObjectId, Readonly<Record<string, string>>>()
  return {
    role: async () => 'none',
    branchHead: async () => {
      branch.asked += 1
      if (!branch.reachable) throw new Error('GitHub does not answer')
      const sha = sha1Hex(hashOf(branch.files))
      commits.set(sha, branch.files)
      return sha
    },
    reader: () => readerOf(commits),
    pullRequest: async () => null,
    mergeBase: async () => null,
    commit: async () => ({ message: '', diffSha256: null }),
    commitAt: async () => ({ message: '', parents: [] }),
    owners: () => Promise.resolve([]),
    review: () => Promise.resolve(null),
    ownId: async () => BOT,
  }
}

function readerOf(commits: ReadonlyMap<ObjectId, Readonly<Record<string, string>>>): RepositoryReader {
  const at = (commit: ObjectId) => {
    const files = commits.get(commit)
    if (files === undefined) throw new Error(`there is no commit ${commit}`)
    return Object.entries(files).map(([path, content]) => ({ path, bytes: new TextEncoder().encode(content) }))
  }
  return {
    treeOf: async (commit) => sha1Hex(`tree of ${commit}`),
    entries: async (commit) =>
      at(commit).map(({ path, bytes }) => ({ path, mode: '100644', blob: blobId(bytes), size: bytes.length })),
    blobs: async (ids) => {
      const all = [...commits.keys()].flatMap(at).map(({ bytes }) => [blobId(bytes), bytes] as const)
      return new Map(all.filter(([id]) => ids.includes(id)))
    },
  }
}

/** A controller over a ledger in memory, whose clock the test moves. */
export async function scene(files: Readonly<Record<string, string>> = { '.agentos/schedules.yml': nightly() }) {
  const store = memoryLedger()
  const branch: Branch = { files, asked: 0, reachable: true }
  const clock = { at: '2026-03-01T12:00:00.000Z' }
  const shipped = await readShippedPack()
  const desk: ScheduleDesk = {
    ledger: store.ledger,
    journal: journal(store),
    github: githubWith(branch),
    control: { engine: '0.1.0', shipped, parseYaml, modules, filter: plainFilter },
    clock: { now: () => clock.at },
    random: (bytes) => new Uint8Array(bytes).fill(7),
    instance: 'https://agentos.example.test',
    site: 'https://github.example',
    engine: { version: '0.1.0', digest: hashOf('engine') },
  }
  const watch = watchSchedules(desk)
  const runs = async () => (await store.ledger.streams('run/')).map((stream) => stream.slice('run/'.length))
  return {
    store,
    branch,
    desk,
    watch,
    runs,
    /** Another controller over the same ledger; `changes` replace parts of it. */
    another: (changes: Partial<ScheduleDesk> = {}) => watchSchedules({ ...desk, ...changes }),
    see: () => watch.see(pushed),
    lookAt: async (at: string) => {
      clock.at = at
      await watch.look(SCHEDULE)
    },
    setClock: (at: string) => {
      clock.at = at
    },
    types: async () => (await store.ledger.read(SCHEDULE)).map((event) => event.type),
    dues: async () =>
      (await store.ledger.read(SCHEDULE))
        .filter((event) => event.type === 'DueDecided')
        .map((event) => scheduleEvents.DueDecided.parse(event.data)),
    intended: async (run: RunId) => (await store.queue.list(runStream(run))).map((effect) => effect.type),
    load: (run: RunId) => desk.journal.load(run),
    request: async (run: RunId): Promise<EventData<'RequestReceived'>> => {
      const { state } = await desk.journal.load(run)
      if (state.request === null) throw new Error(`run ${run} was not requested`)
      const { at: _at, ...request } = state.request
      return request
    },
    documents: async () => documentsFor(store.ledger, await store.ledger.read(SCHEDULE)),
    record: (input: RunInput, blobs: readonly NewBlob[], run: RunId) =>
      desk.journal.record({ run, repository: REPOSITORY.id, make: () => ({ input, blobs }) }),
  }
}
export type ScheduleScene = Awaited<ReturnType<typeof scene>>

export const pushed = {
  is: 'push',
  repository: REPOSITORY,
  branch: 'main',
  after: sha1Hex('a push'),
  sender: { id: '1', login: 'ana', kind: 'User' },
} as const

/** A journal whose first so many appends never happen, as where the process dies just before. */
export function dyingBefore(inner: Journal, appends: number): Journal {
  let left = appends
  return {
    load: (run) => inner.load(run),
    record: async (recording) => {
      if (left > 0) {
        left -= 1
        throw new Error('the process died')
      }
      return inner.record(recording)
    },
  }
}

/** Nothing of these may follow from what was refused. */
export function never(intended: readonly string[]): void {
  const forbidden = intended.filter((kind) => kind !== 'comment' && kind !== 'card' && kind !== 'react')
  expect(forbidden, 'forbidden effects').toEqual([])
}
