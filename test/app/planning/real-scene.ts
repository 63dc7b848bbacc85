import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseYaml } from '../../../src/adapters/control/parse-yaml.ts'
import { readShippedPack } from '../../../src/adapters/control/shipped-pack.ts'
import { inflate } from '../../../src/adapters/git/inflate.ts'
import { type LocalRepository, localRepository } from '../../../src/adapters/git/local-repository.ts'
import { renderDiff } from '../../../src/adapters/rendering/diff-text.ts'
import { memoryPerformer } from '../../../src/app/planning/collect-memory.ts'
import { draftPerformer } from '../../../src/app/planning/draft-performer.ts'
import { promptsIn } from '../../../src/app/planning/prompts.ts'
import { describeModules } from '../../../src/app/recipe-modules.ts'
import { type Governed, governed } from '../../../src/domain/control/governed.ts'
import { loadManifest } from '../../../src/domain/control/load-manifest.ts'
import type { EffectBody, RepositoryRef } from '../../../src/domain/effects.ts'
import {
  type Documents,
  documentsOf,
  type NewBlob,
  readDocument,
  toDocument,
  toWords,
} from '../../../src/domain/packs/documents.ts'
import { Examined } from '../../../src/domain/packs/examined.ts'
import { FabricationFacts } from '../../../src/domain/packs/fabrication-facts.ts'
import { formIntent } from '../../../src/domain/packs/form-intent.ts'
import type { Intent } from '../../../src/domain/packs/intent.ts'
import { MemoryPack } from '../../../src/domain/packs/memory-pack.ts'
import { Draft } from '../../../src/domain/packs/plan.ts'
import { Questions } from '../../../src/domain/packs/question-pack.ts'
import type { Planner } from '../../../src/domain/run/inputs.ts'
import { modules } from '../../../src/entry/modules.ts'
import { aQuestion } from '../../support/a-question.ts'
import { plainFilter } from '../../support/plain-filter.ts'

type TestContent = string | Uint8Array | { readonly link: string }
export type TestFiles = Readonly<Record<string, TestContent>>

export type TestRepository = {
  readonly dir: string
  readonly head: string
  readonly reader: LocalRepository
  readonly remove: () => void
}

/** A real git repository with one commit of these files. */
export async function repositoryWith(files: TestFiles): Promise<TestRepository> {
  const dir = mkdtempSync(join(tmpdir(), 'planning-'))
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
      cwd: dir,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    }).trim()
  git('init', '-q')
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    if (typeof content === 'object' && 'link' in content) symlinkSync(content.link, join(dir, path))
    else writeFileSync(join(dir, path), content)
  }
  git('add', '-A')
  git('commit', '-q', '--allow-empty', '-m', 'start')
  const head = git('rev-parse', 'HEAD')
  return { dir, head, reader: await localRepository(dir), remove: () => rmSync(dir, { recursive: true, force: true }) }
}

const REPOSITORY: RepositoryRef = {
  id: '1',
  ownerId: '2',
  owner: 'o',
  name: 'r',
  defaultBranch: 'main',
  installation: '3',
}

export async function shippedManifest(recipes: Readonly<Record<string, string>> = {}): Promise<Governed> {
  const files = Object.entries(recipes).map(([name, text]) => ({
    path: `recipes/${name.endsWith('.js') ? name : `${name}.yml`}`,
    bytes: Buffer.from(text),
  }))
  const shipped = await readShippedPack()
  const loaded = loadManifest({
    engine: 'test',
    shipped: { ref: 'test', files: shipped },
    describe: await describeModules(modules, [...shipped, ...files]),
    repository: files.length === 0 ? null : { ref: 'test', files },
    parseYaml,
  })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.refusal))
  return governed(loaded.value)
}

export type Request = {
  readonly planner: Planner
  readonly goal?: string
  readonly params?: Readonly<Record<string, string>>
  readonly answers?: Readonly<Record<string, string>>
  readonly patch?: Uint8Array
  readonly manifest?: Governed
}

export type Drafted =
  | {
      readonly is: 'draft'
      readonly hash: string
      readonly draft: Draft
      readonly facts: FabricationFacts
      readonly examined: Examined
      readonly documents: Documents
    }
  | { readonly is: 'questions'; readonly questions: Questions['questions']; readonly documents: Documents }
  | {
      readonly is: 'refused'
      readonly rule: string
      readonly because: string
      readonly next: string
      readonly documents: Documents
    }

const ABOUT = {
  key: 'r/1/0',
  stream: 'run/r',
  run: null,
  repository: REPOSITORY,
  event: { seq: 1, hash: '0'.repeat(64) },
  attempt: 1,
  secret: () => new Uint8Array(32).fill(5),
}

/** Runs both performers on a repository the way a run does, and reads back what they stored. */
export async function draftIn(repository: TestRepository, request: Request): Promise<Drafted> {
  return draftOn(repository, await basisIn(repository, request))
}

