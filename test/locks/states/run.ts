import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Explored, explore } from './explore.ts'
import { modelOf, playersOf } from './model.ts'
import { CALM, FAR_AWAY, mutations, rough } from './mutations.ts'
import type { Bounds } from './steps.ts'
import { FOURTH, WISHES, type Wish } from './wishes.ts'

/**
 * The whole exploration, each space up to so many states: `npm run test:locks:states -- --most 1200000`. What it found is
 * kept in bench/results. With `--spoiled` it prints instead the shortest way on which each spoiled lock logic breaks a promise.
 */
const { values } = parseArgs({
  options: { most: { type: 'string', default: '1200000' }, spoiled: { type: 'boolean', default: false } },
})
const RESULT = join(import.meta.dirname, '../../../bench/results/lock-states.json')

type Space = { readonly name: string; readonly wishes: readonly Wish[]; readonly bounds: Bounds }
const SPACES: readonly Space[] = [
  { name: '4 runs, nothing goes wrong, no timer', wishes: [...WISHES, FOURTH], bounds: CALM },
  {
    name: '4 runs, people stop, close and unlock, no timer',
    wishes: [...WISHES, FOURTH],
    bounds: { ...CALM, kinds: new Set(['machine', 'person']) },
  },
  {
    name: '2 runs, leases expire, processes die, people interfere',
    wishes: WISHES.slice(0, 2),
    bounds: rough('stale', 'person'),
  },
  { name: '3 runs, leases expire, processes die', wishes: WISHES, bounds: rough('stale') },
]

process.exitCode = values.spoiled ? tellSpoiled() : await tellSpaces()

async function tellSpaces(): Promise<number> {
  const rows: (Explored & { readonly name: string; readonly seconds: number; readonly megabytes: number })[] = []
  for (const { name, wishes, bounds } of SPACES) {
    const began = process.cpuUsage()
    const explored = explore(modelOf(playersOf(wishes)), bounds, Number(values.most))
    const { user, system } = process.cpuUsage(began)
    const megabytes = Math.round(process.memoryUsage().rss / 2 ** 20)
    rows.push({ name, ...explored, seconds: Math.round((user + system) / 1e6), megabytes })
    process.stdout.write(`${JSON.stringify(rows.at(-1), null, 2)}\n`)
    await writeFile(RESULT, `${JSON.stringify(rows, null, 2)}\n`)
  }
  return rows.every(({ fault }) => fault === null) ? 0 : 1
}

function tellSpoiled(): number {
  const found = [...mutations, FAR_AWAY].map(({ name, wishes, bounds, rules, breaks }) => {
    const { fault, trace, states } = explore(modelOf(playersOf(wishes), rules), bounds, Number(values.most))
    process.stdout.write(`${JSON.stringify({ name, fault, states, trace }, null, 2)}\n`)
    return fault !== null && breaks.test(fault)
  })
  return found.includes(false) ? 1 : 0
}
