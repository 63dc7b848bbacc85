import { mkdir, writeFile } from 'node:fs/promises'
import { arch, cpus, platform } from 'node:os'
import { join } from 'node:path'
import { type Benchmark, type Comparison, compare, type Measured } from './compare.ts'
import type { Peak } from './peaks.ts'

/** Loaded when asked for, because what starts a database also takes hold of how the process ends. */
const benchmarks: ReadonlyMap<string, () => Promise<Benchmark>> = new Map([
  ['ledger-postgres', async () => (await import('./ledger.ts')).ledgerInPostgres],
  ['ledger-pglite', async () => (await import('./ledger.ts')).ledgerInPglite],
  ['action', async () => (await import('./action.ts')).action],
  ['sandbox', async () => (await import('./sandbox.ts')).sandbox],
  ['patch', async () => (await import('./patch.ts')).patch],
  ['commands', async () => (await import('./commands.ts')).commands],
  ['replay', async () => (await import('./replay.ts')).replayLedger],
  ['shadow', async () => (await import('./shadow.ts')).shadow],
  ['evidence', async () => (await import('./evidence.ts')).evidence],
  ['memory', async () => (await import('./memory.ts')).memory],
  ['lanes', async () => (await import('./lanes.ts')).lanes],
  ['governed', async () => (await import('./governed.ts')).governed],
  ['eyes', async () => (await import('./eyes.ts')).eyes],
  ['planning', async () => (await import('./planning.ts')).planning],
  ['intent', async () => (await import('./intent.ts')).intent],
  ['secrets', async () => (await import('./secrets.ts')).secrets],
])
/** What all comparisons of a benchmark may take together, beside opening and closing it. */
const BUDGET_MS = 2500
const RESULTS = join(import.meta.dirname, 'results')

type Compared = Pick<Comparison, 'about' | 'unit' | 'items'> & { readonly measured: readonly Measured[] }

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !benchmarks.has(name))
if (unknown.length > 0) {
  console.error(`there is no benchmark ${unknown.join(', ')}; there are ${[...benchmarks.keys()].join(', ')}`)
  process.exitCode = 2
} else
  for (const [name, load] of benchmarks)
    if (asked.length === 0 || asked.includes(name)) await runOne(name, await load())

async function runOne(name: string, { says, open, budgetMs = BUDGET_MS }: Benchmark): Promise<void> {
  const began = performance.now()
  console.log(`\n${name}: ${says}`)
  const { comparisons, peaks, close } = await open()
  const compared: Compared[] = []
  let held: readonly Peak[] = []
  try {
    for (const comparison of comparisons) {
      const { about, unit, items } = comparison
      compared.push({ about, unit, items, measured: await compare(comparison, budgetMs / comparisons.length) })
    }
    held = (await peaks?.()) ?? []
  } finally {
    await close()
  }
  for (const line of table(compared)) console.log(line)
  for (const { about, items, peakMiB } of held)
    console.log(`  ${about} of ${items.toLocaleString('en')}: at most ${peakMiB} MiB`)
  const machine = { platform: platform(), arch: arch(), cpus: cpus().length, node: process.version }
  const result = {
    name,
    at: new Date().toISOString(),
    machine,
    comparisons: compared,
    ...(held.length === 0 ? {} : { peaks: held }),
  }
  await mkdir(RESULTS, { recursive: true })
  await writeFile(join(RESULTS, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`)
  console.log(`  (${((performance.now() - began) / 1000).toFixed(1)} s, bench/results/${name}.json)`)
}

function table(compared: readonly Compared[]): readonly string[] {
  const rows = [
    ['', '', 'ms', 'a second', 'times the yardstick', 'rounds'],
    ...compared.flatMap(({ about, unit, measured }) =>
      measured.map(({ contender, medianMs, perSecond, ratio, rounds }) => [
        about,
        contender,
        medianMs.toFixed(2),
        `${perSecond < 100 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString('en')} ${unit}`,
        ratio.toFixed(2),
        String(rounds),
      ]),
    ),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
}
