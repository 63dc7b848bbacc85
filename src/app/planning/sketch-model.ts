import { canonicalJson, isCanonical } from '../../domain/canonical.ts'
import { type NewBlob, toQuoting } from '../../domain/packs/documents.ts'
import type { Ask } from '../../domain/packs/draft-questions.ts'
import type { AnswerDocument, FirstRequest, NextRequest } from '../../domain/packs/model-call.ts'
import type { ModelUse } from '../../domain/packs/model-use.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { type ReadTurn, readTranscript, type Transcript } from './conversation.ts'
import { assumptionsFrom, faultInQuestions } from './judge-questions.ts'
import { lookAround } from './look.ts'
import type { Model } from './model.ts'
import { faultText, foundText, modelMaterial } from './model-material.ts'
import { ModelReply } from './model-reply.ts'
import { instructionsFor, type Prompts } from './prompts.ts'
import { readReply, toAsk } from './read-reply.ts'
import type { Scene } from './scene.ts'
import { asking, type NeedsModel, type Outcome, refused } from './sketch.ts'

export type ModelTools = { readonly model: Pick<Model, 'host' | 'name'>; readonly prompts: Prompts }

/**
 * A further turn of planning with a model: from the base commit and what is on record it follows whether there is a draft,
 * a question, an end, or something more that the model must be asked. Undefined before the first answer.
 */
export async function goOnWithModel(scene: Scene): Promise<Outcome | undefined> {
  const transcript = readTranscript(scene.documents, scene.body.transcript)
  const last = transcript?.turns.at(-1)
  if (transcript === undefined || last === undefined) return undefined
  const reply = replyIn(last.answer)
  if (!reply.ok) return sendBack(scene, transcript, reply.refusal)
  if (reply.value.questions.length > 0) return putQuestions(scene, transcript, reply.value)
  if (reply.value.look.length > 0) return lookOn(scene, transcript, reply.value)
  return takeReply(scene, transcript, reply.value)
}

function putQuestions(scene: Scene, transcript: Transcript, { questions }: ModelReply): Outcome {
  const asks = questions.map((question) => toAsk(scene, question))
  const fault = faultInQuestions(scene, asks)
  return fault === null ? asking(asks) : sendBack(scene, transcript, fault)
}

/** What the model asked before it planned without an answer. */
function earlierQuestions(scene: Scene, { turns }: Transcript): readonly Ask[] {
  return turns.slice(0, -1).flatMap(({ answer }) => {
    const reply = replyIn(answer)
    return reply.ok ? reply.value.questions.map((question) => toAsk(scene, question)) : []
  })
}

/** The first turn: what the model is going to be asked. Nothing is asked here. */
export async function beginWithModel(scene: Scene, { model, prompts }: ModelTools): Promise<Outcome> {
  const instructions = await instructionsFor(scene, prompts)
  if (!instructions.ok) return refused('prompts', instructions.refusal, 'mend the file on the default branch')
  const { host, name } = model
  const text = await modelMaterial(scene, turnsLeft(scene, 1))
  const { intent } = scene.body
  const request: FirstRequest = { v: 1, is: 'first', host, model: name, intent, ...instructions.value, text }
  return needsModel(toQuoting(request, scene.secret), request, 1)
}

function needsModel(request: NewBlob, { host, model }: Pick<FirstRequest, 'host' | 'model'>, turn: number): NeedsModel {
  return { is: 'needs-model', request: request.sha256, turn, host, model, blobs: [request] }
}

/** The reply in an answer, or what is wrong with it in words of our own. */
function replyIn({ is, text }: AnswerDocument): Result<ModelReply, string> {
  if (is !== 'text') return refuse(NO_REPLY[is])
  const value = parseJson(text)
  if (!value.ok) return refuse('the answer is not JSON')
  if (!isCanonical(value.value)) return refuse('the answer holds text or numbers that cannot be recorded')
  const parsed = ModelReply.safeParse(value.value)
  if (parsed.success) return ok(parsed.data)
  const at = parsed.error.issues[0]?.path.filter((key) => typeof key === 'number' || isOurs(String(key))).join('.')
  return refuse(`the answer does not have the form that was asked for${at ? ` (at ${at})` : ''}`)
}

const NO_REPLY = {
  refusal: 'the model refused to answer',
  cut: 'the answer was cut off: it is too long, or was broken off',
  garbled: 'the model server did not answer in its protocol',
} as const

