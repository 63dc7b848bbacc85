import { openDatabase } from '../src/adapters/ledger/open.ts'
import { pgDatabase } from '../src/adapters/ledger/pg.ts'
import { sha1Hex } from '../src/domain/hash.ts'
import { toRunId } from '../src/domain/ids.ts'
import { edit, editStep, mia, OTHER_RUN, shippedLanes, verifyStep } from '../test/support/builders.ts'
import {
  allSettled,
  amended,
  claimed,
  fired,
  handedOver,
  inOrder,
  later,
  lockedBy,
  newPlay,
  type Play,
  pushed,
  requested,
  reviewed,
  type Scene,
  stopAsked,
  story,
  world,
} from '../test/support/given.ts'
import { startPostgres } from '../test/support/postgres.ts'
import { recordPlay } from '../test/support/recorded-plays.ts'

const tried = [claimed(), handedOver(), allSettled]
const light = world((it) => {
  it.policy = { lanes: { light: shippedLanes.light } }
})

/** How runs go: to the end, or to one of the places where they stop. */
const ways: readonly (readonly Scene[])[] = [
  [story.merged],
  [story.delivered],
  [story.approved, allSettled, stopAsked(), allSettled],
  [story.proposed, reviewed({ author: mia, login: 'mia' }), allSettled],
  [story.proposed, amended(), allSettled, ...tried, reviewed(), allSettled],
  [story.proposed, lockedBy(OTHER_RUN, ['path:src/index.js']), reviewed(), allSettled],
  [story.approved, pushed(), allSettled],
  [story.proposed, fired('approval'), allSettled],
  [light, requested(), allSettled, ...tried, reviewed(), allSettled],
  [story.asked, claimed(), handedOver({ failing: { step: 'tests', because: 'red' } }), allSettled],
]

/** A run of its own: its id, repository, words, change, path and times are no other run's, nor is how it goes. */
export function variedPlay(n: number): Play {
  const play = newPlay(toRunId(Uint8Array.from({ length: 10 }, (_, i) => Math.floor(n / 32 ** i) % 32)))
  const content = new TextEncoder().encode(`fs.rm('old ${n}')\n`)
  const path = n % 3 === 0 ? 'src/index.js' : `src/part-${n % 97}/file-${n}.js`
  const varied = world((it) => {
    it.contents = [content]
    it.draft = (usual) => ({ ...usual, steps: [editStep([edit(path, content)]), verifyStep] })
    it.observe = { baseHead: sha1Hex(`base ${n % 5}`) }
    it.asking = {
      words: { text: `Replace fs.rmdir with fs.rm in part ${n}` },
      issue: 12 + n,
      repository: repositoryOf(n),
    }
  })
  inOrder(varied, later(n * 60_000), ...(ways[n % ways.length] ?? []))(play)
  return play
}

/** Twenty runs each, so that reading what a repository recorded before costs no more in a long ledger. */
function repositoryOf(n: number) {
  const id = 100 + (n % 50) + 50 * Math.floor(n / 1000)
  return { id: String(id), ownerId: '11', owner: 'o', name: `r${id}`, defaultBranch: 'main', installation: '12' }
}

/** A ledger in PostgreSQL with so many runs, of which none is kept in memory. */
export async function ledgerWithRuns(usual: number) {
  const server = await startPostgres()
  const url = await server.database()
  const database = pgDatabase(url)
  const { ledger, close } = await openDatabase(database)
  const runs = Number(process.env['AGENTOS_BENCH_RUNS'] ?? usual)
  for (let n = 0; n < runs; n += 1) await recordPlay(ledger, variedPlay(n))
  const events = (await ledger.head())?.pos ?? 0
  return {
    url,
    database,
    ledger,
    runs,
    events,
    async close() {
      await close()
      await server.stop()
    },
  }
}
