import type { ObjectId } from '../hash.ts'
import { correctionIn } from '../memory/correction.ts'
import type { Documents } from '../packs/documents.ts'
import { readDocument } from '../packs/documents.ts'
import { Examined } from '../packs/examined.ts'
import { Landed } from '../packs/landed.ts'
import { Plan } from '../packs/plan.ts'
import type { ReviewPack } from '../packs/review-pack.ts'
import { undoneBy } from '../packs/undone.ts'
import { Verdicts } from '../packs/verdicts.ts'
import { undoGuide } from '../text/undo-guide.ts'
import { costsOf } from './costs.ts'
import { modelUsed } from './model-standing.ts'
import { effectStandings, isErased, type RunState, reusedSince, told } from './state.ts'
import { stepAccounts } from './step-accounts.ts'
import { unverified } from './unverified.ts'

type About = Pick<ReviewPack, 'state' | 'rule' | 'because' | 'undone'> & { readonly landedAs?: ObjectId }

/** What there is to hold an account of a run against, final or not. */
export type OnRecord = Pick<
  ReviewPack,
  'run' | 'intent' | 'base' | 'manifest' | 'plan' | 'approvals' | 'byRequesterAlone' | 'steps' | 'delivered'
>

/** The recorded facts that an account at any time rests on. Throws BrokenRecord where one is missing. */
export function onRecord(state: RunState, documents: Documents): OnRecord {
  const request = told(state.request, 'the request')
  const plan = state.plan === null ? null : readDocument(documents, state.plan.hash, Plan)
  return {
    run: request.run,
    intent: state.intent,
    base: request.base.sha,
    manifest: request.manifest,
    plan: plan === null ? null : planAccount(state, documents, plan),
    approvals: [...state.approvals],
    byRequesterAlone: isByRequesterAlone(state),
    steps: [...stepAccounts(state, documents, plan)],
    delivered: deliveredPart(state),
  }
}

/** Makes the final account of a run from its state and the documents it names. Throws BrokenRecord where one is missing. */
export function accountFor(state: RunState, documents: Documents, { landedAs, ...about }: About): ReviewPack {
  const request = told(state.request, 'the request')
  const plan = state.plan === null ? null : readDocument(documents, state.plan.hash, Plan)
  return {
    v: 1,
    ...onRecord(state, documents),
    ...undonePart(state, documents, plan),
    ...about,
    issue: request.issue,
    requester: request.requester.id,
    mode: state.mode,
    model: modelUsed(state.model),
    asked: state.asked,
    answered: state.answers.length,
    amended: state.amendments.length,
    ...correctedPart(state, documents),
    gates: state.verdicts.flatMap(({ document }) => {
      if (isErased(state, document))
        return [{ at: '', gate: 'erased', is: 'erased', because: 'what the gates said was erased' }]
      const { at, asked } = readDocument(documents, document, Verdicts)
      return asked.map((one) => ({ at, ...one }))
    }),
    ...repeatedPart(state),
    costs: costsOf(state, documents),
    ...movedPart(state, plan),
    failedEffects: failures(state),
    notVerified: unverified(state, documents, { plan, landedAs: landedAs ?? null }),
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

function planAccount(state: RunState, documents: Documents, plan: Plan): NonNullable<ReviewPack['plan']> {
  const { hash } = told(state.plan, 'the plan')
  const { lane, risk, diffSha256, predictedTree: tree, edits, drafter } = plan
  const paths = edits.map((edit) => edit.path)
  return { hash, lane, risk, diffSha256, tree, paths, drafter, ...sizePart(state, documents, plan) }
}

/** Lines are counted where the text of the change is still there. */
function sizePart(state: RunState, documents: Documents, { edits }: Plan) {
  const examined = state.plan?.examined ?? null
  if (examined === null || isErased(state, examined)) return {}
  const { added, removed } = readDocument(documents, examined, Examined)
  const created = edits.filter(({ before }) => before === null).length
  const deleted = edits.filter(({ after }) => after === null).length
  return { size: { created, changed: edits.length - created - deleted, deleted, added, removed } }
}

/** The run goes on at its pinned base where what it touches did not move. */
function movedPart({ baseSeen }: RunState, plan: Plan | null): Pick<ReviewPack, 'baseMovedTo'> {
  return plan === null || baseSeen === null || baseSeen === plan.base.sha ? {} : { baseMovedTo: baseSeen }
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
  return [...effectStandings(state)].flatMap(([key, standing]) =>
    standing.is === 'failed' ? [{ key, kind: standing.kind, because: standing.because }] : [],
  )
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
