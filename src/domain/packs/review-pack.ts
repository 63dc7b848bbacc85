import { z } from 'zod'
import { Approval } from '../grant.ts'
import { ObjectId, Sha256 } from '../hash.ts'
import { ForeignId, Instant, RunId } from '../ids.ts'
import { Undone } from './landed.ts'
import { Drafter, Lane, Risk } from './plan.ts'

/** What a sandboxed command was given of the network, and how many attempts the proxy saw; no hosts mean none at all. */
const NetworkAccount = z.strictObject({
  hosts: z.array(z.string().max(260)).max(50),
  reached: z.int().min(0),
  refused: z.int().min(0),
  failed: z.int().min(0),
})
export type NetworkAccount = z.infer<typeof NetworkAccount>

/** One step of the plan as the signed receipt of one job has it. What is optional is absent in accounts of earlier engines. */
const StepAccount = z.strictObject({
  job: z.enum(['dry-run', 'execute']),
  id: z.string().max(32),
  kind: z.enum(['prepare', 'edit', 'run', 'verify']),
  outcome: z.string().max(600),
  command: z.array(z.string()).nullable(),
  durationMs: z.int().min(0),
  receipt: Sha256,
  capability: z.string().max(200).exactOptional(),
  /** How the command ended; null where a signal ended it. Absent where no command ran, like the two below. */
  exitCode: z.int().nullable().exactOptional(),
  ended: z.string().max(100).exactOptional(),
  network: NetworkAccount.exactOptional(),
  /** The criteria of the request that this step is to prove. */
  criteria: z.array(z.string().max(32)).max(50).exactOptional(),
})
export type StepAccount = z.infer<typeof StepAccount>

/** What the run was allowed to use, and what it used. */
const Costs = z.strictObject({
  /** All calls of a model together; null where none was asked, and money is null where a price is not known. */
  model: z
    .strictObject({
      reservedTokens: z.int().min(0),
      usedTokens: z.int().min(0),
      reservedMicroUsd: z.int().min(0).nullable(),
      usedMicroUsd: z.int().min(0).nullable(),
    })
    .nullable(),
  /** Each job by its Grant: the time that it was given, and what its steps took; null where none was measured. */
  jobs: z
    .array(
      z.strictObject({
        purpose: z.enum(['draft', 'dry-run', 'execute']),
        reservedMs: z.int().min(0),
        usedMs: z.int().min(0).nullable(),
      }),
    )
    .max(1000),
})
export type Costs = z.infer<typeof Costs>

/** The final account of a run, made from the log alone. */
export const ReviewPack = z.strictObject({
  v: z.literal(1),
  run: RunId,
  state: z.enum(['delivered', 'merged', 'closed', 'refused', 'failed', 'cancelled', 'expired', 'rolled_back']),
  rule: z.string().max(64).nullable(),
  because: z.string().max(1000),
  issue: z.int().min(1).nullable(),
  requester: ForeignId,
  mode: z.string().max(32),
  intent: Sha256.nullable(),
  base: ObjectId,
  manifest: Sha256,
  plan: z
    .strictObject({
      hash: Sha256,
      lane: Lane,
      risk: Risk,
      diffSha256: Sha256,
      tree: ObjectId,
      paths: z.array(z.string()).max(10_000),
      drafter: Drafter.exactOptional(),
      /** Paths and lines by what becomes of them; the lines are those of the text that was shown. */
      size: z
        .strictObject({
          created: z.int().min(0),
          changed: z.int().min(0),
          deleted: z.int().min(0),
          added: z.int().min(0),
          removed: z.int().min(0),
        })
        .exactOptional(),
    })
    .nullable(),
  /** What asking a model came to; null where none was asked, and a cost of null where a price is not known. */
  model: z
    .strictObject({
      host: z.string().max(110),
      model: z.string().max(100),
      calls: z.int().min(1),
      inputTokens: z.int().min(0),
      outputTokens: z.int().min(0),
      costMicroUsd: z.int().min(0).nullable(),
    })
    .nullable(),
  asked: z.int().min(0),
  answered: z.int().min(0),
  /** How often the request was changed while the run went on. */
  amended: z.int().min(0),
  /** How many reviews asked for changes in words that can be learned from; absent where none did. */
  corrected: z.int().min(1).exactOptional(),
  approvals: z.array(Approval).max(20),
  byRequesterAlone: z.boolean(),
  steps: z.array(StepAccount).max(400),
  gates: z.array(z.strictObject({ at: z.string(), gate: z.string(), is: z.string(), because: z.string() })).max(1000),
  delivered: z.strictObject({ commit: ObjectId, tree: ObjectId, diffSha256: Sha256 }).nullable(),
  reproduced: z.boolean().nullable(),
  /** Since when the dry run that stands for the execution had measured; absent where a job of its own executed. */
  reused: z.strictObject({ since: Instant }).exactOptional(),
  costs: Costs.exactOptional(),
  /** Where the base branch stood when it was last looked at, where it had moved on without touching the plan. */
  baseMovedTo: ObjectId.exactOptional(),
  failedEffects: z.array(z.strictObject({ key: z.string(), kind: z.string(), because: z.string() })).max(200),
  notVerified: z.array(z.string().max(500)).max(20),
  rollback: z.string().max(4000),
  /** For a rollback: what it took back, compared with the recorded former state. */
  undone: Undone.exactOptional(),
})
export type ReviewPack = z.infer<typeof ReviewPack>
