import { renderDiff } from '../../src/adapters/rendering/diff-text.ts'
import { ed25519Signer } from '../../src/adapters/signing/ed25519.ts'
import { sealStatement } from '../../src/app/runner/statements.ts'
import { fixedPart } from '../../src/domain/control/glob.ts'
import { governed } from '../../src/domain/control/governed.ts'
import type { Policy } from '../../src/domain/control/policy.ts'
import { applyEdits, blobId } from '../../src/domain/git-objects.ts'
import type { Grant } from '../../src/domain/grant.ts'
import { hashOf, type Sha256, sha1Hex, sha256Hex } from '../../src/domain/hash.ts'
import { capabilityUsed, pathsGranted } from '../../src/domain/job-capabilities.ts'
import { type BaseFiles, toBaseFiles } from '../../src/domain/packs/base-files.ts'
import { commandFact } from '../../src/domain/packs/command-facts.ts'
import { type Documents, type NewBlob, toDocument, toWords } from '../../src/domain/packs/documents.ts'
import { evidenceFact } from '../../src/domain/packs/evidence-facts.ts'
import type { FabricationFacts } from '../../src/domain/packs/fabrication-facts.ts'
import { toMemoryPack } from '../../src/domain/packs/memory.ts'
import { pathFacts } from '../../src/domain/packs/path-facts.ts'
import type { HeldRole, Person, Words } from '../../src/domain/packs/people.ts'
import type { Draft, Step } from '../../src/domain/packs/plan.ts'
import type { Edit, Entry } from '../../src/domain/patch/edit.ts'
import { judgeEdits } from '../../src/domain/patch/judge-edits.ts'
import { diffSha256 } from '../../src/domain/patch/raw-diff.ts'
import { DELIVERY_TYPE, type Delivery, STEP_RECEIPT_TYPE, type StepReceipt } from '../../src/domain/receipt.ts'
import { combine } from '../../src/domain/run/decide/freeze.ts'
import { secretsInChange } from '../../src/domain/secrets/secrets-in-change.ts'
import { toCheckout } from '../../src/domain/targets/checkout.ts'
import { loaded } from '../domain/control/shipped.ts'
import { plainFilter } from './plain-filter.ts'

export const RUN = '0a1b2c3d4e'
export const OTHER_RUN = '5f6g7h8j9k'
export const controller = ed25519Signer(new Uint8Array(32).fill(1))
export const runner = ed25519Signer(new Uint8Array(32).fill(2))
export const stranger = ed25519Signer(new Uint8Array(32).fill(3))

/** Everything that was written beside a run's events. */
export type Shelf = {
  readonly blobs: Map<Sha256, Uint8Array>
  readonly documents: Documents
  put(blob: NewBlob): Sha256
  document(value: unknown): Sha256
  words(words?: Partial<Words>): Sha256
}

export function newShelf(): Shelf {
  const blobs = new Map<Sha256, Uint8Array>()
  const put = ({ sha256, bytes }: NewBlob) => {
    blobs.set(sha256, bytes)
    return sha256
  }
  return {
    blobs,
    documents: (sha256) => blobs.get(sha256),
    put,
    document: (value) => put(toDocument(value)),
    words: (words) =>
      put(toWords({ login: 'ana', title: '', body: '', text: '', params: {}, ...words }, new Uint8Array(32).fill(7))),
  }
}

export function person(id: string, role: HeldRole, kind: Person['kind'] = 'User'): Person {
  return { id, kind, role }
}
export const ana = person('1', 'write')
export const lee = person('2', 'maintain')
export const mia = person('3', 'write')
export const reader = person('4', 'read')
export const bot = person('5', 'write', 'Bot')

const text = (content: string) => new TextEncoder().encode(content)

/** The repository as it stands at the base commit. */
export const FILES: Readonly<Record<string, Uint8Array>> = {
  'README.md': text('# Sample\n'),
  'package.json': text('{"name":"sample","scripts":{"format":"fmt","test":"node --test"}}\n'),
  'src/index.js': text("fs.rmdir('old')\n"),
}
export const CHANGED = text("fs.rm('old')\n")

export const baseEntries: readonly Entry[] = Object.entries(FILES).map(([path, bytes]) => ({
  path,
  mode: '100644',
  blob: blobId(bytes),
}))
export const BASE_SHA = sha1Hex('the base commit')
export const BASE_TREE = treeAfter([])
const baseFiles: BaseFiles = toBaseFiles(baseEntries)

export function treeAfter(edits: readonly Edit[]): string {
  const applied = applyEdits(baseEntries, edits)
  if (!applied.ok) throw new Error(applied.refusal.because)
  return applied.value.treeId
}

