import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bubblewrapSandbox, thisMachine } from '../../adapters/sandbox/bubblewrap.ts'
import { discardScratch, scratchCopy, scratchFolder } from '../../adapters/sandbox/scratch.ts'
import { openEnvelope } from '../../adapters/signing/ed25519.ts'
import { verifyEvidence } from '../../app/verify.ts'
import type { Stage } from '../../demo/stage.ts'
import type { ControllerKey } from '../../domain/evidence.ts'
import { type RunSeen, runOf, runWith } from './api.ts'
import { openIssue, type Request } from './story.ts'
import type { Teller } from './teller.ts'

export type Refusal = { readonly attempt: string; readonly rule: string; readonly because: string }

export type Breaking = {
  readonly stage: Stage
  readonly teller: Teller
  readonly request: Request
  readonly delivered: RunSeen
  readonly evidence: Uint8Array
  readonly keys: readonly ControllerKey[]
}

/** Something that had to be refused was not: the demo must not pretend otherwise. */
export class NotRefused extends Error {
  override readonly name = 'NotRefused'
}

/** Live attempts on what was just made. Each must be refused; one that is not ends the demo with an error. */
export async function tryToBreakIt(breaking: Breaking): Promise<readonly Refusal[]> {
  const { teller } = breaking
  teller.heading('6. Try to break it')
  const refusals: Refusal[] = []
  const tell = (refusal: Refusal) => {
    refusals.push(refusal)
    teller.line(`  refused  ${refusal.attempt}: ${refusal.because} [${refusal.rule}]`)
  }
  const second = await secondRun(breaking)
  tell(await requesterApproves(breaking, second))
  tell(await pushUnderApproval(breaking, second))
  tell(await planNamesCurl(breaking))
  for (const refusal of await hostileTest()) tell(refusal)
  tell(changeOneByte(breaking))
  return refusals
}

/** The same request once more, up to the plan: there is something to approve wrongly. */
async function secondRun({ stage, teller, request }: Breaking): Promise<RunSeen> {
  teller.progress('a second run of the same request, to attack it')
  const issue = await openIssue(stage, { ...request, title: `${request.title} (again)` })
  let run = await runOf(stage, issue, ['blocked', 'proposed'])
  if (run.phase === 'blocked') {
    run = await runWith(stage, run.run, 'PullRequestOpened')
    const { owner, name } = stage.repository
    const body = ['/agentos answer', ...Object.values(request.answers).map((value, i) => `q${i + 1}: ${value}`)].join(
      '\n',
    )
    await stage.as('lee', 'POST', `/repos/${owner}/${name}/issues/${run.pullRequest?.number ?? 0}/comments`, { body })
    await runWith(stage, run.run, 'AnswersTaken', run.timeline.length)
    run = await runOf(stage, issue, ['proposed'])
  }
  if (run.phase !== 'proposed') throw new NotRefused(`the second run did not reach a plan: ${run.standing.headline}`)
  return run
}

async function requesterApproves({ stage }: Breaking, run: RunSeen): Promise<Refusal> {
  await review(stage, 'ana', run)
  const seen = await runWith(stage, run.run, 'ApprovalDeclined', run.timeline.length)
  const verdict = seen.verdicts.findLast(({ at, is }) => at === 'review' && is === 'blocked')
  if (verdict === undefined || seen.phase !== 'proposed')
    throw new NotRefused('the requester approved their own request')
  return { attempt: 'the requester approves', rule: verdict.gate, because: verdict.because }
}

async function pushUnderApproval({ stage }: Breaking, run: RunSeen): Promise<Refusal> {
  const { owner, name } = stage.repository
  const content = Buffer.from('nobody approved this\n').toString('base64')
  await stage.as('lee', 'PUT', `/repos/${owner}/${name}/contents/slipped-in.txt`, {
    message: 'Slip in',
    content,
    branch: run.pullRequest?.branch,
  })
  await review(stage, 'lee', run)
  const seen = await runWith(stage, run.run, 'RunRefused', run.timeline.length)
  if (seen.phase !== 'refused') throw new NotRefused(`a commit was pushed onto the plan and the run is ${seen.phase}`)
  return { attempt: 'a commit is pushed onto the plan, and then approved', ...ruleIn(seen) }
}

async function review(stage: Stage, login: string, run: RunSeen): Promise<void> {
  const { owner, name } = stage.repository
  await stage.as(login, 'POST', `/repos/${owner}/${name}/pulls/${run.pullRequest?.number ?? 0}/reviews`, {
    event: 'APPROVE',
  })
}

