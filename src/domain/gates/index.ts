import { authorityGate } from './authority.ts'
import { budgetGate } from './budget.ts'
import { capabilityGate } from './capability.ts'
import { commitTraceGate } from './commit-trace.ts'
import { freshnessGate } from './freshness.ts'
import type { Gate } from './gate.ts'
import { hygieneGate } from './hygiene.ts'
import { lockHeldGate } from './lock-held.ts'
import { lockRebaseGate } from './lock-rebase.ts'
import { memoryPackGate } from './memory-pack.ts'
import { modeGate } from './mode.ts'
import { modelBudgetGate } from './model-budget.ts'
import { noFabricationGate } from './no-fabrication.ts'
import { patchIdentityGate } from './patch-identity.ts'
import { questionBudgetGate } from './question-budget.ts'
import { questionEvidenceGate } from './question-evidence.ts'
import { reviewGate } from './review.ts'
import { reviewPackGate } from './review-pack.ts'
import { scheduleAuditGate } from './schedule-audit.ts'
import { scopeGate } from './scope.ts'
import { stepLogGate } from './step-log.ts'

/** Every gate there is: the ten red lines in their order, then the policy gates. */
export const gates: readonly Pick<Gate<never>, 'name' | 'redLine' | 'title'>[] = [
  memoryPackGate,
  questionBudgetGate,
  noFabricationGate,
  stepLogGate,
  reviewPackGate,
  patchIdentityGate,
  commitTraceGate,
  lockRebaseGate,
  lockHeldGate,
  scheduleAuditGate,
  authorityGate,
  reviewGate,
  scopeGate,
  budgetGate,
  hygieneGate,
  freshnessGate,
  modeGate,
  capabilityGate,
  modelBudgetGate,
  questionEvidenceGate,
]
