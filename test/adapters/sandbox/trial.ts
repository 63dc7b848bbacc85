import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { bubblewrapSandbox } from '../../../src/adapters/sandbox/bubblewrap.ts'
import { discardScratch, scratchFolder } from '../../../src/adapters/sandbox/scratch.ts'
import type { SandboxOutcome, SandboxRequest } from '../../../src/app/sandbox.ts'

export const limits = {
  wallMs: 30_000,
  cpuSeconds: 20,
  outputBytes: 1024 ** 2,
  memoryBytes: 1024 ** 3,
  processes: 128,
  fileBytes: 64 * 1024 ** 2,
  diskBytes: 1024 ** 3,
  files: 10_000,
} as const

/** A checkout that is gone after the test. */
export function aCheckout(files: Readonly<Record<string, string>> = {}): string {
  const folder = scratchFolder()
  onTestFinished(() => discardScratch(folder))
  const checkout = join(folder, 'checkout')
  mkdirSync(checkout)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(checkout, path)), { recursive: true })
    writeFileSync(join(checkout, path), text)
  }
  return checkout
}

export const aRequest = (over: Partial<SandboxRequest> & Pick<SandboxRequest, 'argv'>): SandboxRequest => ({
  checkout: over.checkout ?? aCheckout(),
  cwd: '',
  env: {},
  network: 'none',
  limits,
  ...over,
})

/** What a command came to, with its output as text. */
export type Seen = { readonly end: string; readonly stdout: string; readonly stderr: string }

export async function inside(
  argv: readonly string[],
  over: Partial<SandboxRequest> = {},
  signal?: AbortSignal,
): Promise<Seen> {
  return seen(await bubblewrapSandbox().run(aRequest({ ...over, argv }), signal))
}

export function seen(outcome: SandboxOutcome): Seen {
  if (outcome.is === 'refused') return { end: `refused: ${outcome.rule}`, stdout: '', stderr: outcome.because }
  const end = outcome.is === 'exited' ? `exit ${outcome.code}` : `stopped by ${outcome.by}`
  return { end, stdout: textOf(outcome.stdout), stderr: textOf(outcome.stderr) }
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

/** The same command without the sandbox, to show that it does on this machine what the sandbox has to stop. */
export function bare(argv: readonly string[], cwd: string = aCheckout()): Seen {
  const [file = '', ...rest] = argv
  const { status, stdout, stderr } = spawnSync(file, rest, { cwd, encoding: 'utf8' })
  return { end: `exit ${status}`, stdout, stderr }
}

/** The ids of all processes whose command line holds the mark. */
export function processesWith(mark: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandLine(pid).includes(mark))
    .map(Number)
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
