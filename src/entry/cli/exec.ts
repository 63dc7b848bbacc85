import { canonicalJson } from '../../domain/canonical.ts'
import type { ExecDone } from '../local/exec-command.ts'
import { filterFor } from '../process-secrets.ts'
import { type CliCommand, type Ending, needed, stopped, text, WrongUsage } from './command.ts'
import { printed } from './printed.ts'
import { rulesGiven } from './rules-from.ts'
import { prepareOutput } from './write-output.ts'

export const exec: CliCommand = {
  usage: 'agentos exec [--policy FILE] --repo DIR --receipt OUT -- ARGV…',
  summary: 'Run one allowed command in the sandbox, on a copy of the clone’s HEAD, and sign a receipt.',
  exits: [0, 1, 2, 3, 4, 5],
  options: { policy: text, repo: text, receipt: text },
  async run(given) {
    const argv = given.rest ?? []
    if (argv.length === 0 || given.words.length > 0) throw new WrongUsage('give the command behind --')
    const file = needed(given, 'receipt')
    needed(given, 'repo')
    const { rulesFrom } = await import('../local/rules.ts')
    const rules = await rulesFrom(await rulesGiven(given))
    if (!rules.ok) return stopped(rules.refusal)
    if (rules.value.clone === null) throw new WrongUsage('--repo is missing')
    const { localSigner } = await import('../local/local-signer.ts')
    const signer = await localSigner(process.env)
    if (!signer.ok) return stopped(signer.refusal)
    const output = await prepareOutput(file)
    try {
      const { execCommand } = await import('../local/exec-command.ts')
      const { clone } = rules.value
      const ran = await execCommand(argv, { ...rules.value, clone }, filterFor(process.env))
      if (!ran.ok) return stopped({ ...ran.refusal, because: `${ran.refusal.because}; nothing was started` })
      const { EXEC_RECEIPT_TYPE } = await import('../local/exec-receipt.ts')
      const { sealStatement } = await import('../../app/runner/statements.ts')
      const { receipt } = ran.value
      await output.keep(`${canonicalJson(sealStatement(signer.value, EXEC_RECEIPT_TYPE, 'exec', receipt))}\n`)
      return ending(ran.value, file)
    } finally {
      await output.drop()
    }
  },
}

/** What the command printed is its result, but for secrets in it; with `--json` only its measure does. */
function ending({ outcome, receipt: { command, rule } }: ExecDone, file: string): Ending {
  const { ended, exitCode, stdout, stderr } = command
  const exit = exitCode === 0 ? 0 : 1
  const complaints = Buffer.from(printed(outcome.stderr, process.stderr)).toString('utf8')
  const json = { ended, exitCode, rule, stdout, stderr, receipt: file }
  return {
    exit,
    json,
    raw: printed(outcome.stdout, process.stdout),
    note: `${complaints}${ended}; receipt in ${file}`,
    text: '',
  }
}