/** What a draft is made from: the record, with the MemoryPack in it. */
export type Basis = { readonly body: EffectBody<'draft'>; readonly documents: Documents }

export async function basisIn(repository: TestRepository, request: Request): Promise<Basis> {
  const { blobs, body } = recordOf(request, await shippedManifest())
  const memory = await memoryPerformer({ readerFor: () => repository.reader, recall: async () => [] })({
    ...ABOUT,
    body: { base: repository.head, intent: body.intent, at: AT },
    documents: documentsOf(blobs),
  })
  const base = { ref: 'main', sha: repository.head, tree: memory.result.tree }
  return {
    body: { ...body, base, memory: memory.result.pack },
    documents: documentsOf([...blobs, ...memory.blobs]),
  }
}

export async function draftOn(repository: TestRepository, { body, documents }: Basis): Promise<Drafted> {
  const { result, blobs: made } = await draftPerformer({
    readerFor: () => repository.reader,
    inflate,
    render: renderDiff,
    filter: plainFilter,
    modules,
    model: null,
    prompts: promptsIn(await readShippedPack()),
  })({ ...ABOUT, body, documents })
  const all = documentsOf(made, documents)
  if (result.is === 'needs-model') throw new Error('there is no model to ask')
  if (result.is === 'refused') return { ...result, documents: all }
  if (result.is === 'questions')
    return { is: 'questions', questions: readDocument(all, result.questions, Questions).questions, documents: all }
  return {
    is: 'draft',
    hash: result.draft,
    draft: readDocument(all, result.draft, Draft),
    facts: readDocument(all, result.facts, FabricationFacts),
    examined: readDocument(all, result.examined, Examined),
    documents: all,
  }
}

function recordOf(request: Request, shipped: Governed) {
  const salt = new Uint8Array(32)
  const words = toWords(
    { login: 'ana', title: '', body: '', text: request.goal ?? '', params: request.params ?? {} },
    salt,
  )
  const intent = toDocument(intentOf(request.goal ?? 'change something'))
  const manifest = toDocument(request.manifest ?? shipped)
  const given = Object.entries(request.answers ?? {})
  const answerWords = toWords(
    {
      login: 'lee',
      title: '',
      body: '',
      text: '',
      params: Object.fromEntries(given.map(([, value], i) => [`q${i + 1}`, value])),
    },
    salt,
  )
  const asked = toDocument({
    v: 1,
    round: 1,
    questions: given.map(([about], i) =>
      aQuestion({
        id: `q${i + 1}`,
        about,
        text: '?',
      }),
    ),
    deadline: '2026-01-01T00:00:00.000Z',
  })
  const answers = toDocument({
    v: 1,
    pack: asked.sha256,
    author: { id: '8', kind: 'User', role: 'maintain' },
    commentId: '9',
    words: answerWords.sha256,
    answers: given.map(([about], i) => ({ id: `q${i + 1}`, about })),
  })
  const patch: readonly NewBlob[] =
    request.patch === undefined || request.planner.is !== 'patch'
      ? []
      : [{ sha256: request.planner.patch, bytes: request.patch }]
  const body = {
    intent: intent.sha256,
    manifest: manifest.sha256,
    answers: given.length === 0 ? [] : [answers.sha256],
    amendments: [],
    words: words.sha256,
    planner: request.planner,
    round: 1,
    comments: [],
    transcript: [],
  }
  return { body, blobs: [words, intent, manifest, answerWords, asked, answers, ...patch] }
}

const AT = '2026-01-01T00:00:00.000Z'

export async function memoryOf(repository: TestRepository, goal = 'change something', at = AT): Promise<MemoryPack> {
  const intent = toDocument(intentOf(goal))
  const performed = await memoryPerformer({ readerFor: () => repository.reader, recall: async () => [] })({
    ...ABOUT,
    body: { base: repository.head, intent: intent.sha256, at },
    documents: documentsOf([intent]),
  })
  return readDocument(documentsOf(performed.blobs), performed.result.pack, MemoryPack)
}

/** The Intent of a goal, as a run forms it. */
export function intentOf(goal: string): Intent {
  const text = `${goal}\n\n- [ ] the tests pass`
  const about = { mode: 'semi_auto', requester: '7', recipe: null, amendments: [] } as const
  return formIntent({ login: 'ana', title: '', body: '', text, params: {}, labels: [] }, about)
}

/** The bytes that a draft leaves at a path. */
export function bytesAt(drafted: Extract<Drafted, { is: 'draft' }>, path: string): string | undefined {
  const edits = drafted.draft.steps.flatMap((step) => (step.is === 'edit' ? step.edits : []))
  const after = edits.find((edit) => edit.path === path)?.after
  const ref = drafted.draft.contents.find((content) => content.blob === after?.blob)
  const bytes = ref === undefined ? undefined : drafted.documents(ref.sha256)
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1')
}