export function edit(path = 'src/index.js', content: Uint8Array | null = CHANGED): Edit {
  const before = baseEntries.find((entry) => entry.path === path)
  return {
    path,
    before: before === undefined ? null : { mode: before.mode, blob: before.blob },
    after: content === null ? null : { mode: '100644', blob: blobId(content) },
  }
}

export const editStep = (edits: readonly Edit[] = [edit()]): Step => ({ id: 'edit', is: 'edit', edits: [...edits] })
export const verifyStep: Step = { id: 'tests', is: 'verify', argv: ['npm', 'test'], criteria: [] }
const shipped = governed(loaded())
export const shippedLanes = shipped.policy.lanes
/** Plays take the standard lane unless they say otherwise. */
const standard = { light: { ...shippedLanes.light, enabled: false } }

/** The shipped control plane with the light lane closed, and with fields of the policy changed. */
export function governedWith(policy: Partial<Policy> = {}) {
  return { ...shipped, policy: { ...shipped.policy, lanes: standard, ...policy } }
}
export const shippedPolicy = governedWith().policy

const NEED = { text: 'change something', intent: null, at: '2026-01-01T00:00:00.000Z', budget: 1000 }

export function memoryPack(sha = BASE_SHA) {
  const entries = baseEntries.map((entry) => ({ ...entry, size: FILES[entry.path]?.length ?? 0 }))
  const byBlob = new Map(Object.values(FILES).map((bytes) => [blobId(bytes), bytes]))
  return toMemoryPack({ sha, tree: BASE_TREE, entries, read: (blob) => byBlob.get(blob) }, NEED, [])
}

export function contentOf(bytes: Uint8Array) {
  return { blob: blobId(bytes), sha256: sha256Hex(bytes), bytes: bytes.length }
}

export type DraftBasis = Pick<Draft, 'intent' | 'memory' | 'manifest' | 'answers'>

export function draft(basis: DraftBasis, changes: Partial<Draft> = {}): Draft {
  return {
    v: 1,
    ...basis,
    assumptions: [],
    base: { ref: 'refs/heads/main', sha: BASE_SHA, tree: BASE_TREE },
    drafter: { is: 'recipe', name: 'replace-text', version: '1' },
    steps: [editStep(), verifyStep],
    noVerify: null,
    reads: [],
    evidence: [],
    contents: [contentOf(CHANGED)],
    ...changes,
  }
}

export function factsFor(made: Draft, policy: Policy = shippedPolicy): FabricationFacts {
  const edits = made.steps.flatMap((step) => (step.is === 'edit' ? step.edits : []))
  const outputs = made.steps.flatMap((step) => (step.is === 'run' ? step.outputs.map(fixedPart) : []))
  const claims = [
    ...edits.map(({ path, before }) => ({ path, claims: before === null ? ('is-new' as const) : ('exists' as const) })),
    ...made.reads.map((path) => ({ path, claims: 'exists' as const })),
    ...outputs.filter((path) => path !== '').map((path) => ({ path, claims: 'may-exist' as const })),
  ]
  const byBlob = new Map(Object.values(FILES).map((bytes) => [blobId(bytes), bytes]))
  const checkout = toCheckout(baseEntries, (blob) => byBlob.get(blob))
  const sources = { base: { sha: made.base.sha, files: baseFiles, text: checkout.text }, comments: [], events: [] }
  return {
    v: 1,
    base: made.base.sha,
    paths: [...pathFacts(claims, baseFiles)],
    commands: made.steps.flatMap((step) =>
      step.is === 'edit' ? [] : [commandFact(step.id, step.argv, { policy, checkout })],
    ),
    evidence: made.evidence.map((ref) => evidenceFact(ref, sources)),
    checks: [],
    model: null,
  }
}

export function examined(edits: readonly Edit[], contents: readonly Uint8Array[] = [CHANGED]) {
  const bytes = new Map([...Object.values(FILES), ...contents].map((one) => [blobId(one), one]))
  const rendered = renderDiff(edits, (blob) => bytes.get(blob))
  const faults = judgeEdits({
    edits,
    base: baseEntries,
    contents: bytes,
    limits: shippedPolicy.limits,
    allow: { symlinks: false, submodules: false },
  })
  return {
    v: 1,
    diffSha256: diffSha256(edits),
    diff: rendered.text,
    added: rendered.added,
    removed: rendered.removed,
    unread: [...rendered.unread],
    faults: [...faults],
    secrets: secretsInChange(edits, bytes, plainFilter).brought,
  }
}

