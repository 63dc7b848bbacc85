import { outsideWords } from '../../domain/text/undone.ts'
import type { RollbackRequest, RollbackStop, RolledBack } from '../local/roll-back.ts'
import { approverFrom } from './approver.ts'
import { type CliCommand, done, type Ending, needed, oneWord, stopped, text } from './command.ts'
import { nowFrom, readInput } from './read-input.ts'
import { trustGiven } from './trust.ts'
import { prepareOutput } from './write-output.ts'

export const rollback: CliCommand = {
  usage:
    'agentos rollback evidence.json --repo DIR [--approved-by NAME] [--trust KEYS] [--out evidence.json] [--now T]',
  summary: 'Take back on a clone what a run landed: one commit on a new branch, later edits kept, or nothing at all.',
  exits: [0, 1, 2, 3, 5],
  options: { repo: text, 'approved-by': text, trust: text, out: text, now: text },
  async run(given) {
    const file = oneWord(given, 'evidence file')
    const [dir, out, now] = [needed(given, 'repo'), given.flags.get('out'), nowFrom(given)]
    const approvedBy = approverFrom(given) ?? null
    const [evidence, trust] = [await readInput(file), await trustGiven(given)]
    const { localSigner } = await import('../local/local-signer.ts')
    const signer = await localSigner(process.env)
    if (!signer.ok) return stopped(signer.refusal)
    return perform({ dir, evidence, trust, approvedBy, now, signer: signer.value }, out ?? null)
  },
}

async function perform(request: RollbackRequest, out: string | null): Promise<Ending> {
  const { rollBack } = await import('../local/roll-back.ts')
  const output = out === null ? null : await prepareOutput(out)
  try {
    const { evidence, log, result } = await rollBack(request)
    if (evidence !== null) await output?.keep(evidence)
    return result.ok ? tookBack(result.value, out) : refused(result.refusal, log)
  } finally {
    await output?.drop()
  }
}

function refused({ conflicts, ...stop }: RollbackStop, log: string): Ending {
  const ending = stopped(stop, log, 'Nothing was landed.')
  if (conflicts.length === 0) return ending
  const { exit, rule, because, next } = stop
  const lines = conflicts.map((one) => `  ${JSON.stringify(one.path)}: ${one.because}`)
  return {
    ...ending,
    json: { error: { exit, rule, because, next }, conflicts },
    text: [...lines, ending.text].join('\n'),
  }
}

function tookBack({ commit, tree, diffSha256, branch, run, undone }: RolledBack, out: string | null): Ending {
  const { restored, kept, outside } = undone
  const stays = outsideWords(outside)
  const json = { commit, tree, diffSha256, branch, run, evidence: out, restored, kept, stays }
  return done(
    json,
    [
      `commit      ${commit}`,
      `tree        ${tree}`,
      `diffSha256  ${diffSha256}`,
      `branch      ${branch}`,
      `restored    ${restored.length} of ${restored.length + kept.length} paths equal their recorded former state`,
      ...kept.map((path) => `kept        later changes in ${JSON.stringify(path)}`),
      ...stays.map((what) => `stays       ${what}`),
      ...(out === null ? [] : [`evidence    ${out} (authority: local, GitHub attested nothing)`]),
    ].join('\n'),
  )
}
