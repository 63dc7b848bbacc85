import { sha256Hex } from '../../domain/hash.ts'
import type { NewBlob } from '../../domain/packs/documents.ts'
import type { ModelUse } from '../../domain/packs/model-use.ts'
import { TryLater } from '../ports.ts'
import { modelMaterial } from './model-material.ts'
import type { ModelAnswer, ModelCall, ModelPlanner } from './model-planner.ts'
import { readReply, toAsk } from './read-reply.ts'
import type { Scene } from './scene.ts'
import { asking, type Outcome, refused } from './sketch.ts'

export type ModelTools = { readonly model: ModelPlanner; readonly prompt: string; readonly attempt: number }

const MAX_CALLS = 2
const MAX_ATTEMPTS = 3
const MAX_OUTPUT_TOKENS = 32_000
const MIN_OUTPUT_TOKENS = 500
const BYTES_PER_TOKEN = 3

/** Plans with a model: a reply that cannot be used is sent back once, with the reason; then there is a clear end. */
export async function sketchWithModel(scene: Scene, { model, prompt, attempt }: ModelTools): Promise<Outcome> {
  const material = await modelMaterial(scene)
  const calls: ModelCall[] = []
  let fault = ''
  while (calls.length < MAX_CALLS) {
    const input = fault === '' ? material : `${material}\n\nYour last answer could not be used: ${fault}`
    const maxOutputTokens = roomFor(scene, `${prompt}${input}`, calls)
    if (maxOutputTokens < MIN_OUTPUT_TOKENS) return overBudget(scene, calls)
    const answer = await model.plan({ instructions: prompt, input, maxOutputTokens })
    if (answer.is === 'unavailable' || answer.is === 'declined') return withoutAnswer(answer, attempt, calls)
    calls.push(answer.call)
    const outcome = answer.is === 'reply' ? await toOutcome(scene, { answer, model, calls }) : answer.because
    if (typeof outcome !== 'string') return outcome
    fault = outcome
  }
  const because = `the model gave no usable answer in ${MAX_CALLS} tries: ${fault}`
  return withCalls(refused('model', because, 'say it in other words, use a recipe, or give a patch'), calls)
}

/** Tokens are counted from bytes, generously, because only the server knows how it counts. */
function roomFor({ manifest }: Scene, text: string, calls: readonly ModelCall[]): number {
  const used = calls.reduce((sum, call) => sum + call.inputTokens + call.outputTokens, 0)
  const input = Math.ceil(new TextEncoder().encode(text).length / BYTES_PER_TOKEN)
  return Math.min(MAX_OUTPUT_TOKENS, manifest.policy.limits.tokens - used - input)
}

function overBudget({ manifest }: Scene, calls: readonly ModelCall[]): Outcome {
  const because = `the request does not fit into the ${manifest.policy.limits.tokens} tokens that the policy allows a run`
  return withCalls(refused('budget', because, 'ask for less, or raise `limits.tokens`'), calls)
}

/** The queue waits between attempts; after the last one the run ends instead of waiting on. */
function withoutAnswer(
  answer: Extract<ModelAnswer, { is: 'unavailable' | 'declined' }>,
  attempt: number,
  calls: readonly ModelCall[],
): Outcome {
  if (answer.is === 'declined') return withCalls(refused(answer.rule, answer.because, answer.next), calls)
  if (attempt < MAX_ATTEMPTS) throw new TryLater(answer.because, answer.afterMs)
  const because = `${answer.because}, in ${attempt} attempts`
  return withCalls(refused('model', because, 'ask again later, or use a recipe'), calls)
}

type Answered = {
  readonly answer: Extract<ModelAnswer, { is: 'reply' }>
  readonly model: ModelPlanner
  readonly calls: readonly ModelCall[]
}

/** The outcome of a reply, or what is wrong with it. */
async function toOutcome(scene: Scene, { answer, model, calls }: Answered): Promise<Outcome | string> {
  const { reply } = answer
  if (reply.questions.length > 0) {
    return withCalls(asking(reply.questions.map((question) => toAsk(scene, question))), calls)
  }
  const read = await readReply(scene, reply)
  if (!read.ok) return read.refusal
  const absent = read.value.claims.find(({ path, claims }) => (claims === 'exists') !== scene.entries.has(path))
  if (absent !== undefined && calls.length < MAX_CALLS) {
    return `${absent.path.slice(0, 200)} ${absent.claims === 'exists' ? 'does not exist' : 'already exists'} in the repository`
  }
  return {
    is: 'sketch',
    drafter: { is: 'model', name: model.name.slice(0, 128), version: answer.model.slice(0, 64).toWellFormed() },
    runs: [],
    ...read.value,
    model: useOf(calls),
    blobs: blobsOf(calls),
  }
}

function useOf(calls: readonly ModelCall[]): ModelUse | null {
  const last = calls.at(-1)
  if (last === undefined) return null
  return {
    requestSha256: sha256Hex(last.request),
    responseSha256: sha256Hex(last.response),
    inputTokens: calls.reduce((sum, call) => sum + call.inputTokens, 0),
    outputTokens: calls.reduce((sum, call) => sum + call.outputTokens, 0),
  }
}

function blobsOf(calls: readonly ModelCall[]): readonly NewBlob[] {
  return calls
    .flatMap(({ request, response }) => [request, response])
    .map((bytes) => ({ sha256: sha256Hex(bytes), bytes }))
}

function withCalls<T extends Outcome>(outcome: T, calls: readonly ModelCall[]): T {
  return { ...outcome, blobs: blobsOf(calls) }
}
