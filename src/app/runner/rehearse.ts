import { type CommandVerdict, judgeCommand } from '../../domain/control/allowlist.ts'
import { matchesAny } from '../../domain/control/glob.ts'
import { kindsAllowed } from '../../domain/control/policy.ts'
import { quote } from '../../domain/control/quote.ts'
import { type AppliedTree, applyEdits } from '../../domain/git-objects.ts'
import { capabilityUsed } from '../../domain/job-capabilities.ts'
import { commandFactsOf } from '../../domain/packs/command-facts.ts'
import type { Step } from '../../domain/packs/plan.ts'
import type { Edit, Entry } from '../../domain/patch/edit.ts'
import type { KindsAllowed } from '../../domain/patch/judge-edits.ts'
import { isGitFolder, judgePath } from '../../domain/patch/judge-path.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { toCheckout } from '../../domain/targets/checkout.ts'
import type { SandboxNetwork } from '../sandbox.ts'
import type { ReadBlob } from '../settle-reads.ts'
import type { Command } from './command.ts'
import type { JobRefusal, Mission } from './mission.ts'

/** What a step's command gets: the network, and what its rule sets for it alone. */
export type CommandUse = Pick<Command, 'network' | 'bounds'>

/** A step that may be performed: which capability of the Grant it uses, and what its command gets. */
export type CheckedStep = { readonly step: Step; readonly capability: string; readonly use: CommandUse }

const NOTHING: CommandUse = { network: 'none', bounds: { env: {}, limits: {} } }

/**
 * Goes through all steps on paper before any of them runs: each edit must fit the tree it meets, each command must be on
 * the list and name only what is there, and the Grant must hold a capability for it.
 */
export function rehearse(
  mission: Mission,
  base: readonly Entry[],
  read: ReadBlob,
): Result<readonly CheckedStep[], JobRefusal> {
  const start = applyEdits(base, [])
  if (!start.ok || start.value.treeId !== mission.grant.base.tree) {
    return refuse({ rule: 'base-tree', because: `the base commit does not have the tree ${mission.grant.base.tree}` })
  }
  const checked: CheckedStep[] = []
  let tree = start.value
  for (const step of mission.steps) {
    const one = checkStep(mission, step, { tree, read })
    if (!one.ok) return one
    const next = applyEdits(tree.entries, editsOf(step))
    if (!next.ok) return refuse(fabricated(step, `${quote(next.refusal.path)}: ${next.refusal.because}`))
    checked.push(one.value)
    tree = next.value
  }
  const fault = predictionFault(mission, base, tree)
  return fault === undefined ? ok(checked) : refuse(fault)
}

type Place = { readonly tree: AppliedTree; readonly read: ReadBlob }

function checkStep(mission: Mission, step: Step, place: Place): Result<CheckedStep, JobRefusal> {
  const unfit = editsOf(step)
    .map((edit) => hygieneFault(edit, kindsAllowed(mission.policy)))
    .find((fault) => fault !== undefined)
  if (unfit !== undefined) return refuse({ rule: 'hygiene', because: `step ${step.id}: ${unfit}` })
  if (step.is === 'run' && (step.frozen === null) !== (mission.mode === 'dry-run')) {
    return refuse({
      rule: 'plan-frozen',
      because: `the outputs of step ${step.id} are ${step.frozen === null ? 'not frozen' : 'frozen already'}`,
    })
  }
  const use = step.is === 'edit' ? ok(NOTHING) : checkCommand(mission, step, place)
  if (!use.ok) return use
  const capability = capabilityUsed(step, mission.grant.capabilities)
  if (capability === undefined)
    return refuse({ rule: 'grant-capability', because: `the Grant has no capability for step ${step.id}` })
  return ok({ step, capability, use: use.value })
}

type CommandStep = Exclude<Step, { is: 'edit' }>

function checkCommand(mission: Mission, step: CommandStep, { tree, read }: Place): Result<CommandUse, JobRefusal> {
  const request = { argv: step.argv, env: {}, cwd: '.' }
  const verdict = judgeCommand(request, mission.policy, commandFactsOf(toCheckout(tree.entries, read)))
  const isApproved = mission.mode === 'execute' && mission.grant.approvals.length > 0
  if (verdict.decision === 'deny' || (verdict.decision === 'needs_approval' && !isApproved)) {
    return refuse(fabricated(step, `${verdict.rule}: ${verdict.reasons.join('; ')}`))
  }
  const output = step.is === 'run' ? step.outputs.find((one) => !mayWrite(verdict.outputs, one)) : undefined
  if (output !== undefined) {
    const because = `the rule ${verdict.rule} does not let step ${step.id} write ${quote(output)}`
    return refuse({ rule: 'outputs', because })
  }
  const network = networkOf(step, verdict)
  return network.ok ? ok({ network: network.value, bounds: { env: verdict.env, limits: verdict.limits } }) : network
}

/** A declared output is one that the rule names, or lies in what it names; a rule that names none leaves it to the plan. */
function mayWrite(allowed: readonly string[], output: string): boolean {
  return allowed.length === 0 || allowed.includes(output) || (!/[*?]/.test(output) && matchesAny(allowed, output))
}

/** A command gets the network only where the policy's own entry names the hosts that the step names. */
function networkOf(
  step: CommandStep,
  verdict: Extract<CommandVerdict, { network: string }>,
): Result<SandboxNetwork, JobRefusal> {
  const hosts = step.hosts ?? []
  if (hosts.length === 0) return ok('none')
  const entry = step.is === 'prepare' ? 'prepare-hosts' : 'entry-hosts'
  if (verdict.network === entry && hosts.every((host) => verdict.hosts.includes(host))) return ok({ hosts })
  return refuse({ rule: 'network', because: `the policy gives step ${step.id} no network to ${hosts.join(', ')}` })
}

function predictionFault(
  { mode, grant, planned }: Mission,
  base: readonly Entry[],
  tree: AppliedTree,
): JobRefusal | undefined {
  if (mode === 'dry-run') return undefined
  const whole = applyEdits(base, planned ?? [])
  if (whole.ok && whole.value.treeId === tree.treeId && tree.treeId === grant.predictedTree) return undefined
  return {
    rule: 'predicted-tree',
    because: `the steps make the tree ${tree.treeId}, approved was ${grant.predictedTree ?? 'none'}`,
  }
}

/** Edits that are known before the step runs. */
export function editsOf(step: Step): readonly Edit[] {
  if (step.is === 'edit') return step.edits
  return step.is === 'run' ? (step.frozen ?? []) : []
}

/** Why the runner would never write this, whatever was approved. A path that the base has is not judged as a name. */
export function hygieneFault({ path, before, after }: Edit, allow: KindsAllowed): string | undefined {
  const [odd] = before === null ? judgePath(path) : []
  if (odd !== undefined) return odd.because
  if (path.split('/').some(isGitFolder)) return `${quote(path)} lies in a git folder`
  if (after?.mode === '120000' && !allow.symlinks) return `${quote(path)} would be a symbolic link`
  return after?.mode === '160000' && !allow.submodules ? `${quote(path)} would be a submodule` : undefined
}

function fabricated(step: Step, because: string): JobRefusal {
  return { rule: 'no-fabrication', because: `step ${step.id}: ${because}` }
}
