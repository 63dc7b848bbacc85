import { setTimeout as delay } from 'node:timers/promises'
import type { Stage } from '../../demo/stage.ts'
import { type RunSeen, runOf, runWith, showRun } from './api.ts'
import { effectsOpen, openQuestions } from './open-questions.ts'
import type { Teller } from './teller.ts'

export type Request = {
  readonly title: string
  readonly body: string
  /** The whole comment that asks. */
  readonly comment: string
  /** Answers by topic, taken where nobody sits at the terminal. */
  readonly answers: Readonly<Record<string, string>>
}

export type Story = { readonly stage: Stage; readonly teller: Teller; readonly request: Request }

/** Why the story stopped before anything was delivered, and what the demo's process ends with. */
export type Stopped = { readonly is: 'stopped'; readonly exit: 1 | 3 | 4; readonly run: RunSeen }
export type Told = { readonly is: 'delivered'; readonly run: RunSeen } | Stopped

/** Plays one request from the issue to the delivered commit; every step is the server's and the runner's own. */
export async function tellStory(story: Story): Promise<Told> {
  const { stage, teller, request } = story
  teller.heading('1. Ana asks')
  const issue = await openIssue(stage, request)
  teller.quote('@ana', `${request.title}\n${request.body}\n\n${request.comment}`)
  teller.progress('AgentOS reads the repository and drafts')
  let run = await runOf(stage, issue, ['blocked', 'proposed'])
  while (run.phase === 'blocked') {
    const answered = await answerQuestions(story, run)
    if (!answered) return { is: 'stopped', exit: 4, run }
    teller.progress('planning goes on, then the dry run in the sandbox')
    run = await runOf(stage, issue, ['blocked', 'proposed'])
  }
  if (run.phase !== 'proposed') return stopped(run)
  tellPlan(teller, run)
  return approve(story, run, issue)
}

function stopped(run: RunSeen): Stopped {
  return { is: 'stopped', exit: run.phase === 'failed' ? 1 : 3, run }
}

export async function openIssue(stage: Stage, { title, body, comment }: Omit<Request, 'answers'>): Promise<number> {
  const { owner, name } = stage.repository
  const opened = await stage.as('ana', 'POST', `/repos/${owner}/${name}/issues`, { title, body })
  const number = numberIn(opened.body, 'number')
  await stage.as('ana', 'POST', `/repos/${owner}/${name}/issues/${number}/comments`, { body: comment })
  return number
}

async function answerQuestions(story: Story, blocked: RunSeen): Promise<boolean> {
  const { stage, teller, request } = story
  const run = await runWith(stage, blocked.run, 'PullRequestOpened')
  const number = run.pullRequest?.number
  if (number === undefined) return false
  const pack = openQuestions(await (await stage.ask(`/api/runs/${run.run}/evidence`)).json())
  teller.heading('2. AgentOS asks, and waits')
  teller.quote('agentos', pack.text)
  const lines: string[] = []
  for (const question of pack.questions) {
    const suggestion = request.answers[question.about] ?? question.suggestion
    const given = await teller.ask(`You are Lee. ${question.id}: ${question.text}`, suggestion ?? '')
    const answer = given ?? suggestion
    if (answer === null || answer === '') return false
    lines.push(`${question.id}: ${answer}`)
  }
  const reply = ['/agentos answer', ...lines].join('\n')
  const { owner, name } = stage.repository
  await stage.as('lee', 'POST', `/repos/${owner}/${name}/issues/${number}/comments`, { body: reply })
  teller.quote('@lee', reply)
  const seen = await runWith(stage, run.run, 'AnswersTaken', run.timeline.length)
  return seen.phase !== 'blocked'
}

function tellPlan(teller: Teller, run: RunSeen): void {
  teller.heading('3. The plan, after a dry run in the sandbox')
  teller.line(`  ${run.standing.headline.replace(/\*\*/g, '')}`)
  teller.block(run.diff?.text ?? '')
  teller.line('  Gates so far:')
  for (const [at, gates] of Map.groupBy(run.verdicts, (verdict) => verdict.at))
    teller.line(`    ${at.padEnd(14)} ${gates.map((gate) => `${gate.gate} ${gate.is}`).join(', ')}`)
}

async function approve(story: Story, run: RunSeen, issue: number): Promise<Told> {
  const { stage, teller } = story
  const number = run.pullRequest?.number ?? 0
  const { owner, name } = stage.repository
  const yes = (await teller.ask(`You are Lee. Approve pull request #${number}? (yes/no)`, 'yes')) ?? 'yes'
  if (!/^y(es)?$/i.test(yes)) {
    await stage.as('lee', 'POST', `/repos/${owner}/${name}/issues/${number}/comments`, { body: '/agentos stop' })
    const ended = await runOf(stage, issue, ['cancelled'])
    return { is: 'stopped', exit: 4, run: ended }
  }
  await stage.as('lee', 'POST', `/repos/${owner}/${name}/pulls/${number}/reviews`, {
    event: 'APPROVE',
    body: 'These exact bytes.',
  })
  teller.heading('4. Lee approves exactly these bytes')
  teller.quote('@lee', `approves #${number} at ${run.proposed?.commit ?? ''}`)
  teller.progress(whatFollows(run))
  const ended = await runOf(stage, issue, ['delivered'])
  return ended.phase === 'delivered' ? { is: 'delivered', run: await settled(stage, ended.run) } : stopped(ended)
}

function whatFollows({ plan }: RunSeen): string {
  const isLight = plan?.document?.['lane'] === 'light'
  const next = isLight ? 'the dry run stands, so that no second job is needed' : 'the runner executes in the sandbox'
  return `every gate is asked again, locks are taken, ${next}`
}

/** The last effects (check runs, ready mark, card) are performed after the delivery is on record. */
async function settled(stage: Stage, run: string): Promise<RunSeen> {
  for (;;) {
    const seen = await showRun(stage, run)
    if (!effectsOpen(seen)) return seen
    await delay(150)
  }
}

export function numberIn(body: unknown, name: string): number {
  if (typeof body === 'object' && body !== null && name in body) {
    const value = Object.entries(body).find(([key]) => key === name)?.[1]
    if (typeof value === 'number') return value
  }
  throw new TypeError(`the answer has no ${name}: ${JSON.stringify(body).slice(0, 300)}`)
}
