import { z } from 'zod'
import { type ApprovalRule, approvalsNeeded } from '../../domain/control/policy.ts'
import { reviewGate } from '../../domain/gates/review.ts'
import { answered, type CliCommand, type Ending, noWords, stopped, text, WrongUsage } from './command.ts'
import { type ApprovalAnswer, ApprovalContext } from './items.ts'
import { readInput } from './read-input.ts'
import { rulesGiven } from './rules-from.ts'

export const checkApproval: CliCommand = {
  usage: 'agentos check approval [--policy FILE] [--repo DIR] < context.json',
  summary: 'Judge reviews as approvals of a plan commit; `agentos schema check-approval` shows the context.',
  exits: [0, 2, 3, 4],
  options: { policy: text, repo: text },
  async run(given) {
    noWords(given)
    const context = readContext(await readInput('-'))
    const { rulesFrom } = await import('../local/rules.ts')
    const rules = await rulesFrom(await rulesGiven(given))
    if (!rules.ok) return stopped(rules.refusal)
    return ending(judgeReviews(context, context.rule ?? rules.value.manifest.policy.approve))
  },
}

function readContext(bytes: Uint8Array): ApprovalContext {
  try {
    return ApprovalContext.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (error) {
    if (error instanceof z.ZodError) throw new WrongUsage(z.prettifyError(error), { cause: error })
    if (error instanceof SyntaxError || error instanceof TypeError)
      throw new WrongUsage('the context is not JSON', { cause: error })
    throw error
  }
}

/** A person's last review that is more than a comment is the one that counts. */
function judgeReviews(
  { reviews, lane, requester, author, proposed, highRisk }: ApprovalContext,
  rule: z.infer<typeof ApprovalRule>,
): ApprovalAnswer {
  const said = reviews.filter((review) => review.state !== 'commented')
  const last = [...new Map(said.map((review) => [review.reviewer.id, review])).values()]
  const judged = last.map((review) => ({
    login: review.login,
    verdict: reviewGate.judge({ ...review, requester, author, proposed, carried: [], rule, highRisk, local: false }),
  }))
  const counted = judged.filter(({ verdict }) => verdict.is === 'passed').length
  const need = approvalsNeeded(rule, lane)
  const reasons = judged.map(
    ({ login, verdict }) => `${login}: ${verdict.is === 'waiting' ? verdict.for : verdict.because}`,
  )
  const state = counted >= need ? 'approved' : counted < judged.length ? 'blocked' : 'waiting'
  return { state, reasons: [...reasons, `${counted} of ${need} approvals`] }
}

const EXIT = { approved: 0, blocked: 3, waiting: 4 } as const

function ending(answer: ApprovalAnswer): Ending {
  return answered(EXIT[answer.state], answer, [answer.state, ...answer.reasons].join('\n'))
}
