import { z } from 'zod'
import type { KindsAllowed } from '../patch/judge-edits.ts'
import { Retention } from '../redaction.ts'
import { secretFormats } from '../secrets/formats.ts'
import { CommandRule } from './command-rule.ts'
import { Capabilities, ModelPrice } from './model-policy.ts'
import { Argument, EnvironmentName, Glob, isWrapper, list, NetworkHost } from './words.ts'

export const MODES = ['interactive', 'semi_auto', 'full_auto'] as const
export const Mode = z.enum(MODES)
export type Mode = z.infer<typeof Mode>

/** GitHub's repository roles, weakest first. */
export const ROLES = ['read', 'triage', 'write', 'maintain', 'admin'] as const
export const Role = z.enum(ROLES)
export type Role = z.infer<typeof Role>

const hours = z.int().min(1).max(8760)
const positive = z.int().min(1)
const login = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}$/, 'is not a GitHub login')

export const Modes = z.strictObject({
  default: Mode,
  maxRounds: z.int().min(1).max(3),
  /** How often the request of a run may be changed after it was made. */
  maxAmendments: z.int().min(0).max(10),
  answerHours: hours,
  approvalHours: hours,
  questions: z.strictObject({
    interactive: z.int().min(0).max(30),
    semi_auto: z.int().min(0).max(10),
    full_auto: z.literal(0),
  }),
})

/** The role that each slash command asks for. Approval is a review and has its own rule. */
export const CommandRoles = z.strictObject({
  help: Role,
  plan: Role,
  answer: Role,
  status: Role,
  amend: Role,
  why: Role,
  stop: Role,
  retry: Role,
  rollback: Role,
  unlock: Role,
  prove: Role,
  doctor: Role,
})
export type CommandRoleKey = keyof z.infer<typeof CommandRoles>

/** Who approves: `count` people in the light and standard lanes, `highCount` in the high one; `approvers` narrows who may. */
export const ApprovalRule = z.strictObject({
  requester: z.enum(['denied', 'allowed']),
  role: z.enum(['write', 'maintain', 'admin']),
  count: z.int().min(1).max(10),
  highCount: z.int().min(1).max(10),
  approvers: list(login)
    .refine((logins) => logins.length > 0, 'an empty list would let nobody approve: leave the key out')
    .exactOptional(),
})

/** How many people must approve a plan in this lane. */
export function approvalsNeeded(
  { count, highCount }: Pick<z.infer<typeof ApprovalRule>, 'count' | 'highCount'>,
  lane: string,
): number {
  return lane === 'high' ? highCount : count
}

/** Which changes are delivered from what the dry run measured, without a second job. */
const LightLane = z.strictObject({
  /** Where it is not said, the lane is closed. */
  enabled: z.boolean().exactOptional(),
  /** How long after its claim a dry run still stands for the execution; where it is not said, it never does. */
  hours: hours.exactOptional(),
  files: z.int().min(0),
  lines: z.int().min(0),
  excluded: list(Glob),
})

export const Lanes = z.strictObject({ light: LightLane })

export const Limits = z.strictObject({
  files: positive,
  lines: positive,
  bytes: positive,
  stepWallMs: positive,
  stepCpuSeconds: positive,
  outputBytes: positive,
  memoryBytes: positive,
  processes: positive,
  fileBytes: positive,
  runMinutes: positive,
  grantMinutes: positive,
  /** Tokens of all model calls of a run together, in and out. */
  tokens: z.int().min(0),
  /** What the model calls of a run may cost. Where it stands, a model without a known price is not asked. */
  costMicroUsd: z.int().min(0).exactOptional(),
  /** Model calls of a run, those that failed among them. */
  modelCalls: z.int().min(0),
  /** Calls in a row that a model may look around before it answers. */
  modelTurns: z.int().min(1),
  /** Answers that could not be used and are sent back with the reason. */
  modelFaults: z.int().min(0),
  modelOutputTokens: positive,
  /** How often a plan may be carried over to a base that has changed under it. */
  rebases: z.int().min(0).exactOptional(),
})
export type Limits = z.infer<typeof Limits>

/** From where on a change is risky for its size, and the paths that are dangerous to get wrong. */
export const RiskRules = z.strictObject({
  /** More changed files than this are medium risk. */
  files: positive,
  /** More bytes written than this are medium risk. */
  bytes: positive,
  /** More deleted files than this are high risk. */
  deletions: positive,
  sensitivePaths: list(Glob),
})

/** What a command by which a repository checks itself looks at. */
export const CheckPurpose = z.enum(['format', 'docs', 'typecheck', 'lint', 'build', 'test'])
export type CheckPurpose = z.infer<typeof CheckPurpose>

/** Makes a checkout runnable: done when the file `when` exists at the base; `package-registry` is the runner's own. */
export const Preparation = z.strictObject({
  argv: list(Argument).refine(
    (argv) => argv[0] !== undefined && /^[A-Za-z0-9._+-]+$/.test(argv[0]) && !isWrapper(argv[0]),
    'does not begin with the bare name of a program that may be listed',
  ),
  when: Glob,
  hosts: list(NetworkHost),
})
export type Preparation = z.infer<typeof Preparation>

