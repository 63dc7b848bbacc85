import { z } from 'zod'
import { keyidOf, openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { controllerKey } from '../../../src/app/evidence/export.ts'
import { verifyEvidence } from '../../../src/app/verify.ts'
import type { Stage } from '../../../src/demo/stage.ts'
import type { ShownRun } from './shown-run.ts'

/** What everybody can see in the end, without what differs from one run to the next. */
export type Ending = { readonly [what: string]: unknown }

const REPO = '/repos/acme/demo'
const User = z.looseObject({ login: z.string() }).nullable()
const Comments = z.array(z.looseObject({ id: z.number(), body: z.string(), user: User }))
const Labels = z.array(z.looseObject({ name: z.string() }))
const Issue = z.looseObject({ title: z.string(), body: z.string(), state: z.string() })
const Pull = z.looseObject({
  number: z.number(),
  title: z.string(),
  body: z.string(),
  state: z.string(),
  draft: z.boolean(),
  head: z.looseObject({ ref: z.string(), sha: z.string() }),
})
const Commits = z.array(
  z.looseObject({
    sha: z.string(),
    commit: z.looseObject({ message: z.string(), tree: z.looseObject({ sha: z.string() }) }),
  }),
)
const CheckRuns = z.looseObject({
  check_runs: z.array(
    z.looseObject({
      name: z.string(),
      status: z.string(),
      conclusion: z.string().nullable(),
      external_id: z.string().nullable(),
      output: z.looseObject({ title: z.string().nullable() }),
    }),
  ),
})
const Runs = z.looseObject({
  workflow_runs: z.array(
    z.looseObject({ display_title: z.string(), status: z.string().nullable(), conclusion: z.string().nullable() }),
  ),
})
const Reactions = z.array(z.looseObject({ content: z.string(), user: User }))
const Refs = z.array(z.looseObject({ ref: z.string() }))

type SeenRun = { readonly run: string; readonly shown: ShownRun }

export async function endingOf(stage: Stage, runs: readonly SeenRun[]): Promise<Ending> {
  const get = async <T>(schema: z.ZodType<T>, path: string): Promise<T> =>
    schema.parse((await stage.as('ana', 'GET', `${REPO}${path}`)).body)
  const pulls = await get(z.array(Pull), '/pulls?state=all&per_page=100')
  const comments = await get(Comments, '/issues/1/comments')
  const heads = headsOf(stage)
  const named = (text: string) => runs.reduce((all, { run }, at) => all.replaceAll(run, `RUN${at}`), text)
  const ending = {
    phases: runs.map(({ shown }) => shown.phase),
    issue: await get(Issue, '/issues/1').then(({ title, body, state }) => ({ title, body, state })),
    issueLabels: (await get(Labels, '/issues/1/labels')).map(({ name }) => name),
    issueComments: comments.map(spoken),
    reactions: (await Promise.all(comments.map(({ id }) => get(Reactions, `/issues/comments/${id}/reactions`))))
      .flat()
      .map(({ content, user }) => `${user?.login} ${content}`),
    pulls: pulls.map(({ title, body, state, draft, head }) => ({ title, body, state, draft, ref: head.ref })),
    pullComments: await Promise.all(
      pulls.map(async ({ number }) => (await get(Comments, `/issues/${number}/comments`)).map(spoken)),
    ),
    pullLabels: await Promise.all(
      pulls.map(async ({ number }) => (await get(Labels, `/issues/${number}/labels`)).map(({ name }) => name)),
    ),
    commits: await Promise.all(
      pulls.map(async ({ number }) =>
        (await get(Commits, `/pulls/${number}/commits`)).map(({ commit }) => commit.message),
      ),
    ),
    checks: await Promise.all(
      heads.map(async (sha) =>
        (await get(CheckRuns, `/commits/${sha}/check-runs`)).check_runs
          .map(({ name, status, conclusion, output }) => `${name} ${status} ${conclusion} ${output.title}`)
          .sort(),
      ),
    ),
    jobs: (await get(Runs, '/actions/runs')).workflow_runs
      .map(({ display_title, status, conclusion }) => `${named(display_title)} ${status} ${conclusion}`)
      .sort(),
    branches: (await get(Refs, '/git/matching-refs/heads/')).map(({ ref }) => ref),
    effects: runs.map(({ shown }) => shown.effects.map(({ kind, status }) => `${kind} ${status}`).sort()),
    evidence: await Promise.all(runs.map(({ run }) => judge(stage, run))),
  }
  return z.record(z.string(), z.json()).parse(JSON.parse(plain(named(JSON.stringify(ending)), stage.url)))
}

function spoken({ body, user }: z.infer<typeof Comments>[number]): string {
  return `${user?.login}: ${body}`
}

/** Every commit that ever was the head of a branch of ours, in the order of the pushes. */
function headsOf(stage: Stage): readonly string[] {
  const Push = z.looseObject({ ref: z.string(), after: z.string(), deleted: z.literal(false) })
  const pushed = stage.github.deliveries.flatMap(({ event, payload }) => {
    const push = event === 'push' ? Push.safeParse(payload) : undefined
    return push?.success === true && push.data.ref.startsWith('refs/heads/agentos/') ? [push.data.after] : []
  })
  return [...new Set(pushed)]
}

async function judge(stage: Stage, run: string): Promise<string> {
  const bytes = new Uint8Array(await (await stage.ask(`/api/runs/${run}/evidence`)).arrayBuffer())
  const verified = verifyEvidence(bytes, {
    open: openEnvelope,
    trusted: [controllerKey({ keyid: keyidOf(stage.publicKey) ?? '', publicKey: stage.publicKey })],
  })
  return verified.valid ? `valid ${verified.phase}` : `${verified.fault} ${verified.where}`
}

/** Ids, hashes, times and addresses are of one run; everything else must be as in every other. */
function plain(text: string, url: string): string {
  return text
    .replaceAll(url, 'URL')
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?UTC|Z)?/g, 'TIME')
    .replaceAll(/\b\d+ (?:ms|s|min)\b/g, 'SOME TIME')
    .replaceAll(/(RUN\d)\/\d+\/\d+/g, '$1/EFFECT')
    .replaceAll(/\b\d+@(?=[0-9a-f]{8,64}\b)/g, 'SEQ@')
    .replaceAll(/\b[0-9a-f]{40}\b|\b[0-9a-f]{64}\b/g, 'HASH')
    .replaceAll(/\b(?=[0-9a-f]*\d)[0-9a-f]{7,16}\b/g, 'SHORT')
}
