import { authorityGate } from './authority.ts'
import { budgetGate } from './budget.ts'
import { capabilityGate } from './capability.ts'
import { commitTraceGate } from './commit-trace.ts'
import { freshnessGate } from './freshness.ts'
import type { Gate } from './gate.ts'
import { hygieneGate } from './hygiene.ts'
import { lightAgeGate } from './light-age.ts'
import { lightMachineGate } from './light-machine.ts'
import { lightOnceGate } from './light-once.ts'
import { lightPathsGate } from './light-paths.ts'
import { lightPolicyGate } from './light-policy.ts'
import { lightReceiptsGate } from './light-receipts.ts'
import { lightRiskGate } from './light-risk.ts'
import { lightSizeGate } from './light-size.ts'
import { lightStepsGate } from './light-steps.ts'
import { lightTextGate } from './light-text.ts'
import { lightVerifyGate } from './light-verify.ts'
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
import { secretsGate } from './secrets.ts'
import { stepLogGate } from './step-log.ts'
import { toolchainGate } from './toolchain.ts'

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
  secretsGate,
  freshnessGate,
  modeGate,
  capabilityGate,
  modelBudgetGate,
  questionEvidenceGate,
  toolchainGate,
  lightPolicyGate,
  lightRiskGate,
  lightTextGate,
  lightSizeGate,
  lightPathsGate,
  lightStepsGate,
  lightVerifyGate,
  lightMachineGate,
  lightReceiptsGate,
  lightAgeGate,
  lightOnceGate,
]
