import { LedgerCorrupt } from '../../app/ledger.ts'
import { shadowLedger } from '../../app/shadow.ts'
import { governed } from '../../domain/control/governed.ts'
import { manifestHash } from '../../domain/control/manifest.ts'
import type { At, Flip, RunShadow, Turn, Unknown } from '../../domain/shadow/run-shadow.ts'
import { stop } from '../local/stop.ts'
import { type CliCommand, done, type Ending, needed, noWords, stopped, text } from './command.ts'
import { sinceGiven } from './since.ts'
import { withLedger } from './with-ledger.ts'

export const shadow: CliCommand = {
  usage: 'agentos shadow --manifest DIR [--since DATE]',
  summary: 'List each verdict on record that another control plane would have given otherwise; nothing is written.',
  exits: [0, 1, 2, 5],
  options: { manifest: text, since: text },
  async run(given) {
    noWords(given)
    const since = sinceGiven(given)
    const { rulesIn } = await import('../local/rules.ts')
    const rules = await rulesIn(needed(given, 'manifest'))
    if (!rules.ok) return stopped(rules.refusal)
    const hash = manifestHash(rules.value)
    return withLedger(async ({ ledger }) => {
      try {
        let sum = NONE
        for await (const { shadow } of shadowLedger(ledger, governed(rules.value), since)) {
          sum = added(sum, shadow)
          if (sum.runs % STEP === 0) process.stderr.write(`decided ${sum.runs} runs under it\n`)
        }
        return toEnding(hash, sum)
      } catch (error) {
        if (!(error instanceof LedgerCorrupt)) throw error
        const because = `the ledger cannot be read: ${error.message}`
        return stopped(stop(1, 'ledger', because, 'run `agentos ledger verify`, and bring the ledger back from a copy'))
      }
    })
  },
}

const STEP = 500

type Counts = { readonly flips: number; readonly unknown: number; readonly turns: number }
type Sum = {
  readonly runs: number
  readonly verdicts: number
  readonly counts: Counts
  /** The first of each, so that a long ledger needs no more memory than a short one. */
  readonly named: Pick<RunShadow, keyof Counts>
}

const NONE: Sum = {
  runs: 0,
  verdicts: 0,
  counts: { flips: 0, unknown: 0, turns: 0 },
  named: { flips: [], unknown: [], turns: [] },
}

/** So many of each are named; all are counted. */
const MOST_NAMED = 1000

function added({ runs, verdicts, counts, named }: Sum, one: RunShadow): Sum {
  return {
    runs: runs + 1,
    verdicts: verdicts + one.verdicts,
    counts: {
      flips: counts.flips + one.flips.length,
      unknown: counts.unknown + one.unknown.length,
      turns: counts.turns + one.turns.length,
    },
    named: {
      flips: [...named.flips, ...one.flips].slice(0, MOST_NAMED),
      unknown: [...named.unknown, ...one.unknown].slice(0, MOST_NAMED),
      turns: [...named.turns, ...one.turns].slice(0, MOST_NAMED),
    },
  }
}

/** A listing that succeeded ends with 0, whatever it lists. */
function toEnding(manifest: string, { runs, verdicts, counts, named }: Sum): Ending {
  const lines = [...named.flips.map(flipLine), ...named.unknown.map(unknownLine), ...named.turns.map(turnLine)]
  const left = counts.flips + counts.unknown + counts.turns - lines.length
  const summary = `${verdicts} verdicts of ${runs} runs under ${manifest}: ${counts.flips} flip, ${counts.unknown} are unknown, ${counts.turns} decisions come out otherwise`
  const people = [...lines, ...(left === 0 ? [] : [`… and ${left} more`]), summary].join('\n')
  return done({ manifest, runs, verdicts, counts, ...named }, people)
}

function place({ stream, seq, input }: At): string {
  return `${stream}@${seq} (${input})`
}

function flipLine({ at, gate, was, now, because, ...where }: Flip): string {
  return `${gate}: ${was ?? 'not asked'} → ${now}, at ${at}, ${place(where)}\n  was: ${because.was}\n  now: ${because.now}`
}

function unknownLine({ at, gate, was, because, ...where }: Unknown): string {
  return `${gate}: ${was ?? 'not asked'} → unknown, at ${at}, ${place(where)}\n  ${because}`
}

function turnLine({ was, now, ...where }: Turn): string {
  return `decisions: ${was.join(', ') || 'none'} → ${now.join(', ') || 'none'}, ${place(where)}`
}
