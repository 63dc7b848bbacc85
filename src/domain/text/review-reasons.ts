import { gates } from '../gates/index.ts'
import { short } from '../hash.ts'
import { type Documents, readWords } from '../packs/documents.ts'
import { Words } from '../packs/people.ts'
import type { ReviewPack, StepAccount } from '../packs/review-pack.ts'
import { isErased, type RunState } from '../run/state.ts'
import { inline, listed, prose } from './markdown.ts'
import { placesOf } from './places.ts'
import { count } from './words.ts'

const MOST_TESTS = 3000

/** Why the run ended as it did, the most telling first: each line is one fact of the log. */
export function reasonLines(state: RunState, documents: Documents, pack: ReviewPack): readonly string[] {
  return [
    ...ruleLine(pack),
    ...listed(failedStepLines(pack), MOST_TESTS, (left) => `- and ${left} more steps that failed, below`),
    ...approvalLine(state, documents, pack),
    ...sizeLine(pack),
    ...listed(testLines(pack), MOST_TESTS, (left) => `- and ${left} more checks, below`),
    ...gateLine(pack),
    ...commitLine(pack),
  ]
}

/** What the rule that ended the run guards, where it is a gate. */
function ruleLine({ rule }: ReviewPack): readonly string[] {
  const gate = gates.find(({ name }) => name === rule)
  if (gate === undefined) return []
  const line = gate.redLine === null ? 'The rule' : `The rule is red line ${gate.redLine}`
  return [`- ${line}: ${gate.title}`]
}

function failedStepLines({ steps }: ReviewPack): readonly string[] {
  return steps
    .filter(({ outcome }) => outcome !== 'done')
    .map((step) => `- Step \`${step.id}\` of the ${jobName(step)} ${prose(step.outcome)}${exitOf(step)}`)
}

/** Who approved, with the review and the commit; nothing where there is no plan to approve. */
export function approvalLine(
  state: RunState,
  documents: Documents,
  pack: Pick<ReviewPack, 'approvals' | 'byRequesterAlone' | 'plan'>,
): readonly string[] {
  const { approvals, byRequesterAlone, plan } = pack
  if (approvals.length === 0) return plan === null ? [] : ['- No approval counts for the plan']
  const places = placesOf(state)
  const said = approvals.map(
    (one) =>
      `${nameOf(state, documents, one)} (${one.authority === 'local' ? 'on this machine' : places.review(one.reviewId)}${one.commit === null ? '' : ` on \`${short(one.commit)}\``})`,
  )
  const alone = byRequesterAlone ? '; **approved by the requester alone**, as the policy allows' : ''
  return [`- Approved by ${said.join(', ')}${alone}`]
}

/** Whoever approved, by name as long as the words of the review are kept. */
export function nameOf(
  state: RunState,
  documents: Documents,
  { words, userId }: Pick<ReviewPack['approvals'][number], 'words' | 'userId'>,
): string {
  return isErased(state, words) ? `user ${userId}` : inline(readWords(documents, words, Words).login)
}

function sizeLine({ plan, reused }: ReviewPack): readonly string[] {
  if (plan === null) return []
  const { size, paths, risk, lane } = plan
  const lines = size === undefined ? '' : `, +${size.added} −${size.removed} lines`
  const light =
    reused === undefined ? [] : [`- **Light lane**: no second job; the checks of the dry run of ${reused.since} stand`]
  return [`- ${count(paths.length, 'file')}${lines}; risk ${risk.level}, lane ${lane}`, ...light]
}

/** What each check of the change said, wherever it ran. */
function testLines({ steps }: ReviewPack): readonly string[] {
  const checks = steps.filter(({ kind, outcome }) => kind === 'verify' && outcome === 'done')
  return [...new Set(checks.map(({ id }) => id))].map((id) => {
    const runs = checks.filter((step) => step.id === id)
    const where = runs.map((step) => `the ${jobName(step)}`).join(' and in ')
    return `- ${commandOf(runs[0])} passed in ${where}`
  })
}

export function commandOf(step: Pick<StepAccount, 'command'> | undefined): string {
  const text = step?.command?.join(' ') ?? ''
  return text === '' ? '–' : inline(text.length <= MOST_COMMAND ? text : `${text.slice(0, MOST_COMMAND)}…`)
}

const MOST_COMMAND = 120

export function jobName({ job }: Pick<StepAccount, 'job'>): string {
  return job === 'execute' ? 'execution' : 'dry run'
}

function exitOf({ exitCode }: StepAccount): string {
  return exitCode === undefined || exitCode === null ? '' : ` (exit ${exitCode})`
}

/** Every verdict that did not pass and stood in the way once. */
export function stoodInTheWay({ gates: asked }: ReviewPack): ReviewPack['gates'] {
  return asked.filter(({ at, is }) => is !== 'passed' && is !== 'erased' && !choosesLane(at))
}

/** The conditions of the light lane only choose a lane. */
export function choosesLane(at: string): boolean {
  return at === 'lane' || at === 'reuse'
}

function gateLine(pack: ReviewPack): readonly string[] {
  const stopped = stoodInTheWay(pack)
  const asked = count(pack.gates.length, 'verdict')
  if (stopped.length === 0) return pack.delivered === null ? [] : [`- Every gate passed: ${asked}`]
  const names = [...new Set(stopped.map(({ gate }) => `\`${gate}\``))].join(', ')
  return [`- Gates: ${asked}, of which ${stopped.length} did not pass (${names})`]
}

function commitLine({ delivered, plan, reproduced }: ReviewPack): readonly string[] {
  if (delivered === null || plan === null) return []
  const same = delivered.tree === plan.tree ? 'is the approved one, byte for byte' : '**differs from the approved one**'
  const again = reproduced === true ? '; running the commands again brought forth the same bytes' : ''
  return [`- The tree of \`${short(delivered.commit)}\` ${same}${again}`]
}
