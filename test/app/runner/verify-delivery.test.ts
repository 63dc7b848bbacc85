import { describe, expect, it } from 'vitest'
import { freshSigner, openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { sealStatement } from '../../../src/app/runner/statements.ts'
import { type ClaimedJob, verifyDelivery } from '../../../src/app/runner/verify-delivery.ts'
import type { Envelope } from '../../../src/domain/dsse.ts'
import type { Grant } from '../../../src/domain/grant.ts'
import { hashOf } from '../../../src/domain/hash.ts'
import { capabilitiesFor } from '../../../src/domain/job-capabilities.ts'
import type { Step } from '../../../src/domain/packs/plan.ts'
import { DELIVERY_TYPE, type Delivery, STEP_RECEIPT_TYPE, type StepReceipt } from '../../../src/domain/receipt.ts'

const signer = freshSigner()
const [sha, tree, after] = ['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)]
const steps: readonly Step[] = [
  { id: 'greet', is: 'edit', edits: [{ path: 'a', before: null, after: { mode: '100644', blob: sha } }] },
  { id: 'tests', is: 'verify', argv: ['npm', 'test'], criteria: [] },
]
const grant: Grant = {
  v: 1,
  id: '0123456789-1',
  purpose: 'execute',
  authority: 'github',
  instance: 'test',
  repository: { id: '42', ownerId: '7' },
  run: '0123456789',
  subject: { is: 'plan', hash: 'd'.repeat(64) },
  base: { sha, tree },
  manifest: 'e'.repeat(64),
  predictedTree: after,
  approvals: [],
  capabilities: capabilitiesFor(sha, steps),
  limits: {
    stepWallMs: 1,
    stepCpuSeconds: 1,
    outputBytes: 1,
    memoryBytes: 1,
    processes: 1,
    fileBytes: 1,
    runMinutes: 1,
  },
  expiresAt: '2026-11-21T12:00:00.000Z',
}
const job: ClaimedJob = { grant, steps, runnerKey: signer.publicKey }
const empty = { sha256: 'f'.repeat(64), bytes: 0 }
const first: StepReceipt = {
  v: 1,
  grant: grant.id,
  run: grant.run,
  purpose: 'execute',
  index: 0,
  step: 'greet',
  kind: 'edit',
  capability: '2:edit',
  outcome: { is: 'done' },
  command: null,
  treeBefore: tree,
  treeAfter: after,
  discarded: [],
  startedAt: '2026-11-21T11:00:00.000Z',
  durationMs: 1,
  previous: null,
}
const measured = {
  argv: ['npm', 'test'],
  binary: { path: '/usr/bin/npm', sha256: '1'.repeat(64) },
  ended: 'exited with 0',
  exitCode: 0,
}
const second: StepReceipt = {
  ...first,
  index: 1,
  step: 'tests',
  kind: 'verify',
  capability: '1:command',
  command: { ...measured, stdout: empty, stderr: empty, network: 'none' },
  treeBefore: after,
}
const done: Delivery = {
  v: 1,
  grant: grant.id,
  outcome: { is: 'done' },
  receipts: [],
  frozen: [],
  tree: after,
  reproduced: true,
  logs: [{ step: 'tests', stdout: empty.sha256, stderr: empty.sha256 }],
}

/** Seals receipts as the chain they form, and a delivery that names them. */
function sealed(receipts: readonly StepReceipt[], delivery: Partial<Delivery> = {}, by = signer) {
  const chain: Envelope[] = []
  for (const receipt of receipts) {
    const last = chain.at(-1)
    const previous = receipt.previous ?? (last === undefined ? null : hashOf(last))
    chain.push(sealStatement(by, STEP_RECEIPT_TYPE, receipt.step, { ...receipt, previous }))
  }
  const whole = { ...done, receipts: chain.map((envelope) => hashOf(envelope)), ...delivery }
  return { chain, envelope: sealStatement(by, DELIVERY_TYPE, grant.id, whole) }
}
function verdict({ chain, envelope }: ReturnType<typeof sealed>, about = job) {
  const verified = verifyDelivery(openEnvelope, about, envelope, chain)
  return verified.ok ? 'verified' : verified.refusal.because
}

describe('a delivery', () => {
  it('is verified when the key of the job signed all of it, complete and in order', () => {
    expect(verdict(sealed([first, second]))).toBe('verified')
  })

  it('may end at a step that failed, and then says so', () => {
    const failing: StepReceipt = { ...second, outcome: { is: 'failed', because: 'it exited with 1' } }
    const outcome = { is: 'failed', step: 'tests', because: 'it exited with 1' } as const
    expect(verdict(sealed([first, failing], { outcome, tree: null }))).toBe('verified')
    expect(verdict(sealed([first, failing]))).toContain('not every step')
    expect(verdict(sealed([first, second], { outcome }))).toContain('says that tests failed')
    expect(verdict(sealed([], { outcome: { ...outcome, step: null }, logs: [], tree: null }))).toBe('verified')
  })

  it.each([
    ['another key', sealed([first, second], {}, freshSigner()), 'not signed'],
    ['another Grant', sealed([first, second], { grant: '0123456789-2' }), 'is of Grant'],
    ['a receipt left out', sealed([second]), 'step 0 is greet'],
    ['the last receipt left out', sealed([first], { logs: [] }), 'not every step'],
    ['receipts swapped', sealed([second, first]), 'step 0 is greet'],
    ['a receipt twice', sealed([first, first]), 'step 1 is tests'],
    ['a receipt of another run', sealed([{ ...first, run: 'abcdefghjk' }, second]), 'is of run'],
    ['a receipt of another purpose', sealed([{ ...first, purpose: 'dry-run' }, second]), 'dry-run job'],
    ['a broken chain', sealed([first, { ...second, previous: '9'.repeat(64) }]), 'does not follow'],
    ['trees that do not meet', sealed([first, { ...second, treeBefore: tree }]), 'begins with another tree'],
    [
      'a budget beyond the Grant’s',
      sealed([first, { ...second, budgets: [{ of: 'wall-ms', reserved: 2, settled: 1 }] }]),
      'it reserved 2 of wall-ms; the Grant gives 1',
    ],
    [
      'a budget of paths beyond the Grant’s',
      sealed([{ ...first, budgets: [{ of: 'paths', reserved: 2, settled: 1 }] }, second]),
      'it reserved 2 of paths; the Grant gives 1',
    ],
    [
      'a budget that settles less than was used',
      sealed([{ ...first, budgets: [{ of: 'paths', reserved: 1, settled: 0 }] }, second]),
      'it settled 0 of paths; used were 1',
    ],
    [
      'a budget that no step has',
      sealed([{ ...first, budgets: [{ of: 'output-tokens', reserved: 0, settled: 0 }] }, second]),
      'a step has no budget of output-tokens',
    ],
    ['another capability', sealed([{ ...first, capability: '0:read-base' }, second]), 'another capability'],
    [
      'another command',
      sealed([
        first,
        { ...second, command: { ...measured, argv: ['true'], stdout: empty, stderr: empty, network: 'none' } },
      ]),
      'another command',
    ],
    [
      'a command that had the network',
      sealed([first, { ...second, command: { ...measured, stdout: empty, stderr: empty, network: 'host' } }]),
      'had another network',
    ],
    ['a verify step without a command', sealed([first, { ...second, command: null }]), 'no command was measured'],
    [
      'a success that exited with 1',
      sealed([
        first,
        { ...second, command: { ...measured, exitCode: 1, stdout: empty, stderr: empty, network: 'none' } },
      ]),
      'exit with 0',
    ],
    ['a tree that was not approved', sealed([first, { ...second, treeAfter: tree }], { tree }), 'not the approved one'],
    ['a tree that no step made', sealed([first, second], { tree }), 'not the one after the last step'],
    ['logs of other commands', sealed([first, second], { logs: [] }), 'its logs'],
    ['receipts that it does not name', sealed([first, second], { receipts: [] }), 'names other receipts'],
  ] as const)('is refused with %s', (_name, delivered, says) => {
    expect(verdict(delivered)).toContain(says)
  })

  it.each([
    ['the hosts of the step', { hosts: ['a.example'], attempts: [], more: 0 }, 'verified'],
    ['no network', 'none', 'had another network'],
    ['the whole network', 'host', 'had another network'],
    ['other hosts', { hosts: ['b.example'], attempts: [], more: 0 }, 'had another network'],
    ['more hosts', { hosts: ['a.example', 'b.example'], attempts: [], more: 0 }, 'had another network'],
  ] as const)('of a command that may reach hosts is judged by them: %s', (_name, network, says) => {
    const check: Step = { id: 'tests', is: 'verify', argv: ['npm', 'test'], criteria: [], hosts: ['a.example'] }
    const edited = steps.slice(0, 1)
    const reaching: Grant = { ...grant, capabilities: capabilitiesFor(sha, [...edited, check]) }
    const use = typeof network === 'string' ? network : { ...network, hosts: [...network.hosts], attempts: [] }
    const command = { ...measured, stdout: empty, stderr: empty, network: use }
    const about: ClaimedJob = { ...job, grant: reaching, steps: [...edited, check] }
    expect(verdict(sealed([first, { ...second, command }]), about)).toContain(says)
  })

  it('of a dry run hands over the outputs of every run step', () => {
    const run: Step = { id: 'format', is: 'run', argv: ['npm', 'run', 'format'], outputs: ['a'], frozen: null }
    const trial: Grant = {
      ...grant,
      purpose: 'dry-run',
      predictedTree: null,
      capabilities: capabilitiesFor(sha, [run]),
    }
    const about: ClaimedJob = { ...job, grant: trial, steps: [run] }
    const command = { ...measured, argv: [...run.argv], stdout: empty, stderr: empty, network: 'none' }
    const receipt: StepReceipt = {
      ...first,
      purpose: 'dry-run',
      step: 'format',
      kind: 'run',
      capability: '1:command',
      command,
    }
    const logs = [{ step: 'format', stdout: empty.sha256, stderr: empty.sha256 }]
    expect(verdict(sealed([receipt], { logs }), about)).toContain('outputs of every run step')
    expect(verdict(sealed([receipt], { logs, frozen: [{ step: 'format', edits: [], contents: [] }] }), about)).toBe(
      'verified',
    )
    const hidden = { path: 'b', before: null, after: { mode: '100644', blob: sha } } as const
    const frozen = [{ step: 'format', edits: [hidden], contents: [] }]
    expect(verdict(sealed([receipt], { logs, frozen }), about)).toContain('"b", which is not a declared output')
  })
})
