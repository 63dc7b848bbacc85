import { inflate } from '../../adapters/git/inflate.ts'
import { freshSigner } from '../../adapters/signing/ed25519.ts'
import {
  answerLocal,
  beginLocal,
  type LocalRun,
  type LocalStanding,
  localRunId,
  localWords,
} from '../../app/local-run.ts'
import { namesFor, writePlanFile } from '../../app/plan-file.ts'
import type { Mode } from '../../domain/control/policy.ts'
import { sha256Hex } from '../../domain/hash.ts'
import type { Instant, RunId } from '../../domain/ids.ts'
import { type NewBlob, readDocument } from '../../domain/packs/documents.ts'
import { Examined } from '../../domain/packs/examined.ts'
import { Plan } from '../../domain/packs/plan.ts'
import { type Question, QuestionPack } from '../../domain/packs/question-pack.ts'
import { pathsRead } from '../../domain/patch/apply-patch.ts'
import { TreePath } from '../../domain/patch/edit.ts'
import { parsePatch } from '../../domain/patch/parse-patch.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { runEvents } from '../../domain/run/events.ts'
import { told } from '../../domain/run/state.ts'
import { faultInModel } from '../model-from-env.ts'
import { filterFor } from '../process-secrets.ts'
import { timeOf } from './clone-facts.ts'
import { type GovernedClone, openGoverned, type Pack } from './governed-clone.ts'
import { howItEnded, lastWords } from './how-it-ended.ts'
import { localClocks } from './local-clock.ts'
import { type OpenedLocal, openLocal } from './open-local.ts'
import { type Stop, stop } from './stop.ts'

/** How the plan is asked for. */
export type Asking =
  | { readonly is: 'recipe'; readonly name: string; readonly params: Readonly<Record<string, string>> }
  | { readonly is: 'patch'; readonly bytes: Uint8Array; readonly text: string }
  | { readonly is: 'words'; readonly text: string }

export type PlanRequest = {
  readonly dir: string
  readonly asking: Asking
  readonly mode: Mode | null
  /** Answers for each round of questions, by the ids of that round. */
  readonly answers: readonly Readonly<Record<string, string>>[]
  readonly now: Instant | null
  readonly pack?: Pack
}

/** A finished plan, or the questions that people have to answer first. */
export type PlanMade =
  | {
      readonly is: 'planned'
      readonly plan: Plan
      readonly planHash: string
      readonly file: string
      readonly diff: string
    }
  | { readonly is: 'blocked'; readonly pack: QuestionPack; readonly open: readonly Question[] }

export type PlanStopped = Stop & { readonly log: string }

/** Plans on a clone: from memory to dry run, with real commands in the real sandbox. Nothing of the clone is written. */
export async function planLocally(request: PlanRequest): Promise<Result<PlanMade, PlanStopped>> {
  const climbing = climbingPath(request.asking)
  if (climbing !== undefined)
    return refuse({ ...stop(3, 'hygiene', `the patch names ${JSON.stringify(climbing)}`, OUTSIDE), log: '' })
  const fault = faultInModel(process.env)
  if (fault !== undefined)
    return refuse({ ...stop(2, 'environment', fault, 'mend the variable, or unset it'), log: '' })
  const clone = await openGoverned(request.dir, 'HEAD', request.pack)
  if (!clone.ok) return refuse({ ...clone.refusal, log: '' })
  const opened = await openLocal(clone.value, await clocksFor(request, clone.value), freshSigner())
  const { run, standing } = await begin(opened.local, clone.value, request)
  const answered = await answerRounds(opened.local, { run, standing }, request.answers)
  if (!answered.ok) return refuse({ ...answered.refusal, log: '' })
  return outcomeOf(opened, answered.value)
}

const OUTSIDE = 'name only paths inside the repository, without empty, "." or ".." parts'

/** A path that no file of a tree can have cannot even be planned. A patch that cannot be read is for the planner to refuse. */
function climbingPath(asking: Asking): string | undefined {
  const parsed = asking.is === 'patch' ? parsePatch(asking.bytes, { inflate }) : undefined
  if (parsed?.ok !== true) return undefined
  return pathsRead(parsed.value).find((path) => !TreePath.safeParse(path).success)
}