export type JobOutcome = {
  /** The step that ends badly, with the reason. */
  readonly failing?: { readonly step: string; readonly because: string }
  readonly tree?: string
  readonly reproduced?: boolean
  /** What a run step's declared outputs came out as. */
  readonly frozen?: readonly {
    readonly step: string
    readonly edits: readonly Edit[]
    readonly contents: readonly Uint8Array[]
  }[]
  readonly receipts?: (receipts: readonly StepReceipt[]) => readonly StepReceipt[]
  readonly signer?: typeof runner
}

/** A job's account as the runner makes it: a chain of signed receipts and a signed delivery, put on the shelf. */
export function jobAccount(shelf: Shelf, grant: Grant, steps: readonly Step[], outcome: JobOutcome = {}) {
  const signer = outcome.signer ?? runner
  const logs: { step: string; stdout: Sha256; stderr: Sha256 }[] = []
  const names: Sha256[] = []
  for (const receipt of (outcome.receipts ?? ((all) => all))(receiptsOf(shelf, grant, steps, outcome))) {
    const chained: StepReceipt = { ...receipt, previous: names.at(-1) ?? null }
    const { command } = chained
    if (command !== null)
      logs.push({ step: chained.step, stdout: command.stdout.sha256, stderr: command.stderr.sha256 })
    names.push(shelf.document(sealStatement(signer, STEP_RECEIPT_TYPE, `${grant.id}/${chained.index}`, chained)))
  }
  const frozen = (outcome.frozen ?? []).map(({ step, edits, contents }) => ({
    step,
    edits: [...edits],
    contents: contents.map(contentOf),
  }))
  for (const { contents } of outcome.frozen ?? [])
    for (const bytes of contents) shelf.put({ sha256: sha256Hex(bytes), bytes })
  const { failing } = outcome
  const delivery: Delivery = {
    v: 1,
    grant: grant.id,
    outcome: failing === undefined ? { is: 'done' } : { is: 'failed', step: failing.step, because: failing.because },
    receipts: names,
    frozen,
    tree: failing === undefined ? (outcome.tree ?? treeAfter(changeOf(steps, outcome))) : null,
    reproduced: outcome.reproduced ?? true,
    logs,
  }
  return { delivery: shelf.document(sealStatement(signer, DELIVERY_TYPE, grant.id, delivery)), receipts: names }
}

export function changeOf(steps: readonly Step[], { frozen = [] }: JobOutcome = {}): readonly Edit[] {
  return combine(
    steps.map((step) =>
      step.is === 'run' && step.frozen === null
        ? { ...step, frozen: [...(frozen.find((one) => one.step === step.id)?.edits ?? [])] }
        : step,
    ),
  )
}

function receiptsOf(shelf: Shelf, grant: Grant, steps: readonly Step[], outcome: JobOutcome): readonly StepReceipt[] {
  const output = shelf.put({ sha256: sha256Hex('ok\n'), bytes: text('ok\n') })
  const nothing = shelf.put({ sha256: sha256Hex(''), bytes: text('') })
  const end =
    outcome.failing === undefined ? steps.length : steps.findIndex((step) => step.id === outcome.failing?.step) + 1
  let before = BASE_TREE
  return steps.slice(0, end).map((step, index): StepReceipt => {
    const failed = outcome.failing?.step === step.id
    const after =
      index === steps.length - 1 && outcome.tree !== undefined
        ? outcome.tree
        : treeAfter(changeOf(steps.slice(0, index + 1), outcome))
    const receipt: StepReceipt = {
      v: 1,
      grant: grant.id,
      run: grant.run,
      purpose: grant.purpose,
      index,
      step: step.id,
      kind: step.is,
      capability: capabilityUsed(step, grant.capabilities) ?? 'none',
      budgets:
        step.is === 'edit'
          ? [{ of: 'paths', reserved: pathsGranted(grant), settled: step.edits.length }]
          : [
              { of: 'wall-ms', reserved: grant.limits.stepWallMs, settled: 90 },
              { of: 'output-bytes', reserved: grant.limits.outputBytes, settled: 3 },
            ],
      outcome: failed ? { is: 'failed', because: outcome.failing.because } : { is: 'done' },
      command:
        step.is === 'edit'
          ? null
          : {
              argv: [...step.argv],
              binary: { path: `/usr/bin/${step.argv[0] ?? ''}`, sha256: hashOf(step.argv[0]) },
              ended: 'exited',
              exitCode: failed ? 1 : 0,
              stdout: { sha256: output, bytes: 3 },
              stderr: { sha256: nothing, bytes: 0 },
              network: 'none',
            },
      treeBefore: before,
      treeAfter: after,
      discarded: [],
      startedAt: '2026-01-01T00:00:00.000Z',
      durationMs: 100,
      previous: null,
    }
    before = after
    return receipt
  })
}
