import { wholeLog } from '../../app/audit-ledger.ts'
import { exportEvidence } from '../../app/evidence/export.ts'
import type { Ledger } from '../../app/ledger.ts'
import { KeyNotCurrent } from '../../app/signing-keys.ts'
import { canonicalJson } from '../../domain/canonical.ts'
import { RunId } from '../../domain/ids.ts'
import { stop } from '../local/stop.ts'
import { type CliCommand, done, type Ending, needed, noWords, stopped, text, WrongUsage } from './command.ts'
import { prepareOutput } from './write-output.ts'

export const ledgerExport: CliCommand = {
  usage: 'agentos ledger export [--run ID] --out FILE',
  summary: 'Write the log as one canonical event a line; with --run the sealed evidence of one run.',
  exits: [0, 2, 5],
  options: { run: text, out: text },
  async run(given) {
    noWords(given)
    const out = needed(given, 'out')
    const run = given.flags.get('run')
    if (run !== undefined && !RunId.safeParse(run).success) throw new WrongUsage('--run is a run’s id')
    const { keptLedger } = await import('../local/kept-ledger.ts')
    const opened = await keptLedger(process.env)
    if (!opened.ok) return stopped(opened.refusal)
    try {
      return run === undefined
        ? await exportLog(opened.value.ledger, out)
        : await exportRun(opened.value.ledger, run, out)
    } finally {
      await opened.value.close()
    }
  },
}

async function exportLog(ledger: Ledger, out: string): Promise<Ending> {
  const output = await prepareOutput(out)
  try {
    const lines: string[] = []
    for await (const logged of wholeLog(ledger)) lines.push(`${canonicalJson(logged)}\n`)
    await output.keep(lines.join(''))
    return done({ events: lines.length, out }, `${lines.length} events in ${out}`)
  } finally {
    await output.drop()
  }
}

async function exportRun(ledger: Ledger, run: string, out: string): Promise<Ending> {
  const { localSigner } = await import('../local/local-signer.ts')
  const signer = await localSigner(process.env)
  if (!signer.ok) return stopped(signer.refusal)
  const evidence = await exportEvidence({ ledger, signer: signer.value }, run).catch(notCurrent)
  if (evidence instanceof KeyNotCurrent)
    return stopped(stop(5, 'key', `${evidence.message}; nothing was sealed`, 'give the key that the server uses'))
  if (evidence === undefined) return stopped(stop(2, 'run', `there is no run ${run}`, 'name a run that the ledger has'))
  const output = await prepareOutput(out)
  try {
    await output.keep(evidence)
  } finally {
    await output.drop()
  }
  return done({ run, out }, `the evidence of run ${run} is in ${out}`)
}

function notCurrent(error: unknown): KeyNotCurrent {
  if (error instanceof KeyNotCurrent) return error
  throw error
}
