import type { Stage } from '../../../src/demo/stage.ts'
import { type Ending, endingOf } from './ending.ts'
import { reach, settled } from './watch.ts'

/** What people do, each waiting until everything that follows has been done. */
export type CrashStory = {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  /** Tells it to the end; `begins` is called where the part begins that no other story tells. */
  readonly play: (stage: Stage, begins: () => Promise<void>) => Promise<Ending>
}

const FILES = {
  'README.md': '# hello old world\n',
  'src/a.js': "exports.x = 'old'\n",
  'package.json': '{"name":"t","version":"1.0.0","scripts":{"test":"node --test"}}\n',
  'test/a.test.js': "const t=require('node:test');t('a',()=>{})\n",
}
/** The shipped policy would spare a small change of text its second job. */
const TWO_JOBS = { ...FILES, '.agentos/policy.yml': 'version: 1\nlanes: { light: { enabled: false } }\n' }

/** A request that lacks something, the answer, the approval, a job that executes, the delivery, the merge. */
export const merge: CrashStory = {
  name: 'merge',
  files: TWO_JOBS,
  play: async (stage) => {
    const { run, pullRequest } = await proposes(stage)
    await lands(stage, { run, pullRequest, approver: 'lee' })
    return told(stage, [run])
  },
}

/** An approval whose commit rests on the dry run alone; what was delivered is not merged but taken back. */
export const light: CrashStory = {
  name: 'light',
  files: FILES,
  play: async (stage, begins) => {
    const { run, pullRequest } = await proposes(stage)
    await begins()
    await stage.as('lee', 'POST', `/repos/acme/demo/pulls/${pullRequest}/reviews`, { event: 'APPROVE' })
    await reach(stage, 'delivered')
    await settled(stage, run)
    await comments(stage, 'lee', pullRequest, '/agentos rollback')
    await reach(stage, 'closed')
    return told(stage, [run])
  },
}

/** A merged run that a run of its own takes back, which is merged in turn. */
export const rollback: CrashStory = {
  name: 'rollback',
  files: TWO_JOBS,
  play: async (stage, begins) => {
    const { run, pullRequest } = await proposes(stage)
    await lands(stage, { run, pullRequest, approver: 'lee' })
    await settled(stage, run)
    await begins()
    await comments(stage, 'lee', pullRequest, '/agentos rollback')
    const undoing = await reach(stage, 'proposed', [run])
    await settled(stage, undoing.run)
    await lands(stage, { ...undoing, approver: 'ana', earlier: [run] })
    await reach(stage, 'rolled_back', [undoing.run])
    return told(stage, [run, undoing.run])
  },
}

export const stories: readonly CrashStory[] = [merge, light, rollback]

async function proposes(stage: Stage) {
  await stage.as('ana', 'POST', '/repos/acme/demo/issues', { title: 'Say new', body: 'Replace old with new' })
  await comments(stage, 'ana', 1, '/agentos plan --recipe replace-text find=old paths=**')
  const { run } = await reach(stage, 'blocked')
  await settled(stage, run)
  const { pullRequest } = await reach(stage, 'blocked')
  await comments(stage, 'lee', pullRequest, '/agentos answer\nq1: new')
  await reach(stage, 'proposed')
  await settled(stage, run)
  return { run, pullRequest }
}

type Landing = {
  readonly run: string
  readonly pullRequest: number | null
  readonly approver: string
  readonly earlier?: readonly string[]
}

async function lands(stage: Stage, { run, pullRequest, approver, earlier = [] }: Landing): Promise<void> {
  await stage.as(approver, 'POST', `/repos/acme/demo/pulls/${pullRequest}/reviews`, { event: 'APPROVE' })
  await reach(stage, 'delivered', earlier)
  await settled(stage, run)
  await stage.as('lee', 'PUT', `/repos/acme/demo/pulls/${pullRequest}/merge`, { merge_method: 'squash' })
  await reach(stage, 'merged', earlier)
}

async function comments(stage: Stage, login: string, number: number | null, body: string): Promise<void> {
  await stage.as(login, 'POST', `/repos/acme/demo/issues/${number}/comments`, { body })
}

async function told(stage: Stage, runs: readonly string[]): Promise<Ending> {
  const shown = []
  for (const run of runs) shown.push({ run, shown: await settled(stage, run) })
  return endingOf(stage, shown)
}
