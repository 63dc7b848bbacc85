import type { Sha256 } from '../hash.ts'
import type { Documents } from '../packs/documents.ts'
import type { Plan } from '../packs/plan.ts'
import { readStepReceipts } from '../packs/receipts.ts'
import type { NetworkAccount, StepAccount } from '../packs/review-pack.ts'
import type { CommandMeasure, NetworkAttempt, StepReceipt } from '../receipt.ts'
import { type RunState, reusedSince } from './state.ts'

/** Each step as the receipts of the dry run have it, then those of the execution where a job of its own executed. */
export function stepAccounts(state: RunState, documents: Documents, plan: Plan | null): readonly StepAccount[] {
  const executed = reusedSince(state) === null ? receiptsOf(state, 'execute') : []
  return [
    ...accountsFrom(receiptsOf(state, 'dry-run'), { job: 'dry-run', documents, plan }),
    ...accountsFrom(executed, { job: 'execute', documents, plan }),
  ]
}

/** Those that led to the plan or the delivery; where none did, those of the last job, which may have failed. */
export function receiptsOf(
  { dryRun, delivery, grants, begunAnew }: RunState,
  job: StepAccount['job'],
): readonly Sha256[] {
  const settled = job === 'dry-run' ? dryRun : delivery
  const last = grants
    .slice(begunAnew.grants)
    .findLast(({ purpose, receipts }) => purpose === job && receipts.length > 0)
  return settled?.receipts ?? last?.receipts ?? []
}

type From = { readonly job: StepAccount['job']; readonly documents: Documents; readonly plan: Plan | null }

function accountsFrom(receipts: readonly Sha256[], { job, documents, plan }: From): readonly StepAccount[] {
  return readStepReceipts(documents, receipts).map((receipt, index) => ({
    job,
    id: receipt.step,
    kind: receipt.kind,
    outcome: receipt.outcome.is === 'done' ? 'done' : `failed: ${receipt.outcome.because}`,
    command: receipt.command === null ? null : [...receipt.command.argv],
    durationMs: receipt.durationMs,
    receipt: receipts[index] ?? '',
    capability: receipt.capability,
    ...(receipt.command === null ? {} : commandPart(receipt.command)),
    ...criteriaPart(receipt, plan),
  }))
}

function commandPart({
  exitCode,
  ended,
  network,
}: CommandMeasure): Pick<StepAccount, 'exitCode' | 'ended' | 'network'> {
  return { exitCode, ended, network: networkPart(network) }
}

function networkPart(network: CommandMeasure['network']): NetworkAccount {
  if (typeof network === 'string')
    return { hosts: network === 'none' ? [] : [network], reached: 0, refused: 0, failed: 0 }
  const times = (outcome: NetworkAttempt['outcome']) =>
    network.attempts.reduce((sum, one) => (one.outcome === outcome ? sum + one.times : sum), 0)
  return { hosts: [...network.hosts], reached: times('reached'), refused: times('refused'), failed: times('failed') }
}

function criteriaPart({ step: id }: StepReceipt, plan: Plan | null): Pick<StepAccount, 'criteria'> {
  const step = plan?.steps.find((one) => one.id === id)
  return step?.is === 'verify' && step.criteria.length > 0 ? { criteria: [...step.criteria] } : {}
}
