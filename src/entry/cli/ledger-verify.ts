import { openEnvelope } from '../../adapters/signing/ed25519.ts'
import { auditStore } from '../../app/audit-store.ts'
import { type CheckpointTrust, openCheckpoint } from '../../app/checkpoints.ts'
import { controllerKey } from '../../app/evidence/export.ts'
import type { ReadLedger } from '../../app/ledger.ts'
import { readKeys } from '../../app/signing-keys.ts'
import type { Checkpoint } from '../../domain/checkpoint.ts'
import type { ControllerKey } from '../../domain/evidence.ts'
import { localClocks } from '../local/local-clock.ts'
import { localSigner } from '../local/local-signer.ts'
import { stop } from '../local/stop.ts'
import { answered, type CliCommand, type Given, noWords, stopped, text } from './command.ts'
import { readInput } from './read-input.ts'
import { trustGiven } from './trust.ts'
import { withLedger } from './with-ledger.ts'

export const ledgerVerify: CliCommand = {
  usage: 'agentos ledger verify [--checkpoint FILE] [--trust KEYS]',
  summary:
    'Check every chain, position and blob of the server’s ledger, and that nothing a checkpoint covers was changed.',
  exits: [0, 1, 2, 5],
  options: { checkpoint: text, trust: text },
  async run(given) {
    noWords(given)
    const file = given.flags.get('checkpoint')
    const checkpoint = file === undefined ? null : await readCheckpoint(file, await trustGiven(given))
    if (typeof checkpoint === 'string')
      return stopped(stop(1, 'checkpoint', `${file} is not valid: ${checkpoint}`, 'bring the file as it was signed'))
    return withLedger(async (opened) => {
      const keys = (ledger: ReadLedger) => keysFor(given, ledger)
      const now = localClocks(null).record.now()
      const audit = await auditStore(opened.snapshot, { open: openEnvelope, checkpoint, keys, now })
      if (!audit.valid) return answered(1, audit, `INVALID: ${audit.fault}`)
      const erased = audit.erased === 0 ? '' : `, ${audit.erased} of ${audit.blobs} blobs erased on record`
      const whose = given.flags.has('trust') ? '' : ' with a key that nobody pinned (`--trust`)'
      const covered = checkpoint === null ? '' : `, the first ${checkpoint.size} as signed at ${checkpoint.at}${whose}`
      const tail = audit.unsigned === 0 ? '' : `, the last ${audit.unsigned} not signed yet`
      return answered(0, audit, `valid: ${audit.events} events in ${audit.streams} streams${covered}${erased}${tail}`)
    })
  },
}

/** Who may have erased and signed: the keys that were given, or else those that the ledger records, or else this server's own. */
async function keysFor(given: Given, ledger: ReadLedger): Promise<readonly ControllerKey[]> {
  const { trusted } = await trustGiven(given)
  if (trusted !== null) return trusted
  const { keys } = await readKeys(ledger)
  if (keys.length > 0) return keys
  const signer = await localSigner(process.env)
  return signer.ok ? [controllerKey(signer.value)] : []
}

async function readCheckpoint(file: string, trust: CheckpointTrust): Promise<Checkpoint | string> {
  const opened = openCheckpoint(await readInput(file), trust)
  return opened.ok ? opened.value : opened.refusal
}