async function planNamesCurl({ stage }: Breaking): Promise<Refusal> {
  const comment = '/agentos plan --recipe run-command command="curl http://127.0.0.1/" outputs="loot.txt"'
  const issue = await openIssue(stage, { title: 'Fetch something', body: '', comment })
  const seen = await runOf(stage, issue, ['proposed'])
  if (seen.phase !== 'refused') throw new NotRefused(`a plan that names curl is ${seen.phase}`)
  return { attempt: 'a plan names curl', ...ruleIn(seen) }
}

function ruleIn(run: RunSeen): { readonly rule: string; readonly because: string } {
  const found = /^\*\*[^*]+\*\*: (.*) \(rule `([^`]+)`\)$/s.exec(run.standing.headline)
  return { rule: found?.[2] ?? run.phase, because: found?.[1] ?? run.standing.headline }
}

const PROBE = `const { test } = require('node:test')
const fs = require('node:fs')
test('the network', async () => { await fetch('http://127.0.0.1:' + fs.readFileSync('port', 'utf8')) })
test('the environment of another process', () => {
  const others = fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))
  const found = others.some((pid) => { try { return fs.readFileSync('/proc/' + pid + '/environ', 'utf8').includes('AGENTOS_DEMO_SECRET') } catch { return false } })
  if (!found) throw new Error('no other process gives its environment away')
})
`

/** A test file that passes where it can reach out, which is shown first; in the sandbox of the steps both tests must fail. */
async function hostileTest(): Promise<readonly Refusal[]> {
  const source = await mkdtemp(join(tmpdir(), 'agentos-probe-'))
  const scratch = scratchFolder()
  const server = createServer((_request, response) => response.end('reached'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const victim = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    env: { AGENTOS_DEMO_SECRET: 'x' },
    stdio: 'ignore',
  })
  try {
    const address = server.address()
    await writeFile(join(source, 'probe.test.js'), PROBE)
    await writeFile(join(source, 'port'), String(typeof address === 'object' && address !== null ? address.port : 0))
    const [bare] = await once(
      spawn(process.execPath, ['--test', 'probe.test.js'], { cwd: source, stdio: 'ignore' }),
      'exit',
    )
    if (bare !== 0) throw new NotRefused('the hostile test fails without the sandbox as well, so it shows nothing')
    const checkout = join(scratch, 'checkout')
    scratchCopy(source, checkout)
    const argv = ['node', '--test', '--test-reporter=tap', 'probe.test.js']
    return readProbe(
      await bubblewrapSandbox(thisMachine()).run({ argv, checkout, cwd: '', env: {}, network: 'none', limits: LIMITS }),
    )
  } finally {
    victim.kill('SIGKILL')
    server.close()
    discardScratch(scratch)
    await rm(source, { recursive: true, force: true })
  }
}

const LIMITS = {
  wallMs: 60_000,
  cpuSeconds: 30,
  outputBytes: 1 << 20,
  memoryBytes: 1 << 30,
  processes: 100,
  fileBytes: 1 << 20,
  diskBytes: 1 << 24,
  files: 10_000,
}

function readProbe(outcome: Awaited<ReturnType<ReturnType<typeof bubblewrapSandbox>['run']>>): readonly Refusal[] {
  if (outcome.is !== 'exited') throw new NotRefused(`the hostile test did not run: ${outcome.is}`)
  const text = new TextDecoder().decode(outcome.stdout)
  const failed = (name: string) => new RegExp(`^not ok \\d+ - ${name}$`, 'm').test(text)
  if (outcome.code === 0 || !failed('the network') || !failed('the environment of another process'))
    throw new NotRefused('a test reached out of the sandbox')
  return [
    { attempt: 'a test reaches for the network', rule: 'sandbox', because: 'the sandbox has no network' },
    {
      attempt: 'a test reaches for another process’s environment',
      rule: 'sandbox',
      because: 'the sandbox shows no process but its own',
    },
  ]
}

function changeOneByte({ evidence, keys }: Breaking): Refusal {
  const altered = evidence.slice()
  const at = Math.floor(altered.length / 2)
  altered[at] = (altered[at] ?? 0) ^ 1
  const verified = verifyEvidence(altered, { open: openEnvelope, trusted: keys })
  if (verified.valid) throw new NotRefused('the evidence was changed and verifies all the same')
  return {
    attempt: `byte ${at} of the evidence is changed`,
    rule: 'verify',
    because: `${verified.fault} (${verified.where})`,
  }
}
