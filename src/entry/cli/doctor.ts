import type { Finding } from '../local/finding.ts'
import { answered, type CliCommand, noWords } from './command.ts'

export const doctor: CliCommand = {
  usage: 'agentos doctor',
  summary: 'Look at this machine and the last replay: what works, what is missing or wrong, and the next step for it.',
  exits: [0, 1, 2, 5],
  options: {},
  async run(given) {
    noWords(given)
    const { examineMachine } = await import('../local/examine-machine.ts')
    const findings = await examineMachine(process.env)
    const exit = exitFor(findings)
    return answered(exit, { ok: exit === 0, findings }, findings.map(toText).join('\n'))
  },
}

function exitFor(findings: readonly Finding[]): 0 | 1 | 5 {
  if (findings.some(({ is }) => is === 'missing')) return 5
  return findings.some(({ is }) => is === 'wrong') ? 1 : 0
}

const SIGN = { fine: 'ok     ', missing: 'MISSING', unused: 'unused ', wrong: 'WRONG  ' } as const

function toText({ is, part, says, next }: Finding): string {
  return `${SIGN[is]}  ${part}: ${says}${next === null ? '' : `\n         next: ${next}`}`
}
