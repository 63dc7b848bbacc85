import { z } from 'zod'
import { canonicalJson, parseCanonical } from '../domain/canonical.ts'
import type { Governed } from '../domain/control/governed.ts'
import { budgetGate } from '../domain/gates/budget.ts'
import { type Asked, ask } from '../domain/gates/gate.ts'
import { hygieneGate } from '../domain/gates/hygiene.ts'
import { secretsGate } from '../domain/gates/secrets.ts'
import { Sha256, sha256Hex } from '../domain/hash.ts'
import { type Documents, type NewBlob, readDocument } from '../domain/packs/documents.ts'
import { Plan, planHash } from '../domain/packs/plan.ts'
import { AnswerPack } from '../domain/packs/question-pack.ts'
import { fromUtf8 } from '../domain/patch/bytes.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import type { RunState } from '../domain/run/state.ts'
import type { SecretFilter } from '../domain/secrets/secret-filter.ts'
import { examineChange, type RenderDiff } from './planning/examine-change.ts'
import type { RepositoryReader } from './ports.ts'

const Base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/)

/** A plan on disk: the canonical Plan, its hash, and every document that another clone needs to execute it. */
export const PlanFile = Plan.extend({
  planHash: Sha256,
  /** `words` names the document that holds the words of the request. */
  attachments: z.strictObject({ words: Sha256, documents: z.record(Sha256, Base64) }),
})

export type OpenedPlan = {
  readonly plan: Plan
  readonly planHash: Sha256
  readonly words: Sha256
  readonly documents: Documents
  readonly blobs: readonly NewBlob[]
}

/** `malformed`: it is no plan file. `tampered`: it is one, and something in it is not what its hash says. */
export type PlanFileFault = { readonly is: 'malformed' | 'tampered'; readonly because: string }

/** The file of a plan with the documents that go along with it, as one canonical text. */
export function writePlanFile(plan: Plan, words: Sha256, attached: ReadonlyMap<Sha256, Uint8Array>): string {
  const texts = [...attached].map(([sha256, bytes]) => [sha256, Buffer.from(bytes).toString('base64')] as const)
  const attachments = { words, documents: Object.fromEntries(texts) }
  return `${canonicalJson({ ...plan, planHash: planHash(plan), attachments })}\n`
}

/** Everything that a plan names, and what it was made from. */
export function namesFor(plan: Plan, state: RunState, documents: Documents): readonly Sha256[] {
  const answers = state.answers.flatMap((sha256) => {
    const { pack, words } = readDocument(documents, sha256, AnswerPack)
    return [sha256, pack, words]
  })
  const made = [state.draft, state.draftFacts, state.plan?.examined ?? null].filter((name) => name !== null)
  const contents = plan.contents.map((content) => content.sha256)
  return [plan.intent, ...wordsIn(state), plan.memory, plan.manifest, ...answers, ...made, ...contents]
}

function wordsIn({ request }: RunState): readonly Sha256[] {
  return request === null ? [] : [request.words]
}

/** Reads a plan file. Every byte of it is held by a hash: of the plan, or of the document it belongs to. */
export function readPlanFile(bytes: Uint8Array): Result<OpenedPlan, PlanFileFault> {
  const value = parseCanonical(fromUtf8(bytes)?.replace(/\n$/, '') ?? '')
  if (value === undefined) return malformed('it is not canonical JSON')
  const parsed = PlanFile.safeParse(value)
  if (parsed.success) return openPlan(parsed.data)
  const [issue] = parsed.error.issues
  return malformed(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong shape'}`)
}

function openPlan({
  planHash: stated,
  attachments,
  ...plan
}: z.infer<typeof PlanFile>): Result<OpenedPlan, PlanFileFault> {
  const found = planHash(plan)
  if (found !== stated) return tampered(`the plan has the hash ${found}, the file says ${stated}`)
  const blobs = Object.entries(attachments.documents).map(([sha256, text]) => ({
    sha256,
    bytes: new Uint8Array(Buffer.from(text, 'base64')),
  }))
  const altered = blobs.find((blob) => sha256Hex(blob.bytes) !== blob.sha256)
  if (altered !== undefined) return tampered(`the document ${altered.sha256} holds other bytes than its name says`)
  const known = new Map(blobs.map((blob) => [blob.sha256, blob.bytes]))
  return ok({ plan, planHash: found, words: attachments.words, blobs, documents: (sha256) => known.get(sha256) })
}

function malformed(because: string): Result<never, PlanFileFault> {
  return refuse({ is: 'malformed', because })
}

function tampered(because: string): Result<never, PlanFileFault> {
  return refuse({ is: 'tampered', because })
}

type Judged = {
  readonly reader: RepositoryReader
  readonly governed: Governed
  readonly render: RenderDiff
  readonly filter: SecretFilter
}

/** A plan file comes from outside: its bytes are examined again before a run is begun for it. */
export async function judgePlan({ plan, documents }: OpenedPlan, by: Judged): Promise<Asked | undefined> {
  const { edits, contents } = plan
  const { policy } = by.governed
  const bytes = contents.flatMap(({ blob, sha256 }) => {
    const found = documents(sha256)
    return found === undefined ? [] : [[blob, found] as const]
  })
  const change = { edits, base: await by.reader.entries(plan.base.sha), contents: new Map(bytes), policy }
  const examined = await examineChange(change, by.reader, by)
  const asked = [
    ask(hygieneGate, examined),
    ask(secretsGate, { secrets: examined.secrets, policy }),
    ask(budgetGate, { edits, contents, limits: policy.limits }),
  ]
  return asked.find((one) => one.is !== 'passed')
}
