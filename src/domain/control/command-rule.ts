import { z } from 'zod'
import { TargetKind } from '../targets/index.ts'
import {
  Argument,
  CheckoutProgram,
  EnvironmentName,
  Glob,
  isWrapper,
  list,
  NetworkHost,
  PlainValue,
  Program,
} from './words.ts'
import { Wrapper } from './wrappers.ts'

/** What one word of an argv may be. Each kind has its own check in `word-fault.ts`. */
export const Word = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('literal'), value: Argument }),
  z.strictObject({ is: z.literal('choice'), values: list(Argument) }),
  z.strictObject({ is: z.literal('path'), must: z.enum(['be-inside', 'exist', 'be-file', 'be-directory']) }),
  z.strictObject({ is: z.literal('test-id') }),
  /** Something that the repository declares by name; without `named`, whatever it declares of the kind. */
  z.strictObject({ is: z.literal('target'), of: TargetKind, named: list(Argument).exactOptional() }),
  /** The folder that the rest of the command is about: directly, or as a workspace by its name. */
  z.strictObject({ is: z.literal('folder') }),
  z.strictObject({ is: z.literal('workspace') }),
  z.strictObject({ is: z.literal('number'), min: z.int(), max: z.int() }),
  z.strictObject({ is: z.literal('revision') }),
  z.strictObject({ is: z.literal('revision-or-path') }),
  z.strictObject({ is: z.literal('go-package') }),
  z.strictObject({ is: z.literal('line-range') }),
  z.strictObject({ is: z.literal('text') }),
])
export type Word = z.infer<typeof Word>

/** A place for words that are no options; `any` and `some` take all that follow, so they stand last. */
export const Operand = z.strictObject({ word: Word, times: z.enum(['once', 'maybe', 'any', 'some']) })
export type Operand = z.infer<typeof Operand>

const Operands = list(Operand).refine(
  (operands) => operands.slice(0, -1).every((operand) => operand.times === 'once'),
  'only the last operand may be left out or repeated',
)

/** An option that has a value: `separate` is `-n 5`, `attached` is `-n5` or `--lines=5`, `either` both. */
const ValueOption = z.strictObject({
  names: list(Argument),
  form: z.enum(['separate', 'attached', 'either']),
  word: Word,
})
export type ValueOption = z.infer<typeof ValueOption>

const named = {
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'is not a rule id'),
  program: z.union([
    Program.refine((name) => !isWrapper(name), 'runs what its arguments say and cannot be listed'),
    CheckoutProgram,
  ]),
  subcommand: list(Argument).default([]),
}

const positive = z.int().min(1)

/** Bounds of one entry. What is absent is bounded by the policy's own limits, which an entry can only narrow. */
export const CommandLimits = z.strictObject({
  wallMs: positive.exactOptional(),
  cpuSeconds: positive.exactOptional(),
  memoryBytes: positive.exactOptional(),
  outputBytes: positive.exactOptional(),
  processes: positive.exactOptional(),
  fileBytes: positive.exactOptional(),
})
export type CommandLimits = z.infer<typeof CommandLimits>

/** Nothing, or the hosts that are reached through the recording proxy. */
const Network = z.union([z.literal('none'), z.strictObject({ hosts: list(NetworkHost) })])

const Environment = z
  .record(EnvironmentName, PlainValue)
  .refine((env) => Object.keys(env).length <= 50, 'has more than 50 variables')

const grammar = {
  ...named,
  /** Exact words that may stand between the program and its subcommand. */
  globals: list(Argument).default([]),
  runs: z.enum(['repository-code', 'inspects']),
  flags: list(Argument).default([]),
  values: list(ValueOption).default([]),
  /** Whether one-letter flags may be written together, as in `-la`. */
  bundle: z.boolean().default(false),
  /** Whether `-20` is a count. */
  count: z.boolean().default(false),
  operands: Operands.default([]),
  /** What may follow `--`; without it `--` is denied. */
  afterDashes: Operands.exactOptional(),
  /** What a step may declare as its outputs; without an entry, whatever the plan shows the people who approve it. */
  outputs: list(Glob).default([]),
  network: Network.exactOptional(),
  limits: CommandLimits.exactOptional(),
  /** Variables that the command is given, with these values. */
  env: Environment.exactOptional(),
  /** Wrappers that may stand before the program, and are judged by it. */
  through: list(Wrapper).exactOptional(),
}

/** One entry of the command allowlist: a program, its subcommand, and every option and operand it may have. */
export const CommandRule = z.discriminatedUnion('decision', [
  z.strictObject({ ...grammar, decision: z.literal('allow') }),
  z.strictObject({ ...grammar, decision: z.literal('needs_approval') }),
  z.strictObject({ ...named, decision: z.literal('deny'), reason: z.string().min(1).max(200) }),
])
export type CommandRule = z.infer<typeof CommandRule>
export type CommandGrammar = Exclude<CommandRule, { decision: 'deny' }>
