import { readShippedPack } from '../../../src/adapters/control/shipped-pack.ts'
import { inflate } from '../../../src/adapters/git/inflate.ts'
import { memoryLedger } from '../../../src/adapters/ledger/memory.ts'
import { renderDiff } from '../../../src/adapters/rendering/diff-text.ts'
import { ed25519Signer } from '../../../src/adapters/signing/ed25519.ts'
import { journal } from '../../../src/app/journal.ts'
import { answerLocal, beginLocal, type LocalRun, localRunId, localWords } from '../../../src/app/local-run.ts'
import { askModelPerformer } from '../../../src/app/planning/ask-model.ts'
import { memoryPerformer } from '../../../src/app/planning/collect-memory.ts'
import { draftPerformer } from '../../../src/app/planning/draft-performer.ts'
import type { Model } from '../../../src/app/planning/model.ts'
import { promptsIn } from '../../../src/app/planning/prompts.ts'
import type { Performers } from '../../../src/app/ports.ts'
import { type Replayed, replay } from '../../../src/app/replay.ts'
import { performNext } from '../../../src/app/worker.ts'
import { plus } from '../../../src/domain/clock.ts'
import type { Governed } from '../../../src/domain/control/governed.ts'
import type { Policy } from '../../../src/domain/control/policy.ts'
import { sha256Hex } from '../../../src/domain/hash.ts'
import { type Documents, readDocument, toDocument } from '../../../src/domain/packs/documents.ts'
import { FabricationFacts } from '../../../src/domain/packs/fabrication-facts.ts'
import { Draft } from '../../../src/domain/packs/plan.ts'
import { type Question, QuestionPack } from '../../../src/domain/packs/question-pack.ts'
import { Verdicts } from '../../../src/domain/packs/verdicts.ts'
import type { EventEnvelope } from '../../../src/domain/run/envelope.ts'
import type { RunState } from '../../../src/domain/run/state.ts'
import { modules } from '../../../src/entry/modules.ts'
import { plainFilter } from '../../support/plain-filter.ts'
import { shippedManifest, type TestRepository } from './real-scene.ts'

export type Planning = {
  readonly model: Model | null
  readonly goal?: string
  readonly policy?: Partial<Policy>
  readonly limits?: Partial<Policy['limits']>
  readonly recipes?: boolean
  readonly answers?: Readonly<Record<string, string>>
  /** The failure that the scene is about; any other is the test's. */
  readonly tolerates?: string
}

/** How planning came to rest, with the whole record of it. */
export type Planned = {
  readonly state: RunState
  readonly events: readonly EventEnvelope[]
  readonly documents: Documents
  readonly waits: readonly number[]
  readonly draft: Draft
  readonly facts: FabricationFacts
  readonly questions: readonly Question[]
  readonly verdicts: string
  /** The draft's bytes at a path, as text. */
  textAt(path: string): string | undefined
  replayed(): Replayed
}

