import type { CommandVerdict } from '../../domain/control/allowlist.ts'
import { answerBatch } from './batch.ts'
import { answered, type CliCommand, type Ending, flag, stopped, text, WrongUsage } from './command.ts'
import { CommandItem } from './items.ts'
import { rulesGiven } from './rules-from.ts'

export const checkCommand: CliCommand = {
  usage: 'agentos check command [--policy FILE] [--repo DIR] (--batch | -- ARGV…)',
  summary: 'Judge a command by the allowlist; with --batch one {id, argv, env, cwd} a line.',
  exits: [0, 2, 3, 4],
  options: { policy: text, repo: text, batch: flag },
  async run(given) {
    const isBatch = given.switches.has('batch')
    if (isBatch === (given.rest !== null) || given.words.length > 0)
      throw new WrongUsage('give the command behind --, or --batch')
    const { judgeFor, rulesFrom } = await import('../local/rules.ts')
    const rules = await rulesFrom(await rulesGiven(given))
    if (!rules.ok) return stopped(rules.refusal)
    const judge = await judgeFor(rules.value)
    if (isBatch) return answerBatch(CommandItem, async (item) => shown(await judge(item)))
    return ending(await judge({ argv: given.rest ?? [], env: {}, cwd: '.' }))
  },
}

const EXIT = { allow: 0, deny: 3, needs_approval: 4 } as const

function ending(verdict: CommandVerdict): Ending {
  const { decision, rule, reasons } = verdict
  return answered(EXIT[decision], shown(verdict), `${decision} [${rule}]\n${reasons.join('\n')}`)
}

function shown({ decision, rule, reasons }: CommandVerdict) {
  return { decision, rule, reasons }
}
