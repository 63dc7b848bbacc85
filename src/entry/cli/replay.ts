import { existsSync } from 'node:fs'
import { openBundle } from '../../app/evidence/open-bundle.ts'
import { documentsFor } from '../../app/journal.ts'
import type { Ledger } from '../../app/ledger.ts'
import { type Replayed, replay as replayRecord } from '../../app/replay.ts'
import { RunId, runStream } from '../../domain/ids.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import { parseData } from '../../domain/run/events.ts'
import { thisEngine } from '../engine.ts'
import { stop } from '../local/stop.ts'
import { answered, type CliCommand, done, type Ending, flag, oneWord, stopped, text, WrongUsage } from './command.ts'
import { readInput } from './read-input.ts'
import { replayLedger } from './replay-ledger.ts'
import { sinceGiven } from './since.ts'
import { trustGiven } from './trust.ts'
import { withLedger } from './with-ledger.ts'

export const replay: CliCommand = {
  usage: 'agentos replay [EVIDENCE | RUN | --all] [--since DATE]',
  summary: 'Decide a run, or the whole ledger, again from recorded inputs alone, and compare byte for byte.',
  exits: [0, 1, 2, 5],
  options: { all: flag, since: text },
  async run(given) {
    const since = sinceGiven(given)
    const isWhole = given.words.length === 0 && given.rest === null
    if (isWhole) return withLedger(({ ledger }) => replayLedger(ledger, since))
    if (given.switches.has('all') || since !== null)
      throw new WrongUsage('--all and --since are for the whole ledger: leave the run out')
    const word = oneWord(given, 'evidence file or run')
    if (RunId.safeParse(word).success && !existsSync(word)) return withLedger(({ ledger }) => replayRun(ledger, word))
    const bundle = openBundle(await readInput(word), await trustGiven(given))
    if (!bundle.ok)
      return stopped(
        stop(1, 'evidence', `${bundle.refusal.where}: ${bundle.refusal.fault}`, 'ask for the evidence again'),
      )
    const { evidence, documents } = bundle.value
    return redecided(evidence.run, { events: evidence.events, documents })
  },
}

async function replayRun(ledger: Pick<Ledger, 'read' | 'blobs'>, run: string): Promise<Ending> {
  const events = await ledger.read(runStream(run))
  if (events.length === 0)
    return stopped(stop(2, 'run', `there is no run ${run}`, 'name a run that the ledger has, or an evidence file'))
  return redecided(run, { events, documents: await documentsFor(ledger, events) })
}

/** Who names one run asks whether this engine decides the same: where another recorded it, that is told and excuses nothing. */
function redecided(run: string, record: Parameters<typeof replayRecord>[0]): Ending {
  const again = replayRecord(record)
  if (again.same) return agreed(run, again)
  const { same, at, ...where } = again
  const people = `run ${run} differs first at ${at}, in ${where.field}\n  on record: ${where.recorded}\n  now:       ${where.now}`
  return answered(1, { same, run, at, ...where }, `${people}${otherEngine(record.events)}`)
}

function otherEngine([first]: readonly EventEnvelope[]): string {
  if (first?.type !== 'RequestReceived') return ''
  const { engine } = parseData(first.type, first.data)
  return engine.digest === thisEngine().digest
    ? ''
    : `\n  AgentOS ${engine.version} with other sources (${engine.digest.slice(0, 10)}…) recorded it: that one decides it again the same`
}

function agreed(run: string, { events, undecided }: Extract<Replayed, { same: true }>): Ending {
  const erased =
    undecided.length === 0 ? '' : `\n  not decided again, since what it rests on was erased: ${undecided.join(', ')}`
  return done({ same: true, run, events, undecided }, `run ${run}: ${events} events, decided again the same${erased}`)
}