/** What looks like a secret and is none, as in a test's fixture: exactly this file, and these kinds alone. */
const AllowedSecret = z.strictObject({
  path: z.string().min(1).max(4096),
  kinds: list(
    z.string().refine((kind) => secretFormats.some((format) => format.kind === kind), 'is no kind of secret'),
  ),
})

/** A read-only directory that the sandbox sees beside `/usr`. */
const ToolchainPath = z
  .string()
  .regex(
    /^\/(?:opt|nix|snap|usr)(?:\/[A-Za-z0-9_+@-][A-Za-z0-9._+@-]*)+$/,
    'is not a plain path below /opt, /nix, /snap or /usr',
  )

/** The resolved `policy.yml`: every decision that a repository may take about itself. */
export const Policy = z.strictObject({
  version: z.literal(1),
  enabled: z.boolean(),
  modes: Modes,
  roles: CommandRoles,
  approve: ApprovalRule,
  lanes: Lanes,
  protectedPaths: list(Glob),
  risk: RiskRules,
  limits: Limits,
  environment: list(EnvironmentName),
  commands: list(CommandRule)
    .refine(hasUniqueIds, 'two rules have the same id')
    .refine(admitsItsCode, 'a program of the checkout, or one behind a wrapper, runs repository-code'),
  prepare: list(Preparation),
  /** The purposes for which a plan is checked unasked. */
  checks: list(CheckPurpose),
  toolchain: list(ToolchainPath),
  unreproducible: z.enum(['refuse', 'land-approved']),
  /** Whether the machine's own programs may be others than in the dry run; a policy that does not say so refuses. */
  toolchainChange: z.enum(['refuse', 'record']).exactOptional(),
  workflows: z.enum(['denied', 'allowed']),
  symlinks: z.enum(['denied', 'allowed']).exactOptional(),
  submodules: z.enum(['denied', 'allowed']).exactOptional(),
  secrets: list(AllowedSecret).exactOptional(),
  retention: Retention.exactOptional(),
  capabilities: Capabilities,
  prices: list(ModelPrice).refine(hasOnePriceEach, 'a model has two prices at one address'),
})
export type Policy = z.infer<typeof Policy>

/** What a change may leave beside files and programs; a policy that does not say so allows nothing. */
export function kindsAllowed({ symlinks, submodules }: Pick<Policy, 'symlinks' | 'submodules'>): KindsAllowed {
  return { symlinks: symlinks === 'allowed', submodules: submodules === 'allowed' }
}

/** A repository's own `policy.yml`: any part of a policy, laid over the shipped one by `layerPolicy`. */
export const PolicyLayer = z.strictObject({
  version: z.literal(1),
  enabled: z.boolean().exactOptional(),
  modes: Modes.extend({ questions: parts(Modes.shape.questions).exactOptional() })
    .partial()
    .exactOptional(),
  roles: CommandRoles.partial().exactOptional(),
  approve: ApprovalRule.partial().exactOptional(),
  lanes: z.strictObject({ light: LightLane.partial() }).exactOptional(),
  protectedPaths: Policy.shape.protectedPaths.exactOptional(),
  risk: RiskRules.partial().exactOptional(),
  limits: Limits.partial().exactOptional(),
  environment: Policy.shape.environment.exactOptional(),
  commands: Policy.shape.commands.exactOptional(),
  prepare: Policy.shape.prepare.exactOptional(),
  checks: Policy.shape.checks.exactOptional(),
  toolchain: Policy.shape.toolchain.exactOptional(),
  unreproducible: Policy.shape.unreproducible.exactOptional(),
  toolchainChange: Policy.shape.toolchainChange,
  workflows: Policy.shape.workflows.exactOptional(),
  symlinks: Policy.shape.symlinks,
  submodules: Policy.shape.submodules,
  secrets: Policy.shape.secrets,
  retention: Policy.shape.retention,
  capabilities: Policy.shape.capabilities.exactOptional(),
  prices: Policy.shape.prices.exactOptional(),
})
export type PolicyLayer = z.infer<typeof PolicyLayer>

function parts<S extends z.ZodRawShape>(schema: z.ZodObject<S>) {
  return schema.partial()
}

function hasUniqueIds(rules: readonly { readonly id: string }[]): boolean {
  return new Set(rules.map((rule) => rule.id)).size === rules.length
}

function admitsItsCode(rules: readonly CommandRule[]): boolean {
  return rules.every(
    (rule) =>
      rule.decision === 'deny' ||
      rule.runs === 'repository-code' ||
      (!rule.program.includes('/') && rule.through === undefined),
  )
}

function hasOnePriceEach(prices: readonly ModelPrice[]): boolean {
  return new Set(prices.map(({ host, model }) => `${host} ${model}`)).size === prices.length
}
