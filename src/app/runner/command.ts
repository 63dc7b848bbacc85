import { toEpochMs } from '../../domain/clock.ts'
import { sha256Hex } from '../../domain/hash.ts'
import type { CommandMeasure } from '../../domain/receipt.ts'
import type { SandboxLimits, SandboxOutcome } from '../sandbox.ts'
import type { Stage } from './scene.ts'

/** Where the two streams of a command were kept. */
export type StepLog = { readonly stdout: string; readonly stderr: string }

/** A command after its end. `fault` is null when it ended by itself with 0. */
export type Ran = {
  readonly fault: string | null
  readonly measure: CommandMeasure | null
  readonly log: StepLog | null
}

type Command = { readonly argv: readonly string[]; readonly network: 'none' | 'host'; readonly checkout: string }

/** Runs one command in the sandbox, keeps what it printed, and measures it. */
export async function runCommand(stage: Stage, { argv, network, checkout }: Command): Promise<Ran> {
  const wallMs = remainingMs(stage)
  if (wallMs <= 0) return { fault: 'the time of the Grant is over', measure: null, log: null }
  const limits = limitsOf(stage, wallMs)
  const outcome = await stage.sandbox.run({ argv, checkout, cwd: '.', env: {}, network, limits })
  if (outcome.is === 'refused') return { fault: `${outcome.rule}: ${outcome.because}`, measure: null, log: null }
  const stdout = { sha256: sha256Hex(outcome.stdout), bytes: outcome.stdoutBytes }
  const stderr = { sha256: sha256Hex(outcome.stderr), bytes: outcome.stderrBytes }
  await stage.keep({ sha256: stdout.sha256, bytes: outcome.stdout })
  await stage.keep({ sha256: stderr.sha256, bytes: outcome.stderr })
  const { binary } = outcome
  return {
    fault: faultOf(outcome, limits),
    log: { stdout: stdout.sha256, stderr: stderr.sha256 },
    measure: {
      argv: [...argv],
      binary,
      ended: endingOf(outcome),
      exitCode: exitCodeOf(outcome),
      stdout,
      stderr,
      network,
    },
  }
}

type Ended = Exclude<SandboxOutcome, { is: 'refused' }>

function remainingMs({ mission, ports }: Stage): number {
  return Math.min(mission.limits.stepWallMs, toEpochMs(mission.grant.expiresAt) - toEpochMs(ports.clock.now()))
}

function limitsOf({ mission }: Stage, wallMs: number): SandboxLimits {
  const { stepCpuSeconds, outputBytes, memoryBytes, processes, fileBytes } = mission.limits
  return { wallMs, cpuSeconds: stepCpuSeconds, outputBytes, memoryBytes, processes, fileBytes }
}

function endingOf(outcome: Ended): string {
  return outcome.is === 'exited' ? `exited with ${outcome.code}` : `stopped by ${outcome.by} (${outcome.signal})`
}

function exitCodeOf(outcome: Ended): number | null {
  return outcome.is === 'exited' ? outcome.code : null
}

function faultOf(outcome: Ended, limits: SandboxLimits): string | null {
  if (outcome.is === 'exited') return outcome.code === 0 ? null : `it exited with ${outcome.code}`
  switch (outcome.by) {
    case 'wall-time':
      return `it took longer than ${limits.wallMs} ms`
    case 'output':
      return `it printed more than ${limits.outputBytes} bytes`
    case 'cpu':
      return `it used more than ${limits.cpuSeconds} s of processor time`
    case 'memory':
      return `it used more than ${limits.memoryBytes} bytes of memory`
    case 'file-size':
      return `it wrote a file of more than ${limits.fileBytes} bytes`
    case 'signal':
    case 'cancelled':
      return `it was ended by ${outcome.signal}`
  }
}
