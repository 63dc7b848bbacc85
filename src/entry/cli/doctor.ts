import type { Finding } from '../local/examine-machine.ts'
import { answered, type CliCommand, noWords } from './command.ts'

export const doctor: CliCommand = {
  usage: 'agentos doctor',
  summary: 'Look at this machine: what works, what is missing, and the next step for it.',
  exits: [0, 2, 5],
  options: {},
  async run(given) {
    noWords(given)
    const { examineMachine } = await import('../local/examine-machine.ts')
    const findings = await examineMachine(process.env)
    const isMissing = findings.some((finding) => finding.is === 'missing')
    return answered(isMissing ? 5 : 0, { ok: !isMissing, findings }, findings.map(toText).join('\n'))
  },
}

const SIGN = { fine: 'ok     ', missing: 'MISSING', unused: 'unused ' } as const

function toText({ is, part, says, next }: Finding): string {
  return `${SIGN[is]}  ${part}: ${says}${next === null ? '' : `\n         next: ${next}`}`
}
