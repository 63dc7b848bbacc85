import { wholeLog } from '../../app/audit-ledger.ts'
import { faultInBeginning } from '../../app/checkpoints.ts'
import { exportEvidence } from '../../app/evidence/export.ts'
import { placeInLog } from '../../app/evidence/log-place.ts'
import type { Ledger } from '../../app/ledger.ts'
import { logTree } from '../../app/log-tree.ts'
import { KeyNotCurrent } from '../../app/signing-keys.ts'
import { canonicalJson } from '../../domain/canonical.ts'
import { RunId } from '../../domain/ids.ts'
import type { TreeHead } from '../../domain/merkle.ts'
import { localClocks } from '../local/local-clock.ts'
import { stop } from '../local/stop.ts'
import { type CliCommand, done, type Ending, needed, noWords, stopped, text, WrongUsage } from './command.ts'
import { checkpointIn, trustGiven } from './trust.ts'
import { prepareOutput } from './write-output.ts'

export const ledgerExport: CliCommand = {
  usage: 'agentos ledger export [--run ID [--since CHECKPOINT [--trust KEYS]]] --out FILE',
  summary:
    'Write the log as one canonical event a line; with --run the sealed evidence of one run, with --since also the proof that the log only grew.',
  exits: [0, 1, 2, 5],
  options: { run: text, since: text, trust: text, out: text },
  async run(given) {
    noWords(given)
    const out = needed(given, 'out')
    const run = given.flags.get('run')
    if (run !== undefined && !RunId.safeParse(run).success) throw new WrongUsage('--run is a run’s id')
    const since = given.flags.get('since')
    if (run === undefined && since !== undefined) throw new WrongUsage('--since goes with --run')
    const earlier = since === undefined ? null : await checkpointIn(since, await trustGiven(given))
    const { keptLedger } = await import('../local/kept-ledger.ts')
    const opened = await keptLedger(process.env)
    if (!opened.ok) return stopped(opened.refusal)
    try {
      return run === undefined
        ? await exportLog(opened.value.ledger, out)
        : await exportRun(opened.value.ledger, run, { out, earlier })
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

type Wanted = { readonly out: string; readonly earlier: TreeHead | null }

async function exportRun(ledger: Ledger, run: string, { out, earlier }: Wanted): Promise<Ending> {
  const { localSigner } = await import('../local/local-signer.ts')
  const signer = await localSigner(process.env)
  if (!signer.ok) return stopped(signer.refusal)
  const { now: log } = logTree(ledger)
  const fault = earlier === null ? undefined : faultInBeginning(await log(), earlier)
  if (fault !== undefined)
    return stopped(stop(1, 'checkpoint', `${fault}; nothing was exported`, 'run `agentos ledger verify`'))
  const place = placeInLog({ log, signer: signer.value, clock: localClocks(null).record }, earlier)
  const evidence = await exportEvidence({ ledger, signer: signer.value, place }, run).catch(notCurrent)
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
