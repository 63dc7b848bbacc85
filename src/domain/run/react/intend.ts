import type { Effect } from '../../effects.ts'
import type { Documents } from '../../packs/documents.ts'
import type { Turn } from '../../packs/model-call.ts'
import { planIn } from '../../text/plan.ts'
import { type RunState, told } from '../state.ts'

/** What is known is collected for one Intent: at first, and for each new version of it. */
export function collectMemory(state: RunState): Effect {
  const { base, at } = told(state.request, 'the request')
  return { kind: 'collect-memory', body: { base: base.sha, intent: told(state.intent, 'the intent'), at } }
}

/** Drafting anew: at first, and after answers. `transcript` is what a model was asked and answered for this draft. */
export function draft(state: RunState, transcript: readonly Turn[] = []): Effect {
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
      transcript: [...transcript],
    },
  }
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
      paths: [...new Set([...plan.edits.map((edit) => edit.path), ...plan.reads])],
      reviews: state.approvals.map(({ reviewId, userId, words }) => ({ reviewId, userId, words })),
      requester: { userId: request.requester.id, words: request.words },
      requestComment: request.via.is === 'comment' ? request.via.commentId : null,
    },
  }
}
