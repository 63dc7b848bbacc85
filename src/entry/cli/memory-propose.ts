import { learnedIn } from '../../app/remember.ts'
import { RunId, runStream } from '../../domain/ids.ts'
import { proposalPatch, proposalsFrom } from '../../domain/memory/propose.ts'
import { stop } from '../local/stop.ts'
import { type CliCommand, done, type Ending, oneWord, stopped, text, WrongUsage } from './command.ts'
import { withLedger } from './with-ledger.ts'
import { prepareOutput } from './write-output.ts'

export const memoryPropose: CliCommand = {
  usage: 'agentos memory propose RUN [--out FILE]',
  summary:
    'Propose notes from what a run learned, as a patch for `agentos plan --patch`. Nothing is written by itself.',
  exits: [0, 2, 5],
  options: { out: text },
  run(given) {
    const run = RunId.safeParse(oneWord(given, 'run'))
    if (!run.success) throw new WrongUsage('a run is named by its ten characters')
    const out = given.flags.get('out')
    return withLedger(async ({ ledger }) => {
      const events = await ledger.read(runStream(run.data))
      if (events.length === 0)
        return stopped(stop(2, 'run', `there is no run ${run.data}`, 'name a run that the ledger has'))
      const proposals = proposalsFrom(run.data, await learnedIn(ledger, events))
      return proposed(run.data, proposals, out)
    })
  },
}

async function proposed(
  run: string,
  proposals: ReturnType<typeof proposalsFrom>,
  out: string | undefined,
): Promise<Ending> {
  const patch = proposalPatch(proposals)
  const notes = proposals.map(({ path, note, from }) => ({ path, ...note, from }))
  if (proposals.length === 0) return done({ run, notes, patch }, `run ${run} learned nothing that a note could keep`)
  if (out === undefined) return { ...done({ run, notes, patch }, ''), raw: patch }
  await (await prepareOutput(out)).keep(patch)
  const lines = proposals.map(({ path, note }) => `  ${path}  ${note.type}`)
  const next = `Next: read it, then agentos plan --repo DIR --patch ${out}`
  return done({ run, notes, patch, out }, [`${proposals.length} notes in ${out}`, ...lines, next].join('\n'))
}
