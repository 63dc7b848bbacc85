import { readPlanFile } from '../../app/plan-file.ts'
import type { Plan } from '../../domain/packs/plan.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { type Stop, stop } from '../local/stop.ts'
import { answerBatch } from './batch.ts'
import {
  answered,
  type CliCommand,
  type Ending,
  flag,
  type Given,
  needed,
  noWords,
  oneWord,
  stopped,
  text,
} from './command.ts'
import { type PatchAnswer, PatchItem } from './items.ts'
import { readInput } from './read-input.ts'

export const checkPatch: CliCommand = {
  usage: 'agentos check patch (FILE | --batch) --repo DIR [--plan FILE]',
  summary: 'Judge a patch against a clone and its policy; with --batch one {id, patch} a line, the patch in base64.',
  exits: [0, 2, 3, 4],
  options: { repo: text, plan: text, batch: flag },
  async run(given) {
    const file = given.switches.has('batch') ? null : oneWord(given, 'patch file')
    if (file === null) noWords(given)
    const dir = needed(given, 'repo')
    const plan = await planFrom(given)
    if (!plan.ok) return stopped(plan.refusal)
    const { openGoverned } = await import('../local/governed-clone.ts')
    const clone = await openGoverned(dir, plan.value?.base.sha)
    if (!clone.ok) return stopped(clone.refusal)
    const { checkPatch } = await import('../local/check-patch.ts')
    const { repository, base, control } = clone.value
    const ground = { repository, base, policy: control.manifest.policy, plan: plan.value }
    if (file !== null) return ending(await checkPatch(await readInput(file), ground))
    return answerBatch(PatchItem, ({ patch }) => checkPatch(Buffer.from(patch, 'base64'), ground))
  },
}

async function planFrom(given: Given): Promise<Result<Plan | null, Stop>> {
  const file = given.flags.get('plan')
  if (file === undefined) return ok(null)
  const opened = readPlanFile(await readInput(file))
  if (opened.ok) return ok(opened.value.plan)
  const { is, because } = opened.refusal
  return refuse(stop(is === 'tampered' ? 3 : 2, 'plan-file', `${file}: ${because}`, 'plan again'))
}

const EXIT = { allow: 0, deny: 3, needs_approval: 4 } as const

function ending(answer: PatchAnswer): Ending {
  const { decision, rule, paths, reasons } = answer
  return answered(
    EXIT[decision],
    answer,
    [`${decision} [${rule}]`, ...reasons, ...paths.map((path) => `  ${path}`)].join('\n'),
  )
}
