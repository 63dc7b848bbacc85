import { Mode } from '../../domain/control/policy.ts'
import type { Question } from '../../domain/packs/question-pack.ts'
import type { Asking, PlanMade } from '../local/plan-locally.ts'
import { type CliCommand, done, type Ending, type Given, needed, stopped, text, WrongUsage } from './command.ts'
import { nowFrom, readInput } from './read-input.ts'
import { paramsIn } from './recipe-params.ts'
import { prepareOutput } from './write-output.ts'

export const plan: CliCommand = {
  usage:
    'agentos plan --repo DIR (--recipe R k=v… | --patch FILE [TEXT] | TEXT) [--mode M] [--answers FILE] [--now T] [--out plan.json]',
  summary: 'Plan a change of a clone, with a dry run in the sandbox; or ask what is missing.',
  exits: [0, 1, 2, 3, 4, 5],
  options: { repo: text, recipe: text, patch: text, mode: text, answers: text, now: text, out: text },
  async run(given) {
    const request = {
      dir: needed(given, 'repo'),
      asking: await askingFrom(given),
      mode: modeFrom(given),
      answers: await answersFrom(given),
      now: nowFrom(given),
    }
    const { planLocally } = await import('../local/plan-locally.ts')
    const made = await planLocally(request)
    if (!made.ok) return stopped(made.refusal, made.refusal.log, 'The repository is as it was.')
    return made.value.is === 'blocked' ? blocked(made.value) : keep(made.value, given.flags.get('out'))
  },
}

async function askingFrom(given: Given): Promise<Asking> {
  const recipe = given.flags.get('recipe')
  const patch = given.flags.get('patch')
  const words = [...given.words, ...(given.rest ?? [])]
  if (recipe !== undefined && patch !== undefined) throw new WrongUsage('give either --recipe or --patch')
  if (recipe !== undefined) return { is: 'recipe', name: recipe, params: paramsIn(words) }
  if (patch !== undefined) return { is: 'patch', bytes: await readInput(patch), text: words.join(' ') }
  const text = words.join(' ').trim()
  if (text === '') throw new WrongUsage('say what is wanted: --recipe R k=v…, --patch FILE, or words')
  return { is: 'words', text }
}

function modeFrom(given: Given): Mode | null {
  const value = given.flags.get('mode')
  if (value === undefined) return null
  const mode = Mode.safeParse(value)
  if (!mode.success) throw new WrongUsage(`--mode is one of ${Mode.options.join(', ')}`)
  return mode.data
}

async function answersFrom(given: Given) {
  const file = given.flags.get('answers')
  if (file === undefined) return []
  const { readAnswers } = await import('./read-answers.ts')
  return readAnswers(await readInput(file))
}

type Blocked = Extract<PlanMade, { is: 'blocked' }>
type Planned = Extract<PlanMade, { is: 'planned' }>

function blocked({ pack, open }: Blocked): Ending {
  const questions = open.map(toText).join('\n\n')
  const next = `Answer in a file, one line for each (${open.map(({ id }) => `${id}: …`).join(', ')}), and give it with --answers.`
  return {
    exit: 4,
    json: { ...pack, questions: open },
    text: `Round ${pack.round} of questions:\n\n${questions}\n\n${next}`,
  }
}

function toText({ id, text, impact, choices, default: given }: Question): string {
  const offered = choices.length === 0 ? '' : `\n    choices: ${choices.join(', ')}`
  const otherwise = given === null ? '' : `\n    default: ${given}`
  return `${id}  ${text.replaceAll('\n', '\n    ')}\n    ${impact}${offered}${otherwise}`
}

async function keep({ plan, planHash, file, diff }: Planned, out: string | undefined): Promise<Ending> {
  const { lane, risk, predictedTree, diffSha256, base } = plan
  const facts = {
    planHash,
    base: base.sha,
    lane,
    risk: risk.level,
    predictedTree,
    diffSha256,
    files: plan.edits.length,
  }
  if (out === undefined) return { ...done(facts, ''), raw: file }
  await (await prepareOutput(out)).keep(file)
  const commands = plan.steps.flatMap((step) => (step.is === 'edit' ? [] : [`  ${step.is}: ${step.argv.join(' ')}`]))
  const checked = plan.noVerify === null ? [] : [`  nothing verifies it: ${plan.noVerify}`]
  const head = `Plan ${planHash} in ${out}: ${plan.edits.length} files, ${lane} lane, ${risk.level} risk.`
  return done({ ...facts, out }, [head, ...commands, ...checked, '', diff.trimEnd()].join('\n'))
}
