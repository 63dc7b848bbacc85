import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { readShippedPack } from '../../src/adapters/control/shipped-pack.ts'
import { localRepository } from '../../src/adapters/git/local-repository.ts'
import type { ControlFile } from '../../src/domain/control/load-manifest.ts'
import { remembering } from '../../src/entry/local/remembering.ts'
import { type Came, walkCommit } from './engine.ts'
import { copyOf, type History, type RealCommit } from './history.ts'
import { throughPipeline, throughPrograms } from './pipeline.ts'
import { count, newTally, sum, type Tally } from './tally.ts'
import { policyOf, widePack } from './wide-pack.ts'

/**
 * Real histories against the patch engine: `npm run test:commits -- [--commits N] [--pipeline N] [--programs N]
 * [--least NAME=N] [--out FILE] REPO_DIR…`. The repositories are copied first and never written to.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    commits: { type: 'string', default: '250' },
    pipeline: { type: 'string', default: '5' },
    programs: { type: 'string', default: '2' },
    least: { type: 'string', multiple: true, default: [] },
    out: { type: 'string', default: join(import.meta.dirname, '../../bench/results/commits.json') },
  },
})

type Walk = { readonly name: string; readonly engine: Tally; readonly pipeline: Way; readonly programs: Way }
/** How many commits went all the way, and were refused by hygiene, and what went wrong. */
type Way = { identical: number; refused: number; readonly faults: string[] }

const LANES = 3
const packs = { wide: await widePack(), shipped: await readShippedPack() }
const widePolicy = policyOf(packs.wide)
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
    await inLanes(commits, (commit, i) => walkOne(history, engine, commit, i))
    const sample = (most: string) => some(commits, Number(most)).filter((commit) => !lacksObjects(history, commit))
    const pipeline = await each(history, sample(values.pipeline), pipelineBothWays)
    const programs = await each(history, sample(values.programs), (commit, patch) =>
      throughPrograms(history, commit, patch),
    )
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
  const repository = remembering(await localRepository(history.dir))
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

/** In turn as git quotes names and as it does not, with and without copies. */
function patchOf({ git }: History, { id, parent }: RealCommit, turn: number): Buffer {
  const names = ['-c', `core.quotePath=${turn % 2 === 0}`]
  const copies = turn % 3 === 0 ? ['-C'] : []
  const plain = ['--binary', '--full-index', '--no-ext-diff', '--no-textconv', '--no-color']
  return git([...names, 'diff', '-M', ...copies, ...plain, parent, id])
}

function some(commits: readonly RealCommit[], most: number): readonly RealCommit[] {
  const step = Math.max(1, Math.floor(commits.length / Math.max(most, 1)))
  return commits.filter((_, i) => i % step === 0).slice(0, most)
}

type Go = (commit: RealCommit, patch: Uint8Array, history: History) => Promise<Came>

async function each(history: History, commits: readonly RealCommit[], go: Go): Promise<Way> {
  const way: Way = { identical: 0, refused: 0, faults: [] }
  for (const [i, commit] of commits.entries()) {
    const came = await go(commit, patchOf(history, commit, i), history)
    if (came.is === 'identical') way.identical += 1
    else if (came.is === 'refused') way.refused += 1
    else way.faults.push(`${commit.id}: ${came.because}`)
  }
  return way
}

/** There, and by the inverse patch back to the parent's tree. */
async function pipelineBothWays(commit: RealCommit, patch: Uint8Array, history: History): Promise<Came> {
  const pack: readonly ControlFile[] = packs.wide
  const forth = await throughPipeline(history, commit, { patch, pack })
  if (forth.is !== 'identical') return forth
  const inverse = { parent: commit.id, tree: commit.parentTree }
  const back = patchOf(history, { ...commit, id: commit.parent, parent: commit.id }, 0)
  return throughPipeline(history, inverse, { patch: back, pack })
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
  return missed.length === 0 && faults.length === 0 && counts.commits > 0 ? 0 : 1
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
