import { openCheckpoint, signCheckpoint } from '../../app/checkpoints.ts'
import { canonicalJson } from '../../domain/canonical.ts'
import type { TreeHead } from '../../domain/merkle.ts'
import { localClocks } from '../local/local-clock.ts'
import { localSigner } from '../local/local-signer.ts'
import { stop } from '../local/stop.ts'
import { type CliCommand, done, type Ending, type Given, needed, noWords, stopped, text } from './command.ts'
import { readInput } from './read-input.ts'
import { trustGiven } from './trust.ts'
import { withLedger } from './with-ledger.ts'
import { prepareOutput } from './write-output.ts'

export const ledgerCheckpoint: CliCommand = {
  usage: 'agentos ledger checkpoint [--since FILE [--trust KEYS]] --out FILE',
  summary:
    'Sign the log as it stands, for a file and beside it; with an earlier checkpoint also prove that it only grew.',
  exits: [0, 1, 2, 5],
  options: { since: text, trust: text, out: text },
  async run(given) {
    noWords(given)
    const out = needed(given, 'out')
    const since = given.flags.get('since')
    if (since === undefined) return signed(null, out)
    const earlier = await openEarlier(given, since)
    return 'exit' in earlier ? earlier : signed(earlier, out)
  },
}

async function openEarlier(given: Given, file: string): Promise<TreeHead | Ending> {
  const opened = openCheckpoint(await readInput(file), await trustGiven(given))
  if (opened.ok) return { size: opened.value.size, root: opened.value.root }
  return stopped(
    stop(
      1,
      'checkpoint',
      `${file} is not valid: ${opened.refusal}; nothing was signed`,
      'bring the file as it was signed',
    ),
  )
}

async function signed(earlier: TreeHead | null, out: string): Promise<Ending> {
  const signer = await localSigner(process.env)
  if (!signer.ok) return stopped(signer.refusal)
  return withLedger(async ({ ledger, checkpoints }) => {
    const file = await signCheckpoint({ ledger, signer: signer.value, clock: localClocks(null).record }, earlier)
    if (!file.ok)
      return stopped(stop(1, 'checkpoint', `${file.refusal}; nothing was signed`, 'run `agentos ledger verify`'))
    const output = await prepareOutput(out)
    try {
      await output.keep(`${canonicalJson(file.value)}\n`)
      await checkpoints.keep(canonicalJson(file.value))
    } finally {
      await output.drop()
    }
    return done({ out, since: earlier?.size ?? null }, `the checkpoint is in ${out}`)
  })
}
