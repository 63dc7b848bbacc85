import { z } from 'zod'
import { hashOf, ObjectId, Sha256 } from '../hash.ts'
import { Edit } from '../patch/edit.ts'
import { SettledAnswer } from './settled-answers.ts'

const Argv = z.array(z.string().max(4096)).min(1).max(256)
const StepId = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/)

/** Makes a checkout runnable: may write only what git ignores. */
export const PrepareStep = z.strictObject({
  id: StepId,
  is: z.literal('prepare'),
  argv: Argv,
  hosts: z.array(z.string().max(253)).max(50),
})

/** Exact changes of files, known before any command runs. */
export const EditStep = z.strictObject({ id: StepId, is: z.literal('edit'), edits: z.array(Edit).max(5000) })

/** Where a command may connect to, as its entry in the policy says; absent is nowhere. */
const Hosts = z.array(z.string().max(253)).min(1).max(50).exactOptional()

/** A command whose declared outputs become part of the plan; `frozen` is null until the dry run has seen them. */
export const RunStep = z.strictObject({
  id: StepId,
  is: z.literal('run'),
  argv: Argv,
  outputs: z.array(z.string().max(1024)).min(1).max(200),
  frozen: z.array(Edit).max(5000).nullable(),
  hosts: Hosts,
})

/** A command that must exit with 0; what it writes is discarded. */
export const VerifyStep = z.strictObject({
  id: StepId,
  is: z.literal('verify'),
  argv: Argv,
  criteria: z.array(z.string().max(32)).max(50),
  hosts: Hosts,
})

export const Step = z.discriminatedUnion('is', [PrepareStep, EditStep, RunStep, VerifyStep])
export type Step = z.infer<typeof Step>
export type RunStep = z.infer<typeof RunStep>

/** Who wrote a draft. What it says of itself is never believed; this is what AgentOS started. */
export const Drafter = z.strictObject({
  is: z.enum(['recipe', 'model', 'contractor', 'patch']),
  name: z.string().max(128),
  version: z.string().max(64),
})
export type Drafter = z.infer<typeof Drafter>

/** Where the bytes behind a git blob id are kept. */
export const ContentRef = z.strictObject({ blob: ObjectId, sha256: Sha256, bytes: z.int().min(0) })
export type ContentRef = z.infer<typeof ContentRef>

/** An answer, with the steps that would not be as they are without it. */
export const CitedAnswer = SettledAnswer.extend({ steps: z.array(StepId).min(1).max(100) })
export type CitedAnswer = z.infer<typeof CitedAnswer>

/** What was taken for granted where nobody was asked: shown to the approver, and never enough for full_auto. */
export const Assumption = z.strictObject({ about: z.string().max(64), text: z.string().min(1).max(500) })
export type Assumption = z.infer<typeof Assumption>

const Base = z.strictObject({ ref: z.string().max(255), sha: ObjectId, tree: ObjectId })

/** A proposed change before the dry run: hostile data until the gates have passed it. */
export const Draft = z.strictObject({
  v: z.literal(1),
  intent: Sha256,
  memory: Sha256,
  manifest: Sha256,
  answers: z.array(CitedAnswer).max(150),
  assumptions: z.array(Assumption).max(50),
  base: Base,
  drafter: Drafter,
  steps: z.array(Step).min(1).max(100),
  noVerify: z.string().max(300).nullable(),
  reads: z.array(z.string().max(4096)).max(1000),
  evidence: z.array(z.string().max(500)).max(200),
  contents: z.array(ContentRef).max(5000),
})
export type Draft = z.infer<typeof Draft>

export const Lane = z.enum(['light', 'standard', 'high'])
export type Lane = z.infer<typeof Lane>

export const Risk = z.strictObject({
  level: z.enum(['low', 'medium', 'high']),
  reasons: z.array(z.strictObject({ rule: z.string().max(64), about: z.string().max(4096) })).max(200),
})
export type Risk = z.infer<typeof Risk>

export const PlanLimits = z.strictObject({
  stepWallMs: z.int().min(1),
  stepCpuSeconds: z.int().min(1),
  outputBytes: z.int().min(1),
  memoryBytes: z.int().min(1),
  processes: z.int().min(1),
  fileBytes: z.int().min(1),
  runMinutes: z.int().min(1),
})
export type PlanLimits = z.infer<typeof PlanLimits>

/**
 * What a reviewer approves: every byte that will land and every command that will run. Its hash covers no run id, time,
 * duration or prose.
 */
export const Plan = z.strictObject({
  v: z.literal(1),
  intent: Sha256,
  memory: Sha256,
  manifest: Sha256,
  answers: z.array(CitedAnswer).max(150),
  assumptions: z.array(Assumption).max(50),
  base: Base,
  drafter: Drafter,
  steps: z.array(Step).min(1).max(100),
  noVerify: z.string().max(300).nullable(),
  reads: z.array(z.string().max(4096)).max(1000),
  edits: z.array(Edit).max(10_000),
  contents: z.array(ContentRef).max(10_000),
  diffSha256: Sha256,
  predictedTree: ObjectId,
  locks: z.array(z.string().max(4200)).min(1).max(10_001),
  risk: Risk,
  lane: Lane,
  limits: PlanLimits,
})
export type Plan = z.infer<typeof Plan>

export function planHash(plan: Plan): Sha256 {
  return hashOf(plan)
}
