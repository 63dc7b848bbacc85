import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { arch, availableParallelism, platform } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { TrustedKeys } from '../../src/domain/evidence.ts'
import { tamperings } from './sets.ts'
import type { Share } from './share.ts'
import { type Bundle, evidenceIn, shortBundles } from './stories.ts'
import { type Tally, together } from './verdict.ts'

/** Tries every tampering with every bundle on every core, prints what goes undetected, and keeps the counts. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    step: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    fewer: { type: 'string', multiple: true, default: [] },
  },
})
/** `--fewer NAME=N`: of that kind of tampering only every Nth. */
const FEWER = new Map(values.fewer.map((one) => [one.split('=')[0] ?? '', Number(one.split('=')[1])]))
/** Into how many shares the work on one bundle is cut, so that no worker waits long for another. */
const SHARES = 16
const BITS = 'each bit turned'
const RESULT = join(import.meta.dirname, '../../bench/results/tamper.json')

const bundles: readonly Bundle[] = [...(await shortBundles()), ...(await Promise.all(positionals.map(brought)))]
const smallest = Math.min(...bundles.map(({ bytes }) => bytes.length))
const began = performance.now()
type Row = Tally & {
  readonly bundle: string
  readonly tampering: string
  readonly step: number
  readonly seconds: number
}
const rows: Row[] = []
const workers = Array.from(
  { length: availableParallelism() },
  () => new Worker(new URL('./children/judge.ts', import.meta.url), { workerData: bundles }),
)
for (const { name, bytes, ...rest } of bundles)
  tell(`${name}: ${bytes.length} bytes, ${evidenceIn({ bytes, ...rest }).events.length} events`)
for (const [index, bundle] of bundles.entries())
  for (const tampering of tamperings.keys()) {
    const isLeftOut = tampering === BITS && bundle.bytes.length > smallest
    if (!isLeftOut && tampering.includes(values.only)) await tryOne(tampering, index)
  }
await Promise.all(workers.map((worker) => worker.terminate()))
await finish()

/** `EVIDENCE=KEYS`: evidence of a run that somebody brings, and the keys it is to be believed under. */
async function brought(given: string): Promise<Bundle> {
  const [evidence = '', keys = ''] = given.split(/=(.*)/s)
  const { keys: trusted } = TrustedKeys.parse(JSON.parse(await readFile(keys, 'utf8')))
  return { name: evidence.split('/').at(-1) ?? evidence, bytes: new Uint8Array(await readFile(evidence)), trusted }
}

async function tryOne(tampering: string, bundle: number): Promise<void> {
  const from = performance.now()
  const step = FEWER.get(tampering) ?? Number(values.step)
  const shares: Share[] = Array.from({ length: SHARES }, (_, nth) => ({
    tampering,
    bundle,
    other: (bundle + 1) % bundles.length,
    from: nth * step,
    step: SHARES * step,
  }))
  const tallies = await Promise.all(workers.map((worker) => work(worker, shares)))
  const all = together(tallies.flat())
  const seconds = Math.round((performance.now() - from) / 100) / 10
  const name = bundles[bundle]?.name ?? ''
  rows.push({ bundle: name, tampering, step, ...all, seconds })
  await keep()
  tell(`${name}, ${tampering}: ${all.tried} tried, ${all.undetected.length} undetected (${seconds} s)`)
  for (const what of all.undetected) tell(`  UNDETECTED ${what}`)
}

/** Lets one worker take shares until none is left. */
async function work(worker: Worker, shares: Share[]): Promise<readonly Tally[]> {
  const done: Tally[] = []
  for (let share = shares.pop(); share !== undefined; share = shares.pop()) done.push(await ask(worker, share))
  return done
}

function ask(worker: Worker, share: Share): Promise<Tally> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (tally: Tally) => {
      worker.off('error', reject)
      resolve(tally)
    })
    worker.postMessage(share, [])
  })
}

/** Kept after each kind: a long walk that is stopped has still told something. */
async function keep(): Promise<Tally> {
  const all = together(rows)
  const seconds = Math.round((performance.now() - began) / 1000)
  const machine = { platform: platform(), arch: arch(), cpus: workers.length, node: process.version }
  const about = bundles.map(({ name, bytes }) => ({ name, bytes: bytes.length }))
  const result = { at: new Date().toISOString(), machine, seconds, bundles: about, ...all, rows }
  await mkdir(join(RESULT, '..'), { recursive: true })
  if (values.only === '') await writeFile(RESULT, `${JSON.stringify(result, null, 2)}\n`)
  return all
}

async function finish(): Promise<void> {
  const all = await keep()
  tell(`\n${all.tried} tried, ${all.undetected.length} undetected; what was found first:`)
  for (const [fault, count] of Object.entries(all.faults)) tell(`  ${String(count).padStart(8)} ${fault}`)
  process.exitCode = all.tried > 0 && all.undetected.length === 0 ? 0 : 1
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`)
}
