import { z } from 'zod'
import { MemoryRow } from '../../app/memory-index.ts'
import { PlanFile } from '../../app/plan-file.ts'
import { CheckpointFile } from '../../domain/checkpoint.ts'
import { Contractors } from '../../domain/control/contractor.ts'
import { Manifest } from '../../domain/control/manifest.ts'
import { Policy, PolicyLayer } from '../../domain/control/policy.ts'
import { Recipe } from '../../domain/control/recipe.ts'
import { Schedules } from '../../domain/control/schedule.ts'
import { Evidence, TrustedKeys } from '../../domain/evidence.ts'
import { Grant } from '../../domain/grant.ts'
import { Intent } from '../../domain/packs/intent.ts'
import { MemoryItem, MemoryPack } from '../../domain/packs/memory-pack.ts'
import { Plan } from '../../domain/packs/plan.ts'
import { AnswerPack, QuestionPack } from '../../domain/packs/question-pack.ts'
import { ReviewPack } from '../../domain/packs/review-pack.ts'
import { Delivery, EffectReceipt, StepReceipt } from '../../domain/receipt.ts'
import { EventEnvelope } from '../../domain/run/envelope.ts'
import { ExecReceipt } from '../local/exec-receipt.ts'
import { IntentParsed } from './intent-parse.ts'
import {
  ApprovalAnswer,
  ApprovalContext,
  BundleItem,
  CommandAnswer,
  CommandItem,
  PatchAnswer,
  PatchItem,
} from './items.ts'

/** Every shape that goes in or comes out, by the name that `agentos schema` knows it under. */
export const schemas: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['answer-pack', AnswerPack],
  ['check-approval', ApprovalContext],
  ['check-approval-answer', ApprovalAnswer],
  ['check-command', withId(CommandItem)],
  ['check-command-answer', CommandAnswer],
  ['check-patch', withId(PatchItem)],
  ['check-patch-answer', PatchAnswer],
  ['checkpoint', CheckpointFile],
  ['contractors', Contractors],
  ['delivery', Delivery],
  ['effect-receipt', EffectReceipt],
  ['event', EventEnvelope],
  ['evidence', Evidence],
  ['exec-receipt', ExecReceipt],
  ['grant', Grant],
  ['intent', Intent],
  ['intent-parse', IntentParsed],
  ['keys', TrustedKeys],
  ['manifest', Manifest],
  ['memory-item', MemoryItem],
  ['memory-pack', MemoryPack],
  ['memory-row', MemoryRow],
  ['plan', Plan],
  ['plan-file', PlanFile],
  ['policy', Policy],
  ['policy-layer', PolicyLayer],
  ['question-pack', QuestionPack],
  ['recipe', Recipe],
  ['review-pack', ReviewPack],
  ['schedules', Schedules],
  ['step-receipt', StepReceipt],
  ['verify', withId(BundleItem)],
])

function withId<S extends z.ZodRawShape>(item: z.ZodObject<S>) {
  return item.extend({ id: z.union([z.string(), z.number()]) })
}

/** The JSON Schema of what is read. Where any JSON may stand, it allows everything. */
export function jsonSchema(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
}