/** Without `--now` a plan's record stands at the time of its base commit, so that the same inputs always give the same plan. */
async function clocksFor({ now, dir }: PlanRequest, { base }: GovernedClone) {
  return localClocks(now ?? (await timeOf(dir, base)))
}

type Begun = { readonly run: RunId; readonly standing: LocalStanding }

async function begin(local: LocalRun, { base, control }: GovernedClone, request: PlanRequest): Promise<Begun> {
  const { text } = filterFor(process.env)
  const { asking, mode } = request
  const params = asking.is === 'recipe' ? asking.params : {}
  const words = localWords({
    login: local.user.name,
    title: '',
    body: '',
    text: text(textOf(asking)),
    params: cleanParams(params, text),
    labels: [],
  })
  const run = localRunId({ words: words.sha256, base })
  const blobs: readonly NewBlob[] =
    asking.is === 'patch' ? [{ sha256: sha256Hex(asking.bytes), bytes: asking.bytes }] : []
  const standing = await beginLocal(local, {
    run,
    requester: local.user.id,
    words,
    quotes: 'salted',
    base: { ref: 'HEAD', sha: base },
    manifest: control.document,
    mode,
    planner: plannerFor(asking),
    blobs,
  })
  return { run, standing }
}

function cleanParams(
  params: Readonly<Record<string, string>>,
  text: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, text(value)]))
}

function plannerFor(asking: Asking) {
  if (asking.is === 'recipe') return { is: 'recipe', name: asking.name } as const
  return asking.is === 'patch' ? ({ is: 'patch', patch: sha256Hex(asking.bytes) } as const) : ({ is: 'words' } as const)
}

const PLAIN_VALUE = /^[\w ./,-]{1,40}$/

/** The text that becomes the goal: also where nobody wrote one. */
function textOf(asking: Asking): string {
  if (asking.is === 'words') return asking.text
  if (asking.is === 'patch')
    return asking.text === '' ? `Apply the patch ${sha256Hex(asking.bytes).slice(0, 10)}` : asking.text
  const shown = Object.entries(asking.params).map(([name, value]) => `${name} ${PLAIN_VALUE.test(value) ? value : '…'}`)
  return shown.length === 0 ? `Follow ${asking.name}` : `Follow ${asking.name}: ${shown.join(', ')}`
}

/** Gives each round of questions its answers as long as there are any. */
async function answerRounds(
  local: LocalRun,
  { run, standing }: Begun,
  rounds: PlanRequest['answers'],
): Promise<Result<LocalStanding, Stop>> {
  let now = standing
  for (const answers of rounds) {
    if (now.state.open === null) break
    const next = await answerLocal(local, run, answers)
    const declined = next.events.slice(now.events.length).find((event) => event.type === 'AnswerDeclined')
    if (declined !== undefined) {
      const { rule, because } = runEvents.AnswerDeclined.data.parse(declined.data)
      return refuse(stop(2, rule, because, 'mend the answers file'))
    }
    now = next
  }
  return ok(now)
}

async function outcomeOf(opened: OpenedLocal, standing: LocalStanding): Promise<Result<PlanMade, PlanStopped>> {
  const { state, documents } = standing
  if (opened.broken.length === 0 && state.open !== null) {
    const pack = readDocument(documents, state.open.pack, QuestionPack)
    const { ids } = state.open
    return ok({ is: 'blocked', pack, open: pack.questions.filter(({ id }) => ids === null || ids.includes(id)) })
  }
  if (state.phase !== 'proposed') return refuse({ ...howItEnded(opened, standing), log: await lastWords(opened) })
  const { hash, examined } = told(state.plan, 'the plan')
  const plan = readDocument(documents, hash, Plan)
  const { words } = told(state.request, 'the request')
  const file = writePlanFile(plan, words, await opened.ledger.blobs([...new Set(namesFor(plan, state, documents))]))
  const diff = examined === null ? '' : readDocument(documents, examined, Examined).diff
  return ok({ is: 'planned', plan, planHash: hash, file, diff })
}