/** Plans words on a real repository with the real coordinator, worker and performers; only the dry run is left out. */
export async function planWords(repository: TestRepository, planning: Planning): Promise<Planned> {
  const { ledger, queue } = memoryLedger()
  const runs = journal({ ledger, queue })
  const waits: number[] = []
  let now = '2026-03-01T09:00:00.000Z'
  const clock = { now: () => now }
  const performers = await performersFor(repository, planning.model, waits)
  const broken: string[] = []
  const log = (_level: string, _message: string, about: { readonly error?: string | number }) => {
    const error = String(about.error ?? '')
    if (error !== '' && !(planning.tolerates !== undefined && error.includes(planning.tolerates))) broken.push(error)
  }
  const local: LocalRun = {
    journal: runs,
    worker: {
      ledger,
      queue,
      journal: runs,
      performers,
      signer: ed25519Signer(new Uint8Array(32).fill(1)),
      clock,
      log,
      filter: plainFilter,
      name: 'w',
    },
    clock,
    repository: { id: '1', ownerId: '2', owner: 'o', name: 'r', defaultBranch: 'main', installation: '3' },
    reader: repository.reader,
    user: { id: '7', name: 'ana' },
    engine: { version: '0.1.0', digest: sha256Hex('engine') },
  }
  const words = localWords({
    login: 'ana',
    title: '',
    body: '',
    text: planning.goal ?? 'Let greet say good morning',
    params: {},
    labels: [],
  })
  const run = localRunId({ words: words.sha256 })
  /** What is tried again later has been tried again. */
  const afterHours = async () => {
    for (let hour = 0; hour < 12; hour += 1) {
      now = plus(now, 3_600_000)
      while ((await performNext(local.worker)) === 'performed');
    }
    return runs.load(run)
  }
  const first = await beginLocal(local, {
    run,
    requester: '7',
    words,
    quotes: 'salted',
    base: { ref: 'refs/heads/main', sha: repository.head },
    manifest: toDocument(await manifestFor(planning)),
    mode: null,
    planner: { is: 'words' },
    blobs: [],
  })
  const standing = planning.answers === undefined ? first : await answerLocal(local, run, planning.answers)
  const rested = planning.tolerates === undefined ? standing : await afterHours()
  if (broken[0] !== undefined) throw new Error(broken[0])
  const { draft } = rested.state
  const contents = draft === null ? [] : readDocument(rested.documents, draft, Draft).contents
  const bytes = await ledger.blobs(contents.map(({ sha256 }) => sha256))
  return plannedFrom({ ...rested, documents: (sha256) => bytes.get(sha256) ?? rested.documents(sha256) }, waits)
}

async function performersFor(repository: TestRepository, model: Model | null, waits: number[]): Promise<Performers> {
  const readerFor = () => repository.reader
  const prompts = promptsIn(await readShippedPack())
  const nobody = () => Promise.reject(new Error('a clone has nobody to tell'))
  return {
    react: nobody,
    card: nobody,
    comment: nobody,
    check: nobody,
    label: nobody,
    'collect-memory': memoryPerformer({ readerFor, recall: async () => [] }),
    draft: draftPerformer({ readerFor, inflate, render: renderDiff, filter: plainFilter, modules, model, prompts }),
    'ask-model': askModelPerformer({
      model,
      wait: async (ms) => {
        if (ms > 0) waits.push(ms)
      },
    }),
    'open-pull-request': nobody,
    commit: nobody,
    'look-at-source': nobody,
    'request-review': nobody,
    observe: nobody,
    dispatch: async () => ({ result: { workflowRunId: '1', envelope: sha256Hex('no job') }, blobs: [] }),
    'cancel-job': nobody,
    ready: nobody,
    close: nobody,
    'keep-evidence': nobody,
    'mark-rolled-back': nobody,
  }
}

const shippedOnce = shippedManifest()

async function manifestFor({ policy = {}, limits = {}, recipes = true }: Planning): Promise<Governed> {
  const shipped = await shippedOnce
  const changed = { ...shipped.policy, ...policy, limits: { ...shipped.policy.limits, ...limits } }
  return { ...shipped, policy: changed, recipes: recipes ? shipped.recipes : [] }
}

type Standing = Pick<Planned, 'state' | 'events' | 'documents'>

function plannedFrom({ state, events, documents }: Standing, waits: readonly number[]): Planned {
  const draft = () => {
    if (state.draft === null)
      throw new Error(`there is no draft: ${state.phase} ${state.end?.rule} ${state.end?.because}`)
    return readDocument(documents, state.draft, Draft)
  }
  return {
    state,
    events,
    documents,
    waits,
    get draft() {
      return draft()
    },
    get facts() {
      return readDocument(documents, state.draftFacts ?? '', FabricationFacts)
    },
    get questions() {
      if (state.open === null) throw new Error(`nothing is asked: ${state.phase} ${state.end?.because}`)
      return readDocument(documents, state.open.pack, QuestionPack).questions
    },
    verdicts: state.verdicts
      .map(({ document }) => JSON.stringify(readDocument(documents, document, Verdicts)))
      .join('\n'),
    textAt: (path) => {
      const edits = draft().steps.flatMap((step) => (step.is === 'edit' ? step.edits : []))
      const after = edits.find((edit) => edit.path === path)?.after
      const ref = draft().contents.find((content) => content.blob === after?.blob)
      const bytes = ref === undefined ? undefined : documents(ref.sha256)
      return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8')
    },
    replayed: () => replay({ events, documents }),
  }
}
