import { readPlanFile } from '../../app/plan-file.ts'
import { stop } from '../local/stop.ts'
import { approverFrom } from './approver.ts'
import { type CliCommand, done, type Ending, needed, oneWord, stopped, text } from './command.ts'
import { nowFrom, readInput } from './read-input.ts'
import { prepareOutput } from './write-output.ts'

export const execute: CliCommand = {
  usage: 'agentos execute plan.json --repo DIR --approved-by NAME --out evidence.json [--now T]',
  summary: 'Execute an approved plan on a clone: one commit on a new branch, or nothing at all.',
  exits: [0, 1, 2, 3, 4, 5],
  options: { repo: text, 'approved-by': text, out: text, now: text },
  async run(given) {
    const file = oneWord(given, 'plan file')
    const [dir, out, now] = [needed(given, 'repo'), needed(given, 'out'), nowFrom(given)]
    const opened = readPlanFile(await readInput(file))
    if (!opened.ok) {
      const { is, because } = opened.refusal
      return stopped(stop(is === 'tampered' ? 3 : 2, 'plan-file', `${file}: ${because}`, 'plan again'))
    }
    const approvedBy = approverFrom(given)
    if (approvedBy === undefined)
      return stopped(stop(4, 'approval', 'nobody has approved this plan', 'name who approves it with --approved-by'))
    const { executePlan } = await import('../local/execute-plan.ts')
    const { localSigner } = await import('../local/local-signer.ts')
    const output = await prepareOutput(out)
    try {
      const signer = await localSigner(process.env)
      if (!signer.ok) return stopped(signer.refusal)
      const { evidence, log, result } = await executePlan({
        dir,
        opened: opened.value,
        approvedBy,
        now,
        signer: signer.value,
      })
      if (evidence !== null) await output.keep(evidence)
      return result.ok ? landed(result.value, out) : stopped(result.refusal, log, 'Nothing was landed.')
    } finally {
      await output.drop()
    }
  },
}

type Landed = {
  readonly commit: string
  readonly tree: string
  readonly diffSha256: string
  readonly branch: string
  readonly run: string
}

function landed({ commit, tree, diffSha256, branch, run }: Landed, out: string): Ending {
  const json = { commit, tree, diffSha256, branch, run, evidence: out }
  const lines = [`commit      ${commit}`, `tree        ${tree}`, `diffSha256  ${diffSha256}`, `branch      ${branch}`]
  return done(json, [...lines, `evidence    ${out} (authority: local, GitHub attested nothing)`].join('\n'))
}