const OURS: ReadonlySet<string> = new Set(
  'look tool line under questions edits run outputs verify reads evidence is path to content search replace command criteria'.split(
    ' ',
  ),
)

/** Only names of our own schema may be repeated. */
function isOurs(key: string): boolean {
  return OURS.has(key)
}

function parseJson(text: string): Result<unknown, null> {
  try {
    const value: unknown = JSON.parse(text)
    return ok(value)
  } catch (error) {
    if (error instanceof SyntaxError) return refuse(null)
    throw error
  }
}

/** Looks that were made before bring nothing new: a model that only repeats itself is told so, then cut off. */
async function lookOn(scene: Scene, transcript: Transcript, { look }: ModelReply): Promise<Outcome> {
  if (look.length > MAX_LOOKS) return sendBack(scene, transcript, `it looks at more than ${MAX_LOOKS} things at once`)
  if (look.some((one) => canonicalJson(one).length > MAX_LOOK)) return sendBack(scene, transcript, LONG_LOOK)
  const made = new Set(transcript.turns.slice(0, -1).flatMap(({ answer }) => looksIn(answer)))
  const fresh = look.filter((one) => !made.has(canonicalJson(one)))
  if (fresh.length === 0) return sendBack(scene, transcript, LOOP, 'model-loop')
  const found = await lookAround(scene, fresh)
  return next(scene, transcript, { is: 'found', text: foundText(found, turnsLeft(scene, transcript.turns.length + 1)) })
}

const MAX_LOOKS = 8
const MAX_LOOK = 5000
const LONG_LOOK = 'it looks at a path, or for a text, that is too long'
const LOOP = 'it looks only at what it has looked at before'

function looksIn(answer: AnswerDocument): readonly string[] {
  const reply = replyIn(answer)
  return reply.ok ? reply.value.look.map((look) => canonicalJson(look)) : []
}

async function takeReply(scene: Scene, transcript: Transcript, reply: ModelReply): Promise<Outcome> {
  const read = await readReply(scene, reply)
  if (!read.ok) return sendBack(scene, transcript, read.refusal)
  const { sketch, doubt } = read.value
  if (doubt !== null && mayMend(scene, transcript)) return sendBack(scene, transcript, doubt)
  const last = transcript.turns.at(-1)
  const version = last === undefined ? '' : last.answer.model
  const drafter = { is: 'model', name: transcript.first.model, version } as const
  const assumptions = assumptionsFrom(scene, earlierQuestions(scene, transcript))
  return { is: 'sketch', drafter, ...sketch, model: useOf(transcript.turns), blobs: [], assumptions }
}

/** The fault goes back to the model as often as the policy allows; then planning ends with it. */
function sendBack(scene: Scene, transcript: Transcript, fault: string, rule = 'model'): Outcome {
  if (mayMend(scene, transcript))
    return next(scene, transcript, {
      is: 'fault',
      text: faultText(fault, turnsLeft(scene, transcript.turns.length + 1)),
    })
  const because = `the model gave no usable answer in ${faultsIn(transcript) + 1} tries: ${fault}`
  return refused(rule, because, 'say it in other words, use a recipe, or give a patch')
}

function mayMend({ manifest }: Scene, transcript: Transcript): boolean {
  return faultsIn(transcript) < manifest.policy.limits.modelFaults
}

function faultsIn({ turns }: Transcript): number {
  return turns.filter(({ request }) => request?.is === 'fault').length
}

function next(scene: Scene, { first, turns }: Transcript, said: Pick<NextRequest, 'is' | 'text'>): Outcome {
  const last = turns.at(-1)
  if (last === undefined) throw new TypeError('a further request follows an answer')
  const { request: previous, answer } = last.named
  const request: NextRequest = { v: 1, previous, answer, ...said }
  return needsModel(toQuoting(request, scene.secret), first, turns.length + 1)
}

function turnsLeft({ manifest }: Scene, turn: number): number {
  return Math.max(0, manifest.policy.limits.modelTurns - turn)
}

function useOf(turns: readonly ReadTurn[]): ModelUse | null {
  const last = turns.at(-1)
  if (last === undefined) return null
  return {
    requestSha256: last.named.request,
    responseSha256: last.named.answer,
    inputTokens: turns.reduce((sum, { answer }) => sum + answer.inputTokens, 0),
    outputTokens: turns.reduce((sum, { answer }) => sum + answer.outputTokens, 0),
  }
}
