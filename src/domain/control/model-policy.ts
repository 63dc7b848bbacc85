import { z } from 'zod'
import { list } from './words.ts'

/** Stands for whatever address or model the operator's environment names. */
const OPERATOR = 'operator'

/** An address as a URL has it: the host, and its port where that is not the usual one. */
export const ModelHost = z
  .string()
  .max(110)
  .regex(/^[a-z0-9.:[\]-]+$/, 'is not a host, or host:port, in small letters')
export const ModelName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/, 'is not the name of a model')

export const AskModel = z.strictObject({ hosts: list(ModelHost), models: list(ModelName) })
export type AskModel = z.infer<typeof AskModel>

/** What each principal may cause beside reading the repository. What is absent is denied. */
export const Capabilities = z.strictObject({
  planner: z.strictObject({ 'ask-model': AskModel.exactOptional() }),
})
export type Capabilities = z.infer<typeof Capabilities>

const price = z.int().min(0).max(1_000_000_000)

/** What a model costs at one address, in millionths of a US dollar for a million tokens. */
export const ModelPrice = z.strictObject({
  host: ModelHost,
  model: ModelName,
  inputPerMillion: price,
  outputPerMillion: price,
})
export type ModelPrice = z.infer<typeof ModelPrice>

export type ModelAddress = { readonly host: string; readonly model: string }

/** Why the planner may not ask this model, or undefined: both lists must name it, and an absent capability names nothing. */
export function modelDenied({ planner }: Capabilities, { host, model }: ModelAddress): string | undefined {
  const allowed = planner['ask-model']
  if (allowed === undefined) return 'the policy gives the planner no capability `ask-model`'
  if (!isNamed(allowed.hosts, host)) return `the policy does not let the planner ask a model at ${host}`
  return isNamed(allowed.models, model) ? undefined : `the policy does not let the planner ask the model ${model}`
}

function isNamed(names: readonly string[], name: string): boolean {
  return names.includes(OPERATOR) || names.includes(name)
}

export type Tokens = { readonly inputTokens: number; readonly outputTokens: number }

/** The cost in millionths of a dollar, rounded up; null where the policy has no price for this model at this address. */
export function costOf(prices: readonly ModelPrice[], { host, model }: ModelAddress, used: Tokens): number | null {
  const found = prices.find((one) => one.host === host && one.model === model)
  if (found === undefined) return null
  return priced(used.inputTokens, found.inputPerMillion) + priced(used.outputTokens, found.outputPerMillion)
}

const MILLION = 1_000_000

/** Whole millions apart from the rest, so that every product is a safe integer. */
function priced(tokens: number, perMillion: number): number {
  return Math.floor(tokens / MILLION) * perMillion + Math.ceil(((tokens % MILLION) * perMillion) / MILLION)
}
