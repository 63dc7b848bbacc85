import { governed } from '../../src/domain/control/governed.ts'
import { blobId } from '../../src/domain/git-objects.ts'
import { sha256Hex } from '../../src/domain/hash.ts'
import { locksOf } from '../../src/domain/lock-keys.ts'
import { type NewBlob, toDocument, toWords } from '../../src/domain/packs/documents.ts'
import { formIntent } from '../../src/domain/packs/form-intent.ts'
import { Plan } from '../../src/domain/packs/plan.ts'
import { comparePaths } from '../../src/domain/patch/edit.ts'
import { diffSha256 } from '../../src/domain/patch/raw-diff.ts'
import { assessRisk, laneFor } from '../../src/domain/risk.ts'
import { limitsOf } from '../../src/domain/run/decide/grants.ts'
import type { RunInput } from '../../src/domain/run/events.ts'
import { loaded } from '../domain/control/shipped.ts'
import { BASE_SHA, BASE_TREE, contentOf, draft, editStep, memoryPack, verifyStep } from '../support/builders.ts'

/** How many runs are under way at once in one repository, and over how few files they contend. */
export const SLOTS = 10
export const PATHS = ['a.txt', 'docs/b.txt', 'docs/c.txt', 'docs', 'src/d.js']
/** After so many operations the contestants go on to the next repository, so that several lock streams are long. */
export const TURNS = 2000

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz'

/** The id of the run that stands in a slot in its nth generation. */
export function runIn(repository: number, slot: number, generation: number): string {
  let rest = (repository * 100 + slot) * 10_000 + generation
  let id = ''
  for (let i = 0; i < 10; i += 1) {
    id = `${CROCKFORD[rest % 32] ?? '0'}${id}`
    rest = Math.floor(rest / 32)
  }
  return id
}

/** The paths that a run writes: what a run wants follows from its id. */
export function pathsOf(run: string): readonly string[] {
  const first = Number.parseInt(sha256Hex(run).slice(0, 4), 16)
  const wanted = PATHS.filter((_path, i) => ((first >> i) & 1) === 1)
  return wanted.length === 0 ? PATHS.slice(0, 1) : wanted
}

const manifest = governed(loaded())
const CONTENT = new TextEncoder().encode('new\n')
const local = { id: '1', kind: 'Local', role: 'admin' } as const
const words = toWords(
  { login: 'ana', title: '', body: '', text: 'Race', params: {}, labels: [] },
  new Uint8Array(32).fill(7),
)

type Given = { readonly input: RunInput; readonly blobs: readonly NewBlob[] }

/** A request on a plain clone whose plan is finished: from here on only the locks decide. */
export function request(run: string, repository: number, at: string): Given {
  const governedDocument = toDocument(manifest)
  const plan = toDocument(planFor(run, governedDocument.sha256))
  const data = {
    run,
    venue: 'local',
    via: { is: 'cli' },
    instance: 'race',
    site: 'https://github.example',
    repository: {
      id: String(repository),
      ownerId: '1',
      owner: 'o',
      name: 'r',
      defaultBranch: 'main',
      installation: '1',
    },
    issue: null,
    requester: local,
    words: words.sha256,
    mode: null,
    planner: { is: 'plan', plan: plan.sha256 },
    base: { ref: 'refs/heads/main', sha: BASE_SHA },
    manifest: governedDocument.sha256,
    engine: { version: '0.1.0', digest: sha256Hex('engine') },
  } as const
  const blobs = [words, governedDocument, plan, { sha256: sha256Hex(CONTENT), bytes: CONTENT }]
  return { input: { type: 'RequestReceived', by: 'local:1', at, data }, blobs }
}

function planFor(run: string, manifestHash: string): Plan {
  const { policy } = manifest
  const edits = pathsOf(run)
    .map((path) => ({ path, before: null, after: { mode: '100644' as const, blob: blobId(CONTENT) } }))
    .sort((a, b) => comparePaths(a.path, b.path))
  const read = { login: 'ana', title: '', body: '', text: 'Race', params: {}, labels: [] }
  const intent = formIntent(read, { mode: policy.modes.default, requester: '1', recipe: null, amendments: [] })
  const basis = { intent: toDocument(intent).sha256, memory: toDocument(memoryPack()).sha256, manifest: manifestHash }
  const { evidence: _evidence, ...made } = draft({ ...basis, answers: [] }, { contents: [contentOf(CONTENT)] })
  const steps = [editStep(edits), verifyStep]
  const risk = assessRisk({ steps, edits, contents: made.contents }, policy)
  return Plan.parse({
    ...made,
    steps,
    edits,
    diffSha256: diffSha256(edits),
    predictedTree: BASE_TREE,
    locks: locksOf(
      edits.map(({ path }) => path),
      steps,
    ),
    risk,
    lane: laneFor(risk),
    limits: limitsOf(policy),
  })
}

export function memory(key: string, at: string): Given {
  const pack = toDocument(memoryPack())
  const outcome = { is: 'performed', result: { tree: BASE_TREE, pack: pack.sha256 }, receipt: pack.sha256 } as const
  const data = { key, effect: 'collect-memory', attempts: 1, outcome, locks: null }
  return { input: { type: 'EffectSettled', by: 'agentos', at, data }, blobs: [pack] }
}

type Locks = Extract<RunInput, { type: 'ReviewSeen' }>['data']['locks']

export function approval(at: string, locks: Locks): Given {
  const data = { reviewId: '1', author: local, state: 'approved', commit: null, words: words.sha256, locks } as const
  return { input: { type: 'ReviewSeen', by: 'local:1', at, data }, blobs: [] }
}

export function stop(at: string, locks: Locks): Given {
  const data = { commentId: '1', author: local, words: words.sha256, locks }
  return { input: { type: 'StopAsked', by: 'local:1', at, data }, blobs: [] }
}

export function timer(run: string, about: { name: string; about: string; at: string }, locks: Locks): Given {
  const data = { key: `${run}/1/0`, name: about.name, about: about.about, locks }
  return { input: { type: 'TimerFired', by: 'agentos', at: about.at, data }, blobs: [] }
}
