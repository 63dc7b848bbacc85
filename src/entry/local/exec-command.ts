import { join } from 'node:path'
import { bubblewrapSandbox, thisMachine } from '../../adapters/sandbox/bubblewrap.ts'
import { discardScratch, scratchFolder } from '../../adapters/sandbox/scratch.ts'
import { type Bounds, boundsTold, narrowed, survivorsTold } from '../../app/runner/command.ts'
import { type SandboxNetwork, type SandboxOutcome, sandboxLimits } from '../../app/sandbox.ts'
import { manifestHash } from '../../domain/control/manifest.ts'
import type { Policy } from '../../domain/control/policy.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import type { ExecReceipt } from './exec-receipt.ts'
import type { GovernedClone } from './open-local.ts'
import { judgeFor, type Rules } from './rules.ts'
import { type Stop, stop } from './stop.ts'

type Ended = Exclude<SandboxOutcome, { is: 'refused' }>

export type ExecDone = { readonly outcome: Ended; readonly receipt: ExecReceipt }

/** Runs one allowed command on a scratch copy of the clone's commit, in the sandbox and with no network but its rule's hosts. What it writes is discarded. */
export async function execCommand(
  argv: readonly string[],
  rules: Rules,
  clone: GovernedClone,
): Promise<Result<ExecDone, Stop>> {
  const { manifest } = rules
  const judge = await judgeFor(rules)
  const verdict = await judge({ argv, env: {}, cwd: '.' })
  const because = verdict.reasons.join('; ')
  if (verdict.decision === 'deny') return refuse(stop(3, verdict.rule, because, 'list it in .agentos/policy.yml'))
  if (verdict.decision === 'needs_approval')
    return refuse(stop(4, verdict.rule, because, 'put it into a plan, so that someone can approve it'))
  const startedAt = new Date().toISOString()
  const network = verdict.hosts.length === 0 ? 'none' : { hosts: verdict.hosts }
  const bounds = { env: verdict.env, limits: verdict.limits }
  const outcome = await runOnCopy({ argv, bounds, network }, manifest.policy, clone)
  if (outcome.is === 'refused')
    return refuse(stop(outcome.rule === 'sandbox-missing' ? 5 : 3, outcome.rule, outcome.because, outcome.next))
  const about = { v: 1, authority: 'local', base: clone.base, rule: verdict.rule, startedAt } as const
  const [tree, hash] = [await clone.repository.treeOf(clone.base), manifestHash(manifest)]
  const receipt = {
    ...about,
    tree,
    manifest: hash,
    command: measure({ argv, bounds }, outcome),
    durationMs: outcome.durationMs,
  }
  return ok({ outcome, receipt })
}

type Asked = { readonly argv: readonly string[]; readonly bounds: Bounds }

async function runOnCopy(
  { argv, bounds, network }: Asked & { readonly network: SandboxNetwork },
  { toolchain, limits: bound }: Policy,
  clone: GovernedClone,
): Promise<SandboxOutcome> {
  const folder = scratchFolder()
  try {
    const checkout = join(folder, 'checkout')
    await clone.repository.exportTree(clone.base, checkout)
    const sandbox = bubblewrapSandbox({ ...thisMachine(), toolchain })
    const limits = narrowed(sandboxLimits(bound, bound.stepWallMs), bounds.limits)
    return await sandbox.run({ argv, checkout, cwd: '.', env: bounds.env, network, limits })
  } finally {
    discardScratch(folder)
  }
}

function measure({ argv, bounds }: Asked, outcome: Ended): ExecReceipt['command'] {
  const { binary, stdoutSha256, stdoutBytes, stderrSha256, stderrBytes } = outcome
  return {
    argv: [...argv],
    binary,
    ended: outcome.is === 'exited' ? `exited with ${outcome.code}` : `stopped by ${outcome.by} (${outcome.signal})`,
    exitCode: outcome.is === 'exited' ? outcome.code : null,
    stdout: { sha256: stdoutSha256, bytes: stdoutBytes },
    stderr: { sha256: stderrSha256, bytes: stderrBytes },
    network: outcome.network,
    ...boundsTold(bounds),
    ...survivorsTold(outcome),
  }
}
