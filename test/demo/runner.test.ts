import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshSigner } from '../../src/adapters/signing/ed25519.ts'
import type { JobRecord } from '../../src/demo/runner.ts'
import type { Grant } from '../../src/domain/grant.ts'
import type { Plan, Step } from '../../src/domain/packs/plan.ts'
import { aRunnerWorld, npm, type RunnerWorld } from './runner-world.ts'

let at: RunnerWorld
beforeAll(async () => {
  at = await aRunnerWorld()
})
afterAll(() => at.close())

const tests: Step = { id: 'tests', is: 'verify', argv: ['node', '--test', 'greeting.test.js'], criteria: [] }
const install: Step = { id: 'install', is: 'prepare', argv: npm('build:install'), hosts: [] }
const format = run('format')

function run(script: string): Extract<Step, { is: 'run' }> {
  return { id: 'format', is: 'run', argv: npm(script), outputs: ['list.txt'], frozen: null }
}
function verify(script: string): Step {
  return { id: 'check', is: 'verify', argv: npm(script), criteria: [] }
}
function greeting(text = "export const greeting = 'hello, world'\n") {
  const { change, contents } = at.edit('greeting.js', text)
  const step: Step = { id: 'greet', is: 'edit', edits: [change] }
  return { step, contents }
}
function edited(path: string, before: { readonly mode: '100644'; readonly blob: string } | null): Step {
  const { contents } = greeting()
  return {
    id: 'greet',
    is: 'edit',
    edits: [{ path, before, after: { mode: '100644', blob: contents[0]?.blob ?? '' } }],
  }
}
async function planned(step: Step): Promise<Plan> {
  const greet = greeting()
  const steps = [greet.step, step, tests]
  const one = await at.dryRun(steps, greet.contents)
  await at.dispatch(one)
  if (one.delivery === null) throw new TypeError('the dry run did not deliver')
  return at.planOf({ steps, contents: greet.contents }, one.delivery)
}
function exitCode({ end }: JobRecord) {
  return 'exitCode' in end ? end.exitCode : end.because
}

