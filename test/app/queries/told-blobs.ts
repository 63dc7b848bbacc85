import { ed25519Signer } from '../../../src/adapters/signing/ed25519.ts'
import { canonicalJson } from '../../../src/domain/canonical.ts'
import { toStatement } from '../../../src/domain/dsse.ts'
import { sha256Hex } from '../../../src/domain/hash.ts'
import { type NewBlob, toDocument } from '../../../src/domain/packs/documents.ts'
import type { FabricationFacts } from '../../../src/domain/packs/fabrication-facts.ts'
import type { Step } from '../../../src/domain/packs/plan.ts'
import type { Edit } from '../../../src/domain/patch/edit.ts'
import { DELIVERY_TYPE, STEP_RECEIPT_TYPE } from '../../../src/domain/receipt.ts'

export const BASE = 'b'.repeat(40)
export const BASE_TREE = 'a'.repeat(40)
export const TREE = 'e'.repeat(40)
export const AT = '2026-11-20T10:00:00.000Z'

export const jobClaims = {
  issuer: 'https://issuer.test',
  repositoryId: '42',
  repositoryOwnerId: '7',
  workflowRef: 'w',
  workflowSha: 's',
  runId: '1',
  runAttempt: '1',
  actorId: '99',
  ref: 'refs/heads/main',
  sha: BASE,
}

const signer = ed25519Signer(new Uint8Array(32).fill(7))

/** A statement in an envelope with a real signature. */
export function signed(type: string, name: string, predicate: Parameters<typeof toStatement>[2]): NewBlob {
  return toDocument(signer.sign(Buffer.from(canonicalJson(toStatement(type, name, predicate)))))
}

type Job = { readonly index: number; readonly run: string; readonly grant: string; readonly purpose: string }

export function stepReceipt(step: Step, { index, run, grant, purpose }: Job): NewBlob {
  const command = {
    argv: step.is === 'verify' ? [...step.argv] : [],
    binary: { path: '/usr/bin/npm', sha256: '1'.repeat(64) },
    ended: 'exited',
    exitCode: 0,
    stdout: { sha256: '2'.repeat(64), bytes: 12 },
    stderr: { sha256: '3'.repeat(64), bytes: 0 },
    network: 'none',
  }
  return signed(STEP_RECEIPT_TYPE, step.id, {
    v: 1,
    grant,
    run,
    purpose,
    index,
    step: step.id,
    kind: step.is,
    capability: step.is,
    outcome: { is: 'done' },
    command: step.is === 'verify' ? command : null,
    treeBefore: BASE_TREE,
    treeAfter: TREE,
    discarded: [],
    startedAt: AT,
    durationMs: 1200 + index,
    previous: null,
  })
}

export function deliveryOf(grant: string, receipts: readonly NewBlob[]): NewBlob {
  const hashes = receipts.map(({ sha256 }) => sha256)
  const done = {
    v: 1,
    grant,
    outcome: { is: 'done' },
    receipts: hashes,
    frozen: [],
    tree: TREE,
    reproduced: true,
    logs: [],
  }
  return signed(DELIVERY_TYPE, grant, done)
}

export function memoryPack(): NewBlob {
  return toDocument({
    v: 1,
    base: { sha: BASE, tree: BASE_TREE, files: 3 },
    intent: null,
    languages: [],
    packageManager: 'npm',
    scripts: [{ name: 'test', command: 'node --test' }],
    makeTargets: [],
    testCommand: ['npm', 'run', 'test'],
    tests: { files: 0, folders: [] },
    workflows: [],
    codeowners: null,
    conventions: [],
    items: [],
    map: { budget: 0, tokens: 0, read: 0, files: [], excerpts: [] },
    leftOut: [],
    emptyBecause: 'nothing was written down',
  })
}

type Drafted = {
  readonly intent: string
  readonly memory: string
  readonly manifest: string
  readonly steps: readonly Step[]
  readonly bytes: ReadonlyMap<string, Uint8Array>
}

export function draftOf({ bytes, ...named }: Drafted): NewBlob {
  return toDocument({
    v: 1,
    ...named,
    answers: [],
    assumptions: [],
    base: { ref: 'refs/heads/main', sha: BASE, tree: BASE_TREE },
    drafter: { is: 'recipe', name: 'greet', version: '1' },
    noVerify: null,
    reads: [],
    evidence: [],
    contents: [...bytes].map(([blob, content]) => ({ blob, sha256: sha256Hex(content), bytes: content.length })),
  })
}

export function factsOf(edits: readonly Edit[]): NewBlob {
  const paths = edits.map(({ path, before }) => {
    const claims = before === null ? ('is-new' as const) : ('exists' as const)
    return { path, claims, found: before, isFolder: false, through: null, alike: [], near: [] }
  })
  const files = [
    { path: 'run', kind: null },
    { path: 'test', kind: null },
  ]
  const targets = [{ kind: 'script' as const, at: '', declared: { names: ['test'], unsure: null } }]
  return toDocument({
    v: 1,
    base: BASE,
    paths,
    commands: [{ step: 'test', files, targets }],
    evidence: [],
    checks: [],
    model: null,
  } satisfies FabricationFacts)
}

export function examinedOf(diff: { readonly text: string; readonly added: number; readonly removed: number }): NewBlob {
  const { text, added, removed } = diff
  return toDocument({ v: 1, diffSha256: sha256Hex(text), diff: text, added, removed, faults: [], secrets: [] })
}
