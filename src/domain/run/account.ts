import type { ObjectId, Sha256 } from '../hash.ts'
import { correctionIn } from '../memory/correction.ts'
import type { Documents } from '../packs/documents.ts'
import { readDocument } from '../packs/documents.ts'
import { Landed } from '../packs/landed.ts'
import { Plan } from '../packs/plan.ts'
import { readStepReceipts } from '../packs/receipts.ts'
import type { ReviewPack } from '../packs/review-pack.ts'
import { undoneBy } from '../packs/undone.ts'
import { Verdicts } from '../packs/verdicts.ts'
import { undoGuide } from '../text/undo-guide.ts'
import { modelUsed } from './model-standing.ts'
import { isErased, type RunState, reusedSince, told } from './state.ts'

type About = Pick<ReviewPack, 'state' | 'rule' | 'because' | 'undone'> & { readonly landedAs?: ObjectId }

/** Makes the final account of a run from its state and the documents it names. Throws BrokenRecord where one is missing. */
export function accountFor(state: RunState, documents: Documents, { landedAs, ...about }: About): ReviewPack {
  const request = told(state.request, 'the request')
  const plan = state.plan === null ? null : readDocument(documents, state.plan.hash, Plan)
  return {
    v: 1,
    run: request.run,
    ...undonePart(state, documents, plan),
    ...about,
    issue: request.issue,
    requester: request.requester.id,
    mode: state.mode,
    intent: state.intent,
    base: request.base.sha,
    manifest: request.manifest,
    plan: plan === null ? null : planAccount(plan, told(state.plan, 'the plan').hash),
    model: modelUsed(state.model),
    asked: state.asked,
    answered: state.answers.length,
    amended: state.amendments.length,
    ...correctedPart(state, documents),
    approvals: [...state.approvals],
    byRequesterAlone: isByRequesterAlone(state),
    steps: [
      ...stepAccounts(state.dryRun?.receipts, 'dry-run', documents),
      ...stepAccounts(reusedSince(state) === null ? state.delivery?.receipts : [], 'execute', documents),
    ],
    gates: state.verdicts.flatMap(({ document }) => {
      if (isErased(state, document))
        return [{ at: '', gate: 'erased', is: 'erased', because: 'what the gates said was erased' }]
      const { at, asked } = readDocument(documents, document, Verdicts)
      return asked.map((one) => ({ at, ...one }))
    }),
    delivered: deliveredPart(state),
    ...repeatedPart(state),
    failedEffects: failures(state),
    notVerified: unverified(state, plan),
    rollback: rollbackGuide(state, plan, landedAs ?? null),
  }
}

/** Whether nobody but the requester approved, which policy may allow for a repository of one. */
export function isByRequesterAlone(state: RunState): boolean {
  const requester = state.request?.requester.id
  return state.approvals.length > 0 && state.approvals.every((one) => one.userId === requester)
}

/** Words that were erased teach nothing, and neither does a review without any. */
function correctedPart({ corrections }: RunState, documents: Documents): Pick<ReviewPack, 'corrected'> {
  const there = corrections.filter((words) => documents(words) !== undefined)
  const corrected = there.filter((words) => correctionIn(documents, words) !== '').length
  return corrected === 0 ? {} : { corrected }
}

function planAccount(plan: Plan, hash: Sha256): NonNullable<ReviewPack['plan']> {
  const { lane, risk, diffSha256, predictedTree: tree, edits } = plan
  return { hash, lane, risk, diffSha256, tree, paths: edits.map((edit) => edit.path) }
}

function stepAccounts(
  receipts: readonly Sha256[] | undefined,
  job: 'dry-run' | 'execute',
  documents: Documents,
): ReviewPack['steps'] {
  if (receipts === undefined) return []
  return readStepReceipts(documents, receipts).map((receipt, index) => ({
    job,
    id: receipt.step,
    kind: receipt.kind,
    outcome: receipt.outcome.is === 'done' ? 'done' : `failed: ${receipt.outcome.because}`,
    command: receipt.command === null ? null : [...receipt.command.argv],
    durationMs: receipt.durationMs,
    receipt: receipts[index] ?? '',
  }))
}

/** Where the dry run stands for the execution, no command was run a second time. */
function repeatedPart(state: RunState): Pick<ReviewPack, 'reproduced' | 'reused'> {
  const since = reusedSince(state)
  return since === null ? { reproduced: state.delivery?.reproduced ?? null } : { reproduced: null, reused: { since } }
}

function deliveredPart(state: RunState): ReviewPack['delivered'] {
  if (state.delivered === null) return null
  const { commit, tree, diffSha256 } = state.delivered
  return { commit, tree, diffSha256 }
}

function failures(state: RunState): ReviewPack['failedEffects'] {
  return [...state.effects].flatMap(([key, standing]) =>
    standing.is === 'failed' ? [{ key, kind: standing.kind, because: standing.because }] : [],
  )
}

function unverified(state: RunState, plan: Plan | null): string[] {
  const notes: string[] = []
  if (plan?.noVerify !== null && plan !== null) notes.push(`No step verified the change: ${plan.noVerify}`)
  if (state.delivery?.reproduced === false)
    notes.push('The execution did not reproduce the frozen outputs; the approved bytes were landed.')
  if (state.request?.venue === 'local')
    notes.push('GitHub attested nothing: request, approval and job are this machine’s own word.')
  return notes
}

function rollbackGuide(state: RunState, plan: Plan | null, landedAs: ObjectId | null): string {
  if (plan === null || state.delivered === null) return 'Nothing was delivered, so there is nothing to undo.'
  const { run, venue } = told(state.request, 'the request')
  const commit = venue === 'local' ? state.delivered.commit : landedAs
  return undoGuide({ run, number: state.pullRequest?.number ?? null, commit, paths: plan.edits.length })
}

function undonePart(state: RunState, documents: Documents, plan: Plan | null): Pick<ReviewPack, 'undone'> {
  const { planner } = told(state.request, 'the request')
  if (planner.is !== 'rollback' || plan === null || state.delivered === null) return {}
  return { undone: undoneBy(readDocument(documents, planner.landed, Landed), plan.edits) }
}
