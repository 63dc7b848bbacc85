import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { gates } from '../../src/domain/gates/index.ts'

// Makes one gate at a time answer *passed* and runs the refusal tests: at least one must turn red by seeing a forbidden effect.

const ROOT = new URL('../..', import.meta.url).pathname
const FORBIDDEN = /^AssertionError: forbidden effects: expected \[ '/m

const Report = z.object({
  numTotalTests: z.int(),
  testResults: z.array(
    z.object({
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({ title: z.string(), status: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
})

type Seen = {
  readonly gate: string
  readonly noticed: boolean
  readonly tests: number
  readonly failed: number
  readonly by: string
}

const only = process.argv.slice(2)
/** The name of no gate: with every gate in place nothing may be red. */
const NONE = 'none'
const untouched = await withPassing(NONE)
if (untouched.failed > 0 || untouched.tests === 0)
  throw new Error(`with every gate in place the tests are red: ${untouched.by}`)

const chosen = gates.filter((gate) => only.length === 0 || only.includes(gate.name))
const seen: Seen[] = []
for (const { name, redLine } of chosen) {
  const one = await withPassing(name)
  seen.push(one)
  const line = redLine === null ? '  ' : String(redLine).padStart(2)
  process.stdout.write(
    `${line} ${name.padEnd(16)} ${one.noticed ? 'noticed ' : 'UNNOTICED'} ${String(one.failed).padStart(3)} red  ${one.by}\n`,
  )
}
const unnoticed = seen.filter((one) => !one.noticed)
process.stdout.write(
  unnoticed.length === 0
    ? `The absence of each of ${seen.length} gates is noticed.\n`
    : `Unnoticed: ${unnoticed.map((one) => one.gate).join(', ')}\n`,
)
process.exitCode = seen.length > 0 && unnoticed.length === 0 ? 0 : 1

async function withPassing(gate: string): Promise<Seen> {
  const folder = await mkdtemp(join(tmpdir(), 'agentos-gates-'))
  try {
    const file = join(folder, 'report.json')
    const end = await vitest(gate, file)
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (text === undefined)
      return {
        gate,
        noticed: false,
        tests: 0,
        failed: 0,
        by: `the tests could not be run (exit ${end.code}): ${end.output.slice(-300)}`,
      }
    return judge(gate, Report.parse(JSON.parse(text)))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function judge(gate: string, report: z.infer<typeof Report>): Seen {
  const failed = report.testResults.flatMap((one) => one.assertionResults).filter((one) => one.status === 'failed')
  const byEffect = failed.filter((one) => one.failureMessages.some((message) => FORBIDDEN.test(message)))
  const by =
    byEffect[0]?.title ??
    failed[0]?.failureMessages[0]?.split('\n')[0] ??
    `none of ${report.numTotalTests} tests failed`
  return { gate, noticed: byEffect.length > 0, tests: report.numTotalTests, failed: failed.length, by }
}

function vitest(gate: string, file: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'test/gates/vitest.config.ts',
    '--reporter=json',
    `--outputFile=${file}`,
  ]
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, AGENTOS_TEST_GATE_THAT_PASSES: gate },
    })
    const output: string[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output: output.join('') }))
  })
}
