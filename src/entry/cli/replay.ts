import { openBundle } from '../../app/evidence/open-bundle.ts'
import { replay as replayRecord } from '../../app/replay.ts'
import { stop } from '../local/stop.ts'
import { answered, type CliCommand, done, type Ending, oneWord, stopped } from './command.ts'
import { readInput } from './read-input.ts'
import { trustGiven } from './trust.ts'

export const replay: CliCommand = {
  usage: 'agentos replay EVIDENCE',
  summary: 'Decide a run again from its recorded inputs alone, and compare byte for byte.',
  exits: [0, 1, 2],
  options: {},
  async run(given) {
    const bytes = await readInput(oneWord(given, 'evidence file'))
    const bundle = openBundle(bytes, await trustGiven(given))
    if (!bundle.ok)
      return stopped(
        stop(1, 'evidence', `${bundle.refusal.where}: ${bundle.refusal.fault}`, 'ask for the evidence again'),
      )
    const { evidence, documents } = bundle.value
    const again = replayRecord({ events: evidence.events, documents })
    if (again.same) return agreed(evidence.run, again)
    return diverged(evidence.run, again)
  },
}

function agreed(
  run: string,
  { events, undecided }: { readonly events: number; readonly undecided: readonly string[] },
): Ending {
  const erased =
    undecided.length === 0 ? '' : `\n  not decided again, since what it rests on was erased: ${undecided.join(', ')}`
  return done({ same: true, run, events, undecided }, `run ${run}: ${events} events, decided again the same${erased}`)
}

function diverged(
  run: string,
  { at, recorded, now }: { readonly at: string; readonly recorded: string; readonly now: string },
): Ending {
  const text = `run ${run} differs first at ${at}\n  on record: ${recorded}\n  now:       ${now}`
  return answered(1, { same: false, run, at, recorded, now }, text)
}
