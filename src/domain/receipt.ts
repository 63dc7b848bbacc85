import { z } from 'zod'
import { CommandLimits } from './control/command-rule.ts'
import { ObjectId, Sha256 } from './hash.ts'
import { EffectKey, Instant, RunId } from './ids.ts'
import { Edit } from './patch/edit.ts'

/** How one declared step ended, as the trusted part of the job measured it. */
export const StepOutcome = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('done') }),
  z.strictObject({ is: z.literal('failed'), because: z.string().max(500) }),
])
export type StepOutcome = z.infer<typeof StepOutcome>

/** How many different attempts a receipt names; of the others it says the number. */
export const MOST_ATTEMPTS = 40

/** What went to one port of one host through the proxy, with one end. A name that is none is left out of the text. */
const NetworkAttempt = z.strictObject({
  host: z.string().max(253),
  port: z.int().min(0).max(65_535),
  outcome: z.enum(['reached', 'refused', 'failed']),
  because: z.string().max(40),
  times: z.int().min(1),
  sentBytes: z.int().min(0),
  receivedBytes: z.int().min(0),
})
export type NetworkAttempt = z.infer<typeof NetworkAttempt>

/** The network of one command: the hosts it was given, and every attempt that the proxy saw. */
export const NetworkUse = z.strictObject({
  hosts: z.array(z.string().max(260)).max(50),
  attempts: z.array(NetworkAttempt).max(MOST_ATTEMPTS),
  more: z.int().min(0),
})
export type NetworkUse = z.infer<typeof NetworkUse>

/** The measurements of one sandboxed command. */
export const CommandMeasure = z.strictObject({
  argv: z.array(z.string()),
  binary: z.strictObject({ path: z.string(), sha256: Sha256 }),
  ended: z.string().max(100),
  exitCode: z.int().nullable(),
  stdout: z.strictObject({ sha256: Sha256, bytes: z.int().min(0) }),
  stderr: z.strictObject({ sha256: Sha256, bytes: z.int().min(0) }),
  network: z.union([z.string().max(64), NetworkUse]),
  /** The variables and bounds that the command's own rule set, where it set any. */
  env: z.record(z.string().max(64), z.string().max(200)).exactOptional(),
  limits: CommandLimits.exactOptional(),
  /** Processes that were still there when the command ended, and were ended, where there were any. */
  survivors: z.int().min(1).exactOptional(),
})
export type CommandMeasure = z.infer<typeof CommandMeasure>

/** What was set aside of a budget before, and how much of it was used in the end. */
export const BudgetUse = z.strictObject({
  of: z.enum(['paths', 'wall-ms', 'output-bytes', 'attempts', 'output-tokens']),
  reserved: z.int().min(0),
  settled: z.int().min(0),
})
export type BudgetUse = z.infer<typeof BudgetUse>

/** Each budget that a step or an effect drew on; receipts of earlier releases do not tell it. */
const Budgets = z.array(BudgetUse).min(1).max(5)

/**
 * The runner's statement about one step. `previous` is the hash of the envelope before it (null for the first), so that
 * none can be left out or swapped.
 */
export const StepReceipt = z.strictObject({
  v: z.literal(1),
  grant: z.string().max(64),
  run: RunId,
  purpose: z.enum(['draft', 'dry-run', 'execute']),
  index: z.int().min(0),
  step: z.string().max(32),
  kind: z.enum(['prepare', 'edit', 'run', 'verify']),
  capability: z.string().max(200),
  budgets: Budgets.exactOptional(),
  outcome: StepOutcome,
  command: CommandMeasure.nullable(),
  treeBefore: ObjectId,
  treeAfter: ObjectId,
  discarded: z.array(z.string().max(4096)).max(200),
  startedAt: Instant,
  durationMs: z.int().min(0),
  previous: Sha256.nullable(),
})
export type StepReceipt = z.infer<typeof StepReceipt>

/** The controller's statement about one effect that it performed. */
export const EffectReceipt = z.strictObject({
  v: z.literal(1),
  key: EffectKey,
  effect: z.string().max(64),
  capability: z.string().max(250),
  budgets: Budgets.exactOptional(),
  intended: Sha256,
  result: Sha256,
  attempts: z.int().min(1),
  at: Instant,
})
export type EffectReceipt = z.infer<typeof EffectReceipt>

export const STEP_RECEIPT_TYPE = 'urn:agentos:step-receipt:v1'
export const DELIVERY_TYPE = 'urn:agentos:delivery:v1'
export const EFFECT_RECEIPT_TYPE = 'urn:agentos:effect-receipt:v1'

/** What the runner hands over at the end of a job; every hash names a blob that it uploaded. */
export const Delivery = z.strictObject({
  v: z.literal(1),
  grant: z.string().max(64),
  outcome: z.discriminatedUnion('is', [
    z.strictObject({ is: z.literal('done') }),
    z.strictObject({ is: z.literal('failed'), step: z.string().max(32).nullable(), because: z.string().max(1000) }),
  ]),
  receipts: z.array(Sha256).max(200),
  frozen: z.array(
    z.strictObject({
      step: z.string().max(32),
      edits: z.array(Edit).max(5000),
      contents: z.array(z.strictObject({ blob: ObjectId, sha256: Sha256, bytes: z.int().min(0) })).max(5000),
    }),
  ),
  tree: ObjectId.nullable(),
  reproduced: z.boolean(),
  logs: z.array(z.strictObject({ step: z.string().max(32), stdout: Sha256, stderr: Sha256 })).max(200),
})
export type Delivery = z.infer<typeof Delivery>
