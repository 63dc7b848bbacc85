import { toEpochMs } from '../../domain/clock.ts'
import type { CommandLimits } from '../../domain/control/command-rule.ts'
import { sha256Hex } from '../../domain/hash.ts'
import type { BudgetUse, CommandMeasure } from '../../domain/receipt.ts'
import {
  type SandboxLimits,
  type SandboxNetwork,
  type SandboxOutcome,
  type SandboxStop,
  sandboxLimits,
} from '../sandbox.ts'
import type { Stage } from './scene.ts'

/** Where the two streams of a command were kept. */
export type StepLog = { readonly stdout: string; readonly stderr: string }

/** A command after its end. `fault` is null when it ended by itself with 0. */
export type Ran = {
  readonly fault: string | null
  readonly measure: CommandMeasure | null
  readonly log: StepLog | null
  readonly budgets: readonly BudgetUse[]
}

/** What a rule of the policy sets for its command alone. */
export type Bounds = { readonly env: Readonly<Record<string, string>>; readonly limits: CommandLimits }

export type Command = {
  readonly argv: readonly string[]
  readonly network: SandboxNetwork
  readonly bounds: Bounds
  readonly checkout: string
}

/** Runs one command in the sandbox, keeps what it printed, and measures it. */
export async function runCommand(stage: Stage, { argv, network, bounds, checkout }: Command): Promise<Ran> {
  const wallMs = remainingMs(stage)
  if (wallMs <= 0) return { fault: 'the time of the Grant is over', measure: null, log: null, budgets: timeOf(0, 0) }
  const limits = narrowed(sandboxLimits(stage.mission.limits, wallMs), bounds.limits)
  const startedAt = stage.ports.clock.now()
  const outcome = await stage.sandbox.run({ argv, checkout, cwd: '.', env: bounds.env, network, limits })
  const time = timeOf(limits.wallMs, toEpochMs(stage.ports.clock.now()) - toEpochMs(startedAt))
  if (outcome.is === 'refused')
    return { fault: `${outcome.rule}: ${outcome.because}`, measure: null, log: null, budgets: time }
  const { filter } = stage.ports
  const [printed, complained] = [filter.bytes(outcome.stdout), filter.bytes(outcome.stderr)]
  const stdout = { sha256: sha256Hex(printed), bytes: outcome.stdoutBytes }
  const stderr = { sha256: sha256Hex(complained), bytes: outcome.stderrBytes }
  await stage.keep({ sha256: stdout.sha256, bytes: printed }, null)
  await stage.keep({ sha256: stderr.sha256, bytes: complained }, null)
  const { binary } = outcome
  return {
    fault: faultOf(outcome, limits),
    log: { stdout: stdout.sha256, stderr: stderr.sha256 },
    budgets: [...time, { of: 'output-bytes', reserved: limits.outputBytes, settled: stdout.bytes + stderr.bytes }],
    measure: {
      argv: [...argv],
      binary,
      ended: endingOf(outcome),
      exitCode: exitCodeOf(outcome),
      stdout,
      stderr,
      network: outcome.network,
      ...boundsTold(bounds),
      ...survivorsTold(outcome),
    },
  }
}

/** The time of a command, as it was set aside and used; a clock that was set back counts as none. */
export function timeOf(reserved: number, settled: number): readonly BudgetUse[] {
  return [{ of: 'wall-ms', reserved, settled: Math.max(0, settled) }]
}

/** A receipt says so where a command left processes behind. */
export function survivorsTold({ survivors }: Ended): Pick<CommandMeasure, 'survivors'> {
  return survivors === 0 ? {} : { survivors }
}

/** What a receipt says of a rule's own bounds: nothing where it has none. */
export function boundsTold({ env, limits }: Bounds): Pick<CommandMeasure, 'env' | 'limits'> {
  return {
    ...(Object.keys(env).length === 0 ? {} : { env: { ...env } }),
    ...(Object.keys(limits).length === 0 ? {} : { limits: { ...limits } }),
  }
}

/** A rule can only narrow. */
export function narrowed(most: SandboxLimits, own: CommandLimits): SandboxLimits {
  return {
    ...most,
    wallMs: Math.min(most.wallMs, own.wallMs ?? most.wallMs),
    cpuSeconds: Math.min(most.cpuSeconds, own.cpuSeconds ?? most.cpuSeconds),
    outputBytes: Math.min(most.outputBytes, own.outputBytes ?? most.outputBytes),
    memoryBytes: Math.min(most.memoryBytes, own.memoryBytes ?? most.memoryBytes),
    processes: Math.min(most.processes, own.processes ?? most.processes),
    fileBytes: Math.min(most.fileBytes, own.fileBytes ?? most.fileBytes),
  }
}

type Ended = Exclude<SandboxOutcome, { is: 'refused' }>

function remainingMs({ mission, ports }: Stage): number {
  return Math.min(mission.limits.stepWallMs, toEpochMs(mission.grant.expiresAt) - toEpochMs(ports.clock.now()))
}

function endingOf(outcome: Ended): string {
  return outcome.is === 'exited' ? `exited with ${outcome.code}` : `stopped by ${outcome.by} (${outcome.signal})`
}

function exitCodeOf(outcome: Ended): number | null {
  return outcome.is === 'exited' ? outcome.code : null
}

function faultOf(outcome: Ended, limits: SandboxLimits): string | null {
  if (outcome.is === 'stopped') return stopFaults[outcome.by](limits, outcome.signal)
  return outcome.code === 0 ? null : `it exited with ${outcome.code}`
}

const stopFaults: Readonly<Record<SandboxStop, (limits: SandboxLimits, signal: string) => string>> = {
  'wall-time': ({ wallMs }) => `it took longer than ${wallMs} ms`,
  output: ({ outputBytes }) => `it printed more than ${outputBytes} bytes`,
  cpu: ({ cpuSeconds }) => `it used more than ${cpuSeconds} s of processor time`,
  memory: ({ memoryBytes }) => `it used more than ${memoryBytes} bytes of memory`,
  disk: ({ diskBytes }) => `it added more than ${diskBytes} bytes to its disk`,
  files: ({ files }) => `it made more than ${files} files`,
  'file-size': ({ fileBytes }) => `it wrote a file of more than ${fileBytes} bytes`,
  signal: (_, signal) => `it was ended by ${signal}`,
  cancelled: (_, signal) => `it was ended by ${signal}`,
}
