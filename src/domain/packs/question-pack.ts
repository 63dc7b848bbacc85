import { z } from 'zod'
import { Sha256 } from '../hash.ts'
import { Instant } from '../ids.ts'
import { EvidenceFact } from './evidence-facts.ts'
import { Person } from './people.ts'

/** Who may answer: anyone with the role for answering, the requester alone, an owner of the evidence, or a higher role. */
export const MayAnswer = z.enum(['anyone-with-role', 'requester', 'code-owners', 'maintain', 'admin'])
export type MayAnswer = z.infer<typeof MayAnswer>

export const Question = z.strictObject({
  id: z.string().regex(/^q[1-9][0-9]?$/),
  type: z.enum(['clarification', 'blocker', 'decision']),
  about: z.string().max(64),
  text: z.string().min(1).max(2000),
  impact: z.string().max(1000),
  answer: z.enum(['text', 'choice', 'boolean', 'number', 'path']),
  choices: z.array(z.string().max(500)).max(20),
  /** Answers that would do, where any other would do too. */
  suggestions: z.array(z.string().max(500)).max(10),
  /** What a path that is answered must be at the base; null where the answer is no path. */
  path: z.enum(['existing', 'new', 'any']).nullable(),
  default: z.string().max(2000).nullable(),
  /** `path@blob` of the base, or `comment:ID` of this run. */
  evidence: z.array(z.string().max(500)).max(10),
  who: MayAnswer,
})
export type Question = z.infer<typeof Question>

/** Questions as a planner asks them, before there is a round and a deadline, with what was found behind their evidence. */
export const Questions = z.strictObject({
  v: z.literal(1),
  questions: z.array(Question).min(1).max(50),
  evidence: z.array(EvidenceFact).max(500),
})
export type Questions = z.infer<typeof Questions>

/** Typed questions to people: while one is open the run is blocked. */
export const QuestionPack = z.strictObject({
  v: z.literal(1),
  round: z.int().min(1),
  questions: z.array(Question).min(1).max(50),
  deadline: Instant,
})
export type QuestionPack = z.infer<typeof QuestionPack>

/** One person's valid answers to a pack. The values stay in the salted `words` blob, under the question's id. */
export const AnswerPack = z.strictObject({
  v: z.literal(1),
  pack: Sha256,
  author: Person,
  commentId: z.string().max(32).nullable(),
  words: Sha256,
  answers: z.array(z.strictObject({ id: z.string().max(8), about: z.string().max(64) })),
})
export type AnswerPack = z.infer<typeof AnswerPack>