describe('a dry run', () => {
  it('performs every step in order, freezes what was made, and delivers the tree with a receipt for each step', async () => {
    const greet = greeting()
    const one = await at.dryRun([install, greet.step, format, verify('check:installed'), tests], greet.contents)
    const job = await at.dispatch(one)
    expect(job.end).toMatchObject({ conclusion: 'success', exitCode: 0, outputs: { outcome: 'done' } })
    expect(one.delivery?.outcome).toEqual({ is: 'done' })
    expect(one.delivered.map(({ step, outcome }) => [step, outcome.is])).toEqual([
      ['install', 'done'],
      ['greet', 'done'],
      ['format', 'done'],
      ['check', 'done'],
      ['tests', 'done'],
    ])
    expect(one.delivery?.frozen).toMatchObject([{ step: 'format', edits: [{ path: 'list.txt' }] }])
    for (const { sha256 } of one.delivery?.frozen[0]?.contents ?? []) {
      expect(Buffer.from(at.desk.blobs.get(sha256) ?? []).toString()).toBe('a\nb\n')
    }
    expect(one.delivery?.tree).not.toBe(at.tree)
    expect(one.delivered.map(({ budgets }) => budgets?.map(({ of }) => of))).toEqual([
      ['wall-ms', 'output-bytes'],
      ['paths'],
      ['wall-ms', 'output-bytes'],
      ['wall-ms', 'output-bytes'],
      ['wall-ms', 'output-bytes'],
    ])
    for (const { reserved, settled } of one.delivered.flatMap(({ budgets = [] }) => budgets))
      expect(settled).toBeLessThanOrEqual(reserved)
    expect(one.delivered.every(({ command }) => command === null || command.network === 'none')).toBe(true)
  })

  it('throws away what a verify step wrote, names what git would see of it, and repeats nothing of its output', async () => {
    const one = await at.dryRun([greeting().step, verify('check:writes')], greeting().contents)
    const job = await at.dispatch(one)
    expect(one.delivery?.outcome).toEqual({ is: 'done' })
    expect(one.delivered.at(-1)?.discarded).toEqual(['coverage.txt'])
    expect(one.delivered.at(-1)?.treeAfter).toBe(one.delivered[0]?.treeAfter)
    expect(job.end).toMatchObject({ errors: [], log: expect.not.stringContaining('forged') })
    const stdout = one.delivery?.logs[0]?.stdout ?? ''
    expect(Buffer.from(at.desk.blobs.get(stdout) ?? []).toString()).toContain('::error::forged')
  })

  it.each([
    ['exits with another code', verify('check:fails'), 'it exited with 3'],
    ['reaches for the network', verify('check:network'), 'it exited with 1'],
    ['floods its output', verify('check:flood'), 'it printed more than 65536 bytes'],
    [
      'is a run that changes what it did not declare',
      run('format:stray'),
      'changed `greeting.js`, which is not a declared output',
    ],
    [
      'is a preparation that changes a tracked file',
      { ...install, argv: npm('build:overwrite') },
      'changed `greeting.js`, which git does not ignore',
    ],
    [
      'is a preparation that leaves a file which git does not ignore',
      { ...install, argv: npm('build:litter') },
      'changed `litter.txt`, which git does not ignore',
    ],
  ] satisfies readonly (readonly [string, Step, string])[])(
    'fails at a step that %s, and nothing runs after it',
    async (_name, step, says) => {
      const greet = greeting()
      const one = await at.dryRun([greet.step, step, tests], greet.contents)
      const job = await at.dispatch(one)
      expect(exitCode(job)).toBe(1)
      expect(one.delivery?.outcome).toMatchObject({
        is: 'failed',
        step: step.id,
        because: expect.stringContaining(says),
      })
      expect(one.delivered.map((receipt) => [receipt.step, receipt.outcome.is])).toEqual([
        ['greet', 'done'],
        [step.id, 'failed'],
      ])
      expect(one.delivery?.tree).toBeNull()
    },
  )

  it('stops a step that hangs when its time is over', async () => {
    const one = await at.dryRun([greeting().step, verify('check:hang')], greeting().contents, {
      limits: { ...at.limits, stepWallMs: 1500 },
    })
    expect(exitCode(await at.dispatch(one))).toBe(1)
    expect(one.delivery?.outcome).toMatchObject({ is: 'failed', because: 'it took longer than 1500 ms' })
    expect(one.delivered.at(-1)?.command).toMatchObject({ ended: 'stopped by wall-time (SIGKILL)', exitCode: null })
  })

  it('lets a preparation out through the proxy where the policy names its hosts, and says what it tried', async () => {
    const fetching: Step = { id: 'fetch', is: 'prepare', argv: npm('check:network'), hosts: ['package-registry'] }
    const one = await at.dryRun([fetching, greeting().step], greeting().contents)
    await at.dispatch(one)
    const other = { host: 'other.example', port: 80, outcome: 'refused', because: 'not listed', times: 1 }
    expect(one.delivered[0]).toMatchObject({
      outcome: { is: 'done' },
      command: { network: { hosts: ['package-registry'], attempts: [other], more: 0 } },
    })
    const elsewhere = await at.dryRun([{ ...fetching, hosts: ['example.com'] }, greeting().step], greeting().contents)
    expect(exitCode(await at.dispatch(elsewhere))).toBe(3)
    expect(elsewhere.delivery?.outcome).toMatchObject({ is: 'failed', because: expect.stringMatching(/^network: /) })
  })

  it('gets over a controller that is away for a moment', async () => {
    at.desk.faults.times = 2
    const one = await at.dryRun([greeting().step], greeting().contents)
    expect(exitCode(await at.dispatch(one))).toBe(0)
    expect(at.desk.faults.times).toBe(0)
  })
})

