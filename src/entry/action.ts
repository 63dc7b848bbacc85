import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getInput, setFailed, setOutput, setSecret, summary } from '@actions/core'
import { z } from 'zod'
import { localRepository } from '../adapters/git/local-repository.ts'
import { httpDesk, PATIENT } from '../adapters/runner-desk/http-desk.ts'
import { oidcTokens } from '../adapters/runner-desk/oidc-token.ts'
import { bubblewrapSandbox, thisMachine } from '../adapters/sandbox/bubblewrap.ts'
import { freshSigner, openEnvelope } from '../adapters/signing/ed25519.ts'
import { fetchCommit, type Remote } from '../adapters/workplace/fetch-commit.ts'
import { ignoredPaths } from '../adapters/workplace/ignored-paths.ts'
import type { Signer } from '../app/ports.ts'
import type { Checkout, JobPorts } from '../app/runner/ports.ts'
import { GrantId, PublicKey } from '../app/runner/protocol.ts'
import { type JobEnd, runJob } from '../app/runner/run-job.ts'
import { publicKeyBytes } from '../domain/curve.ts'
import { EffectKey, ForeignId } from '../domain/ids.ts'
import { jobAudience } from '../domain/job.ts'
import { filterFor } from './process-secrets.ts'
import { checkoutOf, workplace } from './workplace.ts'

/** What Actions hands over: the inputs of `action.yml`, and the variables that every job has. */
const Given = z.object({
  mode: z.enum(['dry-run', 'execute']),
  grant: GrantId,
  effect: EffectKey,
  url: z.url({ protocol: /^https?$/ }),
  controllerKeys: z
    .array(PublicKey.refine((key) => publicKeyBytes(key) !== undefined, 'nobody can sign with it'))
    .min(1)
    .max(2),
  token: z.string().min(1, 'is empty'),
  repositoryId: ForeignId,
  repository: z.string().regex(/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/),
  serverUrl: z.url({ protocol: /^https?$/ }),
  oidcUrl: z.url({ error: 'is absent: the job needs the permission id-token: write' }),
  oidcToken: z.string().min(1, 'is empty'),
})
type Given = z.infer<typeof Given>

/** The job was started in a way that it cannot work with. */
class WrongStart extends Error {
  override readonly name = 'WrongStart'
}

/** Made before the environment forgets the secrets that this filter must know. */
const filter = filterFor(process.env)

async function main(): Promise<void> {
  try {
    const given = readGiven()
    forgetSecrets()
    const end = await perform(given)
    await tell(end)
    process.exitCode = end.exit
  } catch (error) {
    setFailed(`AgentOS: ${oneLine(error instanceof Error ? error.message : 'the job broke')}`)
    process.exitCode = error instanceof WrongStart ? 2 : 1
  }
}

function readGiven(): Given {
  const given = Given.safeParse({
    mode: getInput('mode'),
    grant: getInput('grant'),
    effect: getInput('effect'),
    url: getInput('url').replace(/\/+$/, ''),
    controllerKeys: getInput('controller-key')
      .split(/\s+/)
      .filter((key) => key !== ''),
    token: getInput('token'),
    repositoryId: env('GITHUB_REPOSITORY_ID'),
    repository: env('GITHUB_REPOSITORY'),
    serverUrl: env('GITHUB_SERVER_URL'),
    oidcUrl: env('ACTIONS_ID_TOKEN_REQUEST_URL'),
    oidcToken: env('ACTIONS_ID_TOKEN_REQUEST_TOKEN'),
  })
  if (given.success) {
    setSecret(given.data.token)
    setSecret(given.data.oidcToken)
    return given.data
  }
  const fault = given.error.issues[0]
  throw new WrongStart(`the job's ${fault?.path.join('.') ?? 'start'} is wrong: ${fault?.message ?? 'unknown'}`)
}

function env(name: string): string {
  return process.env[name] ?? ''
}

/** From here on the secrets are in this process's memory alone: nothing that it starts can inherit them. */
function forgetSecrets(): void {
  for (const name of Object.keys(process.env)) {
    if (/^(ACTIONS_|INPUT_|GITHUB_TOKEN$|GH_TOKEN$)/.test(name)) Reflect.deleteProperty(process.env, name)
  }
}

async function perform(given: Given): Promise<JobEnd> {
  const { mode, grant, effect, controllerKeys, repositoryId } = given
  const signer = freshSigner()
  const folder = mkdtempSync(join(tmpdir(), 'agentos-base-'))
  try {
    const expected = { mode, grant, effect, authority: 'github', repositoryId, controllerKeys } as const
    return await runJob({ expected, ports: portsOf(given, signer, folder) })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function portsOf({ url, oidcUrl, oidcToken, ...given }: Given, signer: Signer, folder: string): JobPorts {
  const audience = jobAudience(url, signer.keyid)
  const { desk, blobs } = httpDesk({
    url,
    token: oidcTokens({ url: oidcUrl, token: oidcToken, audience }),
    waitsMs: PATIENT,
  })
  return {
    desk,
    blobs,
    checkout: checkoutFrom({ url: `${given.serverUrl}/${given.repository}.git`, token: given.token }, folder),
    workplace,
    ignored: ignoredPaths,
    sandbox: (toolchain) => bubblewrapSandbox({ ...thisMachine(), toolchain }),
    signer,
    open: openEnvelope,
    clock: { now: () => new Date().toISOString() },
    filter,
  }
}

/** Git reads the objects and never writes a working tree. */
function checkoutFrom(remote: Remote, folder: string): Checkout {
  return async (commit) => {
    await fetchCommit(remote, commit, folder)
    return checkoutOf(await localRepository(folder), commit)
  }
}

/** Says how the job ended, in the log, the outputs and the summary. What commands printed is not repeated here. */
async function tell(end: JobEnd): Promise<void> {
  setOutput('outcome', end.is === 'declined' ? 'declined' : end.delivery.outcome.is)
  setOutput('tree', end.is === 'declined' ? '' : (end.delivery.tree ?? ''))
  const sentence = sentenceOf(end)
  await summary.addRaw(`**AgentOS:** ${sentence}`, true).write()
  if (end.exit === 0) process.stdout.write(`${sentence}\n`)
  else setFailed(`AgentOS: ${sentence}`)
}

function sentenceOf(end: JobEnd): string {
  if (end.is === 'declined') {
    const { rule, because, next } = end.refusal
    return oneLine(`the controller declined (${rule}): ${because}. Next: ${next}.`)
  }
  const { outcome, receipts, tree } = end.delivery
  if (outcome.is === 'failed')
    return oneLine(`failed${outcome.step === null ? '' : ` at step ${outcome.step}`}: ${outcome.because}`)
  return `done: ${receipts.length} steps, tree ${tree ?? ''}`
}

/** Text of unknown origin as one plain line: no workflow command, control character, mark-up or mention can come of it. */
function oneLine(text: string): string {
  return filter
    .text(text)
    .replace(/[^\x20-\x7e]/g, '?')
    .replace(/[<>`@*_[\]|]/g, ' ')
    .slice(0, 1200)
}

await main()
