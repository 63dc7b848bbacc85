import { isUnreadable } from '../../app/audit-store.ts'
import { rebuildEffects } from '../../app/project-effects.ts'
import { rebuildMemory } from '../../app/remember.ts'
import { stop } from '../local/stop.ts'
import { type CliCommand, done, noWords, stopped } from './command.ts'

export const ledgerRebuild: CliCommand = {
  usage: 'agentos ledger rebuild',
  summary: 'Make the list of effects and the memory of runs again from the log, while no server runs on it.',
  exits: [0, 1, 2, 5],
  options: {},
  async run(given) {
    noWords(given)
    const { keptLedger } = await import('../local/kept-ledger.ts')
    const opened = await keptLedger(process.env)
    if (!opened.ok) return stopped(opened.refusal)
    try {
      const effects = await rebuildEffects(opened.value)
      const runs = await rebuildMemory(opened.value)
      return done({ effects, runs }, `${effects} effects and the memory of ${runs} runs made again from the log`)
    } catch (error) {
      if (!isUnreadable(error)) throw error
      const because = `nothing was changed, because the log cannot be read: ${error.message}`
      return stopped(stop(1, 'ledger', because, 'run `agentos ledger verify`, and bring the ledger back from a copy'))
    } finally {
      await opened.value.close()
    }
  },
}
