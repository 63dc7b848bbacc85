import { z } from 'zod'
import { Sha256 } from '../hash.ts'

/** The two ways in which OpenAI-compatible servers are asked. */
export const ModelProtocol = z.enum(['responses', 'chat'])
export type ModelProtocol = z.infer<typeof ModelProtocol>

/** A request to a model and its answer, both documents on record. */
export const Turn = z.strictObject({ request: Sha256, answer: Sha256 })
export type Turn = z.infer<typeof Turn>

/**
 * Why a call brought no answer. `busy`, `unreachable` and `unanswered` may pass; after `no-endpoint` the other protocol is
 * tried; `lost` is a call that was attempted and whose outcome nobody saw.
 */
export const ModelFault = z.enum(['busy', 'unreachable', 'unanswered', 'lost', 'no-endpoint', 'quota', 'declined'])
export type ModelFault = z.infer<typeof ModelFault>

/**
 * The first request of a draft: the instructions, and as one JSON text everything that they are about. Each prompt file is
 * named with its hash and where it came from.
 */
export const FirstRequest = z.strictObject({
  v: z.literal(1),
  is: z.literal('first'),
  host: z.string().max(110),
  model: z.string().max(100),
  intent: Sha256,
  prompts: z.array(
    z.strictObject({ file: z.string().max(100), from: z.enum(['shipped', 'repository']), sha256: Sha256 }),
  ),
  instructions: z.string(),
  text: z.string(),
})
export type FirstRequest = z.infer<typeof FirstRequest>

/** A further request: what came before it by hash, and what is said to the answer: what was looked up, or what is wrong. */
export const NextRequest = z.strictObject({
  v: z.literal(1),
  is: z.enum(['found', 'fault']),
  previous: Sha256,
  answer: Sha256,
  text: z.string(),
})
export type NextRequest = z.infer<typeof NextRequest>

export const RequestDocument = z.discriminatedUnion('is', [FirstRequest, NextRequest])

/** What a server's answer comes to, whichever protocol it came through. Tokens are counted by bytes where it counts none. */
export const AnswerDocument = z.strictObject({
  v: z.literal(1),
  is: z.enum(['text', 'refusal', 'cut', 'garbled']),
  text: z.string(),
  model: z.string().max(64),
  inputTokens: z.int().min(0),
  outputTokens: z.int().min(0),
})
export type AnswerDocument = z.infer<typeof AnswerDocument>
