import { join } from 'node:path'
import { GitFailed } from '../../adapters/git/git-process.ts'
import { bubblewrapSandbox, thisMachine } from '../../adapters/sandbox/bubblewrap.ts'
import { discardScratch, scratchFolder } from '../../adapters/sandbox/scratch.ts'
import { type Bounds, boundsTold, narrowed, survivorsTold } from '../../app/runner/command.ts'
import { type SandboxNetwork, type SandboxOutcome, sandboxLimits } from '../../app/sandbox.ts'
import { manifestHash } from '../../domain/control/manifest.ts'
import type { Policy } from '../../domain/control/policy.ts'
import { sha256Hex } from '../../domain/hash.ts'
import { toUtf8 } from '../../domain/patch/bytes.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import type { SecretFilter } from '../../domain/secrets/secret-filter.ts'
import { ExecReceipt } from './exec-receipt.ts'
import type { GovernedClone } from './governed-clone.ts'
import { judgeFor, type Rules } from './rules.ts'
import { type Stop, stop } from './stop.ts'

type Ended = Exclude<SandboxOutcome, { is: 'refused' }>
type NotRun = Extract<SandboxOutcome, { is: 'refused' }>

export type ExecDone = { readonly outcome: Ended; readonly receipt: ExecReceipt }

/** Rules with the clone that they are for. */
export type ClonesRules = Rules & { readonly clone: GovernedClone }

/**
 * Runs one allowed command on a scratch copy of the clone's commit, in the sandbox and with no network but its rule's hosts.
 * What it writes is discarded; of what it prints, and in the receipt, no secret is left.
 */
export async function execCommand(
  argv: readonly string[],
  rules: ClonesRules,
  filter: SecretFilter,
): Promise<Result<ExecDone, Stop>> {
  const secret = filter.find(toUtf8(argv.join('\n'))).at(0)
  if (secret !== undefined) return refuse(secretSaid(secret.kind))
  const judge = await judgeFor(rules)
  const verdict = await judge({ argv, env: {}, cwd: '.' })
  const because = verdict.reasons.join('; ')
  if (verdict.decision === 'deny') return refuse(stop(3, verdict.rule, because, 'list it in .agentos/policy.yml'))
  if (verdict.decision === 'needs_approval')
    return refuse(stop(4, verdict.rule, because, 'put it into a plan, so that someone can approve it'))
  const startedAt = new Date().toISOString()
  const network = verdict.hosts.length === 0 ? 'none' : { hosts: verdict.hosts }
  const asked = { argv, bounds: { env: verdict.env, limits: verdict.limits } }
  const printed = await runOnCopy({ ...asked, network }, rules.manifest.policy, rules.clone)
  if (printed.is === 'refused')
    return refuse(stop(printed.rule === 'sandbox-missing' ? 5 : 3, printed.rule, printed.because, printed.next))
  const outcome = cleanOutcome(printed, filter)
  const told = { rule: verdict.rule, startedAt, command: measure(asked, outcome), durationMs: outcome.durationMs }
  return ok({ outcome, receipt: await receiptFor(rules, told, filter) })
}

function secretSaid(kind: string): Stop {
  const because = `the command line holds a secret (${kind}), which a receipt would keep`
  return stop(3, 'secrets', because, 'take it out, and make it invalid where it came from: others may have seen it')
}

/** A stream with a secret is told of as it is without; every other one as it was measured. */
function cleanOutcome(outcome: Ended, filter: SecretFilter): Ended {
  const [stdout, stderr] = [filter.bytes(outcome.stdout), filter.bytes(outcome.stderr)]
  return {
    ...outcome,
    ...(stdout === outcome.stdout ? {} : { stdout, stdoutSha256: sha256Hex(stdout), stdoutBytes: stdout.length }),
    ...(stderr === outcome.stderr ? {} : { stderr, stderrSha256: sha256Hex(stderr), stderrBytes: stderr.length }),
  }
}

type Told = Pick<ExecReceipt, 'rule' | 'startedAt' | 'command' | 'durationMs'>

async function receiptFor(
  { clone: { repository, base }, manifest }: ClonesRules,
  told: Told,
  filter: SecretFilter,
): Promise<ExecReceipt> {
  const [tree, hash] = [await repository.treeOf(base), manifestHash(manifest)]
  const receipt: ExecReceipt = { v: 1, authority: 'local', base, tree, manifest: hash, ...told }
  return ExecReceipt.parse(JSON.parse(filter.json(JSON.stringify(receipt))))
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
    const unwritten = await exportFault(clone, checkout)
    if (unwritten !== undefined) return unwritten
    const sandbox = bubblewrapSandbox({ ...thisMachine(), toolchain })
    const limits = narrowed(sandboxLimits(bound, bound.stepWallMs), bounds.limits)
    return await sandbox.run({ argv, checkout, cwd: '.', env: bounds.env, network, limits })
  } finally {
    discardScratch(folder)
  }
}

async function exportFault({ repository, base }: GovernedClone, to: string): Promise<NotRun | undefined> {
  try {
    await repository.exportTree(base, to)
    return undefined
  } catch (error) {
    if (!(error instanceof GitFailed)) throw error
    return { is: 'refused', rule: 'bad-request', because: error.message, next: 'mend the repository' }
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
