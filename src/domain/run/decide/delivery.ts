import { type Asked, ask } from '../../gates/gate.ts'
import { lockHeldGate } from '../../gates/lock-held.ts'
import { patchIdentityGate } from '../../gates/patch-identity.ts'
import { stepLogGate } from '../../gates/step-log.ts'
import { toolchainGate } from '../../gates/toolchain.ts'
import { keysOf } from '../../lock-keys.ts'
import { readDocument } from '../../packs/documents.ts'
import { Draft } from '../../packs/plan.ts'
import { readPredicate, readStepReceipts } from '../../packs/receipts.ts'
import { DELIVERY_TYPE, Delivery } from '../../receipt.ts'
import { type Deliberation, governedBy, planOf, recordVerdicts, requestOf } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { isFinal, told } from '../state.ts'
import { failRun } from './end.ts'
import { freezePlan } from './freeze.ts'
import { requestDelivery } from './observed.ts'

type Delivered = EventData<'RunnerDelivered'>

/** The job that holds the Grant hands over. Late, foreign, double or faulty deliveries change nothing. */
export function decideDelivery(d: Deliberation, input: Delivered): void {
  const fault = input.fault ?? faultInSender(d, input)
  if (fault !== null) return d.decide('ClaimDeclined', { id: input.grant, rule: 'delivery', because: fault })
  const delivery = readPredicate(d.documents, input.delivery, DELIVERY_TYPE, Delivery)
  const grant = d.state().grants.find((one) => one.id === input.grant)
  if (delivery.outcome.is === 'failed') return failDelivery(d, input, delivery)
  if (grant?.purpose === 'dry-run') return takeDryRun(d, input, delivery)
  takeExecution(d, input, delivery)
}

function faultInSender(d: Deliberation, input: Delivered): string | null {
  const state = d.state()
  const grant = state.grants.find((one) => one.id === input.grant)
  if (grant === undefined) return 'this run issued no such Grant'
  if (isFinal(state.phase)) return `the run is ${state.phase}`
  if (grant.use.is === 'revoked') return `the Grant was revoked: ${grant.use.because}`
  if (grant.use.is === 'open') return 'the Grant was never claimed'
  if (grant.use.runnerKey !== input.runnerKey) return 'another job holds this Grant'
  const already = grant.purpose === 'dry-run' ? state.plan !== null : state.delivery !== null
  return already ? 'this Grant was delivered already' : null
}

function failDelivery(d: Deliberation, input: Delivered, delivery: Delivery): void {
  if (delivery.outcome.is !== 'failed') return
  const { step, because } = delivery.outcome
  const grant = d.state().grants.find((one) => one.id === input.grant)
  if (grant?.purpose === 'execute')
    d.decide('DeliveryTaken', { delivery: input.delivery, receipts: input.receipts, reproduced: delivery.reproduced })
  const said = `${grant?.purpose ?? 'job'}: ${because}`
  if (step === null) return failRun(d, 'job', said)
  if (!step.startsWith('verify-')) return failRun(d, `step:${step}`, said)
  failRun(d, `step:${step}`, said, MEND_THE_CHECK)
}

const MEND_THE_CHECK =
  'ask for a change that passes it; if it fails on the default branch too, mend it there or leave its purpose out of `checks` in `.agentos/policy.yml`'

function takeDryRun(d: Deliberation, input: Delivered, delivery: Delivery): void {
  const draft = readDocument(d.documents, told(d.state().draft, 'the draft'), Draft)
  const receipts = readStepReceipts(d.documents, input.receipts)
  const stopped = recordVerdicts(d, 'dry-run', [
    ask(stepLogGate, {
      purpose: 'dry-run',
      grant: input.grant,
      planned: true,
      steps: draft.steps,
      noVerify: draft.noVerify,
      receipts,
    }),
  ])
  if (stopped !== undefined) return failRun(d, stopped.gate, stopped.because)
  freezePlan(d, draft, delivery, input)
}

function takeExecution(d: Deliberation, input: Delivered, delivery: Delivery): void {
  d.decide('DeliveryTaken', { delivery: input.delivery, receipts: input.receipts, reproduced: delivery.reproduced })
  const stopped = recordVerdicts(d, 'delivery', askExecution(d, input, delivery))
  if (stopped !== undefined) return failRun(d, stopped.gate, stopped.because)
  if (!delivery.reproduced && governedBy(d).policy.unreproducible === 'refuse')
    return failRun(
      d,
      'unreproducible',
      'the commands did not reproduce the outputs that were approved; nothing was committed',
    )
  if (requestOf(d).venue === 'local') requestDelivery(d)
}

function askExecution(d: Deliberation, input: Delivered, delivery: Delivery): readonly Asked[] {
  const plan = planOf(d)
  const state = d.state()
  const receipts = readStepReceipts(d.documents, input.receipts)
  return [
    ask(stepLogGate, {
      purpose: 'execute',
      grant: input.grant,
      planned: state.plan !== null,
      steps: plan.steps,
      noVerify: plan.noVerify,
      receipts,
    }),
    ask(patchIdentityGate, {
      intent: state.intent,
      edits: plan.edits,
      declared: plan.edits.map((edit) => edit.path),
      statedDiff: plan.diffSha256,
      observedDiff: null,
      predictedTree: plan.predictedTree,
      observedTree: delivery.tree,
    }),
    ask(lockHeldGate, {
      run: requestOf(d).run,
      keys: keysOf(requestOf(d), plan),
      token: state.locks?.token ?? null,
      facts: input.locks ?? { seq: 0, held: [] },
      now: d.at,
    }),
    ask(toolchainGate, {
      tried: readStepReceipts(d.documents, state.dryRun?.receipts ?? []),
      executed: receipts,
      change: governedBy(d).policy.toolchainChange,
    }),
  ]
}