describe('before anything runs, a job refuses', () => {
  const cases: readonly (readonly [string, () => readonly Step[], string])[] = [
    [
      'a command that is not on the list',
      () => [{ ...tests, argv: ['curl', 'http://127.0.0.1/'] }],
      'no-fabrication: step tests: default',
    ],
    [
      'a script that does not exist',
      () => [{ ...tests, argv: npm('check:nothing') }],
      'there is no script `check:nothing` here',
    ],
    [
      'an edit of a file that is not there',
      () => [edited('absent.js', { mode: '100644', blob: '1'.repeat(40) })],
      'no-fabrication: step greet',
    ],
    [
      'an edit of other bytes than the base has',
      () => [edited('greeting.js', { mode: '100644', blob: '1'.repeat(40) })],
      'no-fabrication: step greet',
    ],
    ['the creation of a file that is there', () => [edited('greeting.js', null)], 'no-fabrication: step greet'],
    ['a path into .git', () => [edited('.git/hooks/pre-commit', null)], 'hygiene: step greet'],
    [
      'a path out of the checkout in another spelling of .git',
      () => [edited('sub/.GIT/config', null)],
      'hygiene: step greet',
    ],
  ]

  it.each(cases)('%s', async (_name, steps, says) => {
    const one = await at.dryRun(steps(), greeting().contents)
    expect(exitCode(await at.dispatch(one))).toBe(3)
    expect(one.delivery?.outcome).toMatchObject({ is: 'failed', step: null, because: expect.stringContaining(says) })
    expect(one.receipts).toEqual([])
  })

  it('a link and a step that the Grant has no capability for', async () => {
    const { contents } = greeting()
    const link: Step = {
      id: 'link',
      is: 'edit',
      edits: [{ path: 'l', before: null, after: { mode: '120000', blob: contents[0]?.blob ?? '' } }],
    }
    const one = await at.dryRun([link], contents)
    await at.dispatch(one)
    expect(one.delivery?.outcome).toMatchObject({ because: 'hygiene: step link: `l` would be a symbolic link' })
    const bare = await at.dryRun([tests], [], { capabilities: [{ effect: 'read-base', commit: at.base }] })
    await at.dispatch(bare)
    expect(bare.delivery?.outcome).toMatchObject({
      because: 'grant-capability: the Grant has no capability for step tests',
    })
  })

  it('bytes that are not those which the plan names', async () => {
    const greet = greeting("export const greeting = 'hello, tampered'\n")
    const [named] = greet.contents
    const one = await at.dryRun([greet.step], greet.contents)
    at.desk.blobs.set(named?.sha256 ?? '', Buffer.from('something else'))
    expect(exitCode(await at.dispatch(one))).toBe(3)
    expect(one.delivery?.outcome).toMatchObject({ is: 'failed', because: expect.stringMatching(/^content: /) })
  })
})

