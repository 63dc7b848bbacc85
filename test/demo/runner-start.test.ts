import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { readWorkflowCall } from '../../src/demo/workflow-file.ts'
import type { Step } from '../../src/domain/packs/plan.ts'
import { canaries, knownCanaries } from '../support/canaries.ts'
import { RELEASE } from './runner-desk.ts'
import { aRunnerWorld, type RunnerWorld, userWorkflow } from './runner-world.ts'

const tests: Step = { id: 'tests', is: 'verify', argv: ['node', '--test', 'greeting.test.js'], criteria: [] }
const opened: RunnerWorld[] = []
afterEach(async () => {
  for (const at of opened.splice(0)) await at.close()
})
async function world(options: Parameters<typeof aRunnerWorld>[0]): Promise<RunnerWorld> {
  const at = await aRunnerWorld(options)
  opened.push(at)
  return at
}

describe('a job that cannot be trusted or cannot work', () => {
  it('ends with exit code 5 and says so where bubblewrap is not on the PATH', async () => {
    const path = await mkdtemp(join(tmpdir(), 'no-bwrap-'))
    for (const name of ['git', 'node', 'sh']) await symlink(join('/usr/bin', name), join(path, name))
    const at = await world({ path })
    const one = await at.dryRun([tests])
    expect((await at.dispatch(one)).end).toMatchObject({ conclusion: 'failure', exitCode: 5 })
    expect(one.delivery?.outcome).toMatchObject({
      is: 'failed',
      because: expect.stringMatching(/^sandbox: bubblewrap/),
    })
    expect(one.receipts).toEqual([])
    await rm(path, { recursive: true })
  })

  it.each([
    ['job-workflow', { job_workflow_ref: `mallory/agentos/.github/workflows/agentos.yml@${'7'.repeat(40)}` }],
    ['job-repository', { repository_id: '1' }],
    ['job-owner', { repository_owner_id: '1' }],
    ['job-event', { event_name: 'push' }],
    ['job-branch', { ref: 'refs/heads/other' }],
    ['job-actor', { actor_id: '1' }],
    ['job-attempt', { run_attempt: '2' }],
  ])('gets no Grant: %s', async (rule, claims) => {
    const at = await world({ claims: () => claims })
    const one = await at.dryRun([tests])
    expect((await at.dispatch(one)).end).toMatchObject({ conclusion: 'failure', exitCode: 3 })
    expect(one).toMatchObject({ declined: rule, claimedBy: null, delivery: null })
  })

  it('is ended when it is cancelled', async () => {
    const at = await world({})
    const hang: Step = { id: 'hang', is: 'verify', argv: ['npm', 'run', '-s', 'check:hang'], criteria: [] }
    const one = await at.dryRun([hang])
    const ended = at.dispatch(one)
    await at.desk.claimed(one.grant.id)
    await at.runner.close()
    expect((await ended).end).toMatchObject({ conclusion: 'cancelled' })
    expect(one.delivery).toBeNull()
  })
})

describe("the user's workflow file", () => {
  const given = { grant: 'g', effect: 'e', mode: 'dry-run' }

  it('calls one pinned commit with the values in it and the inputs of the dispatch', async () => {
    const text = await userWorkflow({ url: 'https://agentos.test', publicKey: 'key=' })
    expect(readWorkflowCall(text, given)).toEqual({
      ok: true,
      value: {
        workflow: RELEASE,
        commit: '7'.repeat(40),
        mayAskForToken: true,
        inputs: { ...given, url: 'https://agentos.test', 'controller-key': 'key=' },
      },
    })
  })

  it('is not run when it names a tag, has an expression of another kind, or may write', async () => {
    const text = await userWorkflow({ url: 'https://agentos.test', publicKey: 'key=' })
    const changed = [
      text.replace('7'.repeat(40), 'v1'),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of Actions
      text.replace('inputs.grant }}', 'secrets.TOKEN }}'),
      text.replace('contents: read', 'contents: write'),
      'jobs: {}',
      '',
    ]
    for (const file of changed) expect(readWorkflowCall(file, given)).toMatchObject({ ok: false })
  })
})

describe('canaries in the environment of the job', () => {
  const codes = JSON.stringify(knownCanaries.map(({ value }) => Array.from(value, (one) => one.charCodeAt(0) + 1)))
  const says = `for (const codes of ${codes})
  console.log(String.fromCharCode(...codes.map((code) => code - 1)))
console.log(JSON.stringify(process.env))
export const greeting = 'hello'
`

  it('reach no command, and what a command prints of them anyway is delivered without them', async () => {
    const at = await world({ env: Object.fromEntries(knownCanaries.map(({ kind, value }) => [kind, value])) })
    const { change, contents } = at.edit('greeting.js', says)
    const one = await at.dryRun([{ id: 'greet', is: 'edit', edits: [change] }, tests], contents)
    const job = await at.dispatch(one)
    expect(one.delivery?.outcome).toEqual({ is: 'done' })
    const texts = Array.from(at.desk.blobs.values(), (bytes) => Buffer.from(bytes).toString('utf8'))
    const all = [...texts, JSON.stringify([one.delivery, one.delivered, job])].join('\n')
    expect(canaries.filter(({ value }) => all.includes(value)).map(({ name }) => name)).toEqual([])
    const printed = Buffer.from(at.desk.blobs.get(one.delivery?.logs[0]?.stdout ?? '') ?? []).toString('utf8')
    expect(printed.match(/\[secret removed: /g)).toHaveLength(knownCanaries.length)
    expect(knownCanaries.filter(({ kind }) => printed.includes(`"${kind}"`))).toEqual([])
  })
})
