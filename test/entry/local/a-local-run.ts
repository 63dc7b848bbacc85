import { freshSigner, openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { readPlanFile } from '../../../src/app/plan-file.ts'
import { type Executed, executePlan } from '../../../src/entry/local/execute-plan.ts'
import type { Pack } from '../../../src/entry/local/governed-clone.ts'
import type { LocalEnding } from '../../../src/entry/local/how-it-ended.ts'
import { type PlanMade, planLocally } from '../../../src/entry/local/plan-locally.ts'
import { type RollbackEnding, rollBack } from '../../../src/entry/local/roll-back.ts'

type PatchRun = { readonly dir: string; readonly patch: Uint8Array; readonly pack?: Pack }
type Planned = Extract<PlanMade, { is: 'planned' }>

/** `agentos plan --patch` without its process; a refusal is told as `rule: because`. */
export async function planPatch({ dir, patch, ...pack }: PatchRun): Promise<Planned | string> {
  const asking = { is: 'patch', bytes: patch, text: '' } as const
  const made = await planLocally({ dir, asking, mode: null, answers: [], now: null, ...pack })
  if (!made.ok) return `${made.refusal.rule}: ${made.refusal.because}`
  return made.value.is === 'planned' ? made.value : 'blocked by questions'
}

/** `agentos execute` on the file that the plan became. */
export async function executePlanned(
  { file }: Planned,
  { dir, pack }: Omit<PatchRun, 'patch'>,
): Promise<LocalEnding<Executed>> {
  const opened = readPlanFile(Buffer.from(file))
  if (!opened.ok) throw new Error(opened.refusal.because)
  const request = { dir, opened: opened.value, approvedBy: 'Lee', now: null, signer: freshSigner() }
  return executePlan(pack === undefined ? request : { ...request, pack })
}

/** `agentos rollback` on the evidence of an execution. */
export async function rolledBack(evidence: string, { dir, pack }: Omit<PatchRun, 'patch'>): Promise<RollbackEnding> {
  const trust = { open: openEnvelope, trusted: null }
  const request = { dir, evidence: Buffer.from(evidence), trust, approvedBy: 'Lee', now: null, signer: freshSigner() }
  return rollBack(pack === undefined ? request : { ...request, pack })
}