describe('an execution', () => {
  let plan: Plan
  beforeAll(async () => {
    plan = await planned(format)
  })

  it('makes the approved tree again, byte for byte', async () => {
    const one = await at.execution(plan)
    expect(exitCode(await at.dispatch(one))).toBe(0)
    expect(one.delivery).toMatchObject({
      outcome: { is: 'done' },
      tree: plan.predictedTree,
      reproduced: true,
      frozen: [],
    })
  })

  it('fails where a run step does not make the approved bytes again, and hands over the others', async () => {
    const one = await at.execution(await planned(run('format:random')))
    expect(exitCode(await at.dispatch(one))).toBe(1)
    expect(one.delivery).toMatchObject({
      outcome: { is: 'failed', step: 'format', because: 'it did not make the approved bytes of `list.txt` again' },
      reproduced: false,
      frozen: [{ step: 'format', edits: [{ path: 'list.txt' }] }],
    })
  })

  const changes: readonly (readonly [string, string, () => Partial<Grant>])[] = [
    ['is for another purpose', 'grant-purpose', () => ({ purpose: 'dry-run' })],
    ['is expired', 'grant-expired', () => ({ expiresAt: '2026-01-01T00:00:00.000Z' })],
    [
      'is for another base commit',
      'grant-base',
      () => ({
        base: { sha: '1'.repeat(40), tree: at.tree },
        capabilities: [{ effect: 'read-base', commit: '1'.repeat(40) }],
      }),
    ],
    ['is for another tree of the base', 'grant-base', () => ({ base: { sha: at.base, tree: '1'.repeat(40) } })],
    ['names no approval', 'grant-approval', () => ({ approvals: [] })],
    ['predicts another tree', 'grant-tree', () => ({ predictedTree: '1'.repeat(40) })],
    ['names another manifest', 'grant-document', () => ({ manifest: '1'.repeat(64) })],
    ['was issued for a local clone', 'grant-authority', () => ({ authority: 'local' })],
    ['does not let the base be read', 'grant-capability', () => ({ capabilities: [] })],
  ]
  it.each(changes)('refuses a Grant that %s', async (_name, rule, change) => {
    const one = await at.execution(plan, change())
    expect(exitCode(await at.dispatch(one, 'execute'))).toBe(3)
    expect(one.delivery?.outcome).toMatchObject({
      is: 'failed',
      step: null,
      because: expect.stringMatching(`^${rule}: `),
    })
    expect(one.receipts).toEqual([])
  })

  it('refuses a Grant for another repository, before it is claimed and in the job itself', async () => {
    const one = await at.execution(plan, { repository: { id: '999', ownerId: '1' } })
    expect(exitCode(await at.dispatch(one))).toBe(3)
    expect(one.declined).toBe('job-repository')
    const lax = await at.execution(plan, { repository: { id: '999', ownerId: '1' } })
    at.desk.trusting = true
    expect(exitCode(await at.dispatch(lax))).toBe(3)
    at.desk.trusting = false
    expect(lax.delivery?.outcome).toMatchObject({ because: expect.stringMatching('^grant-repository: ') })
  })

  it('refuses a plan whose hash is not the one in the Grant', async () => {
    const one = await at.execution(plan, { subject: { is: 'plan', hash: '1'.repeat(64) } })
    await at.dispatch(one)
    expect(one.delivery?.outcome).toMatchObject({ because: expect.stringMatching('^grant-document: ') })
  })

  it('refuses a plan that does not make the tree it predicts', async () => {
    const one = await at.execution({ ...plan, predictedTree: '1'.repeat(40) })
    await at.dispatch(one)
    expect(one.delivery?.outcome).toMatchObject({ because: expect.stringMatching('^predicted-tree: ') })
  })

  it('refuses a Grant that another key signed, or nobody', async () => {
    const foreign = await at.execution(plan, {}, freshSigner())
    expect(exitCode(await at.dispatch(foreign))).toBe(3)
    expect(foreign.delivery?.outcome).toMatchObject({ because: expect.stringMatching('^grant-signature: ') })
    const unsigned = await at.execution(plan)
    unsigned.envelope = { ...unsigned.envelope, signatures: [{ keyid: at.desk.signer.keyid, sig: '' }] }
    expect(exitCode(await at.dispatch(unsigned))).toBe(3)
    expect(unsigned.delivery?.outcome).toMatchObject({ because: expect.stringMatching('^grant-signature: ') })
  })

  it('refuses a Grant of a key that the workflow file still names and the repository has retired', async () => {
    const late = await at.execution(plan, {}, at.desk.retired)
    expect(exitCode(await at.dispatch(late))).toBe(3)
    expect(late.delivery?.outcome).toMatchObject({ because: expect.stringMatching('^grant-key: .* is retired') })
    expect(late.receipts).toEqual([])
  })

  it('runs nothing under a Grant that is used up, revoked or unknown', async () => {
    const one = await at.execution(plan)
    await at.dispatch(one)
    one.delivery = null
    const again = await at.dispatch(one)
    expect(exitCode(again)).toBe(3)
    expect(one.declined).toBe('grant-used')
    expect(one.delivery).toBeNull()
    expect(again.end).toMatchObject({
      outputs: { outcome: 'declined' },
      errors: [expect.stringContaining('grant-used')],
    })
    const revoked = await at.execution(plan)
    revoked.revoked = true
    expect(exitCode(await at.dispatch(revoked))).toBe(3)
    expect(revoked.declined).toBe('grant-revoked')
    const unknown = await at.execution(plan)
    at.desk.cases.delete(unknown.grant.id)
    expect(exitCode(await at.dispatch(unknown))).toBe(3)
  })
})
