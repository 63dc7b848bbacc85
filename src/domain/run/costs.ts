import { Grant } from '../grant.ts'
import { type Documents, readDocument } from '../packs/documents.ts'
import { readStepReceipts } from '../packs/receipts.ts'
import type { Costs } from '../packs/review-pack.ts'
import { type ModelStanding, modelUsed } from './model-standing.ts'
import type { IssuedGrant, RunState } from './state.ts'

/** What the run was allowed to use and what it used, from reservations, settlements and receipts alone. */
export function costsOf({ model, grants }: RunState, documents: Documents): Costs {
  return {
    model: model === null ? null : modelCosts(model),
    jobs: grants.map((grant) => ({
      purpose: grant.purpose,
      reservedMs: readDocument(documents, grant.document, Grant).limits.runMinutes * 60_000,
      usedMs: measuredMs(grant, documents),
    })),
  }
}

function modelCosts(model: ModelStanding): NonNullable<Costs['model']> {
  const used = modelUsed(model)
  return {
    reservedTokens: model.reserved.tokens,
    usedTokens: (used?.inputTokens ?? 0) + (used?.outputTokens ?? 0),
    reservedMicroUsd: model.reserved.costMicroUsd,
    usedMicroUsd: used?.costMicroUsd ?? null,
  }
}

function measuredMs({ receipts }: IssuedGrant, documents: Documents): number | null {
  if (receipts.length === 0) return null
  return readStepReceipts(documents, receipts).reduce((sum, { durationMs }) => sum + durationMs, 0)
}
