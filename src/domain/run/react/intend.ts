import type { Effect, EffectBody } from '../../effects.ts'
import { isPattern } from '../../lock-keys.ts'
import { type Documents, readDocument } from '../../packs/documents.ts'
import type { Turn } from '../../packs/model-call.ts'
import { Draft, type Plan } from '../../packs/plan.ts'
import { planIn } from '../../text/plan.ts'
import { type RunState, told } from '../state.ts'

/** What is known is collected for one Intent: at first, and for each new version of it. */
export function collectMemory(state: RunState): Effect {
  const { base, at } = told(state.request, 'the request')
  return { kind: 'collect-memory', body: { base: base.sha, intent: told(state.intent, 'the intent'), at } }
}

/** Drafting anew: at first, and after answers. `transcript` is what a model was asked and answered for this draft. */
export function draft(state: RunState, documents: Documents, transcript: readonly Turn[] = []): Effect {
  const request = told(state.request, 'the request')
  const memory = told(state.memory, 'the MemoryPack')
  return {
    kind: 'draft',
    body: {
      base: { ref: request.base.ref, sha: request.base.sha, tree: memory.tree },
      intent: told(state.intent, 'the intent'),
      memory: memory.pack,
      manifest: request.manifest,
      answers: [...state.answers],
      amendments: state.amendments.map(({ words, review, answers }) => ({ words, review, answers })),
      words: request.words,
      planner: request.planner,
      round: state.rounds + 1,
      comments: request.via.is === 'comment' ? [request.via.commentId] : [],
      ...carriedOver(state, documents),
      transcript: [...transcript],
    },
  }
}

/** After a rebase the draft before it is carried over, with the bytes that it brings. */
function carriedOver({ rebased: { before } }: RunState, documents: Documents): Pick<EffectBody<'draft'>, 'carry'> {
  if (before === null) return {}
  const { contents } = readDocument(documents, before.draft, Draft)
  return { carry: { draft: before.draft, facts: before.facts, contents } }
}

/** GitHub is asked again, at the moment of use, about everything that an approval rests on. */
export function observe(state: RunState, documents: Documents, purpose: 'dispatch' | 'delivery'): Effect {
  const request = told(state.request, 'the request')
  const plan = planIn(state, documents)
  const { number, branch } = told(state.pullRequest, 'the pull request')
  return {
    kind: 'observe',
    body: {
      purpose,
      number,
      base: plan.base.sha,
      branch,
      paths: [
        ...new Set([
          ...plan.edits.map((edit) => edit.path),
          ...plan.reads,
          ...outputsOf(plan).filter((output) => !isPattern(output)),
        ]),
      ],
      ...globsOf(plan),
      reviews: state.approvals.map(({ reviewId, userId, words }) => ({ reviewId, userId, words })),
      requester: { userId: request.requester.id, words: request.words },
      requestComment: request.via.is === 'comment' ? request.via.commentId : null,
    },
  }
}

function globsOf(plan: Plan): Pick<EffectBody<'observe'>, 'globs'> {
  const globs = outputsOf(plan).filter(isPattern)
  return globs.length === 0 ? {} : { globs }
}

function outputsOf({ steps }: Plan): readonly string[] {
  return steps.flatMap((step) => (step.is === 'run' ? step.outputs : []))
}
