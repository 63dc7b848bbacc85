import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { localRepository } from '../../src/adapters/git/local-repository.ts'
import { remembering } from '../../src/entry/local/remembering.ts'
import { type Came, walkCommit } from './engine.ts'
import { copyOf, type History, type RealCommit } from './history.ts'
import { inProcesses } from './lanes.ts'
import { patchOf } from './patch-of.ts'
import { throughPrograms } from './pipeline.ts'
import { count, newTally, sum, type Tally } from './tally.ts'
import { policyOf, widePack } from './wide-pack.ts'

/**
 * Real histories: `npm run test:commits -- [--commits N] [--engine N] [--pipeline N] [--programs N] [--processes N]
 * [--least NAME=N] [--out FILE] REPO_DIR…`. Of so many commits of each repository so many go through the patch engine alone,
 * through `plan`, `execute` and `rollback` in one process, and through the programs. The repositories are copied first and
 * never written to.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    commits: { type: 'string', default: '300' },
    engine: { type: 'string', default: 'all' },
    pipeline: { type: 'string', default: 'all' },
    programs: { type: 'string', default: '2' },
    processes: { type: 'string', default: '2' },
    least: { type: 'string', multiple: true, default: [] },
    out: { type: 'string', default: join(import.meta.dirname, '../../bench/results/commits.json') },
  },
})

type Walk = { readonly name: string; readonly engine: Tally; readonly pipeline: Way; readonly programs: Way }
/** How many commits went all the way, and were refused by hygiene, and what went wrong. */
type Way = { identical: number; readonly refused: Record<string, number>; readonly faults: string[] }

const LANES = 3
const widePolicy = policyOf(await widePack())
const walks: Walk[] = []
const least = values.least.map((one) => one.split('='))
for (const source of positionals) {
  walks.push(await walk(source))
  keep()
}
process.exitCode = report(new Map(least.map(([name = '', number = '']) => [name, Number(number)])))

async function walk(source: string): Promise<Walk> {
  const history = copyOf(source)
  try {
    const commits = history.pick(Number(values.commits))
    const engine = newTally()
    await inLanes(some(commits, values.engine), (commit, i) => walkOne(history, engine, commit, i))
    const sample = (most: string) => some(commits, most).filter((commit) => !lacksObjects(history, commit))
    const pipeline = await allTheWay(source, history.name, sample(values.pipeline))
    const programs = newWay()
    for (const [turn, commit] of sample(values.programs).entries())
      take(programs, commit.id, await throughPrograms(history, commit, patchOf(history, commit, turn)))
    const whole = { name: history.name, engine, pipeline, programs }
    say(
      `${history.name}: ${engine.forth} forth and ${engine.back} back of ${engine.commits}; ` +
        `whole pipeline ${pipeline.identical}; programs ${programs.identical}; ` +
        `${engine.faults.length + pipeline.faults.length + programs.faults.length} faults`,
    )
    return whole
  } finally {
    history.remove()
  }
}

async function inLanes(commits: readonly RealCommit[], work: (commit: RealCommit, i: number) => Promise<void>) {
  const waiting = commits.entries()
  const lane = async () => {
    for (const [i, commit] of waiting) await work(commit, i)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

async function walkOne(history: History, tally: Tally, commit: RealCommit, i: number): Promise<void> {
  const repository = await localRepository(history.dir, remembering)
  try {
    const patch = patchOf(history, commit, i)
    count(tally, commit.id, await walkCommit(repository, commit, { patch, policy: widePolicy }))
  } catch (error) {
    if (!lacksObjects(history, commit)) throw error
    tally.incomplete += 1
  }
}

/** A copy of a repository may lack its largest files: of such a commit nobody can say what git makes. */
function lacksObjects({ git }: History, { id, parent }: RealCommit): boolean {
  const listed = git(['rev-list', '--objects', '--missing=print', '--no-walk', id, parent]).toString('latin1')
  return /^\?/m.test(listed)
}

/** Evenly over the history, or all of it. */
function some(commits: readonly RealCommit[], most: string): readonly RealCommit[] {
  const number = most === 'all' ? commits.length : Number(most)
  const step = Math.max(1, Math.floor(commits.length / Math.max(number, 1)))
  return commits.filter((_, i) => i % step === 0).slice(0, number)
}

function newWay(): Way {
  return { identical: 0, refused: {}, faults: [] }
}

function take(way: Way, id: string, came: Came): void {
  if (came.is === 'identical') way.identical += 1
  else if (came.is === 'different') way.faults.push(`${id}: ${came.because}`)
  else for (const rule of came.rules) way.refused[rule] = (way.refused[rule] ?? 0) + 1
}

/** Hours for a whole history: what came so far is told as it goes. */
async function allTheWay(source: string, name: string, commits: readonly RealCommit[]): Promise<Way> {
  const way = newWay()
  let done = 0
  await inProcesses(source, {
    tasks: commits.map((commit, turn) => ({ commit, turn })),
    processes: Math.min(Number(values.processes), commits.length),
    came: ({ commit }, came) => {
      take(way, commit.id, came)
      done += 1
      if (came.is === 'different') say(`FAULT ${commit.id}: ${came.because}`)
      if (done % 20 === 0)
        say(`${name}: ${done} of ${commits.length} through the whole pipeline, ${way.identical} identical`)
    },
  })
  return way
}

/** Kept after each repository: a long walk that is stopped has still told something. */
function keep() {
  const total = sum(walks.map(({ engine }) => engine))
  const ways = (['pipeline', 'programs'] as const).map((way) => walks.map((walk) => walk[way]))
  const [pipeline = 0, programs = 0] = ways.map((each) => each.reduce((number, { identical }) => number + identical, 0))
  const counts = { ...total, repositories: walks.length, pipeline, programs }
  mkdirSync(dirname(values.out), { recursive: true })
  writeFileSync(values.out, `${JSON.stringify({ total: counts, repositories: walks }, null, 2)}\n`)
  return { counts, faults: [...total.faults, ...ways.flat().flatMap((way) => way.faults)] }
}

function report(least: ReadonlyMap<string, number>): number {
  const { counts, faults } = keep()
  say(JSON.stringify(counts, null, 2))
  const numbers = new Map<string, unknown>(Object.entries(counts))
  const missed = [...least].filter(([name, number]) => !(Number(numbers.get(name)) >= number))
  for (const [name, number] of missed) say(`asked for ${number} ${name}, found ${String(numbers.get(name))}`)
  for (const fault of faults) say(`FAULT ${fault}`)
  return missed.length === 0 && faults.length === 0 && counts.commits + counts.pipeline > 0 ? 0 : 1
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
