import { randomBytes } from 'node:crypto'
import type { OpenLedger } from '../../adapters/ledger/open.ts'
import { openEnvelope } from '../../adapters/signing/ed25519.ts'
import { keepSigned } from '../../app/kept-checkpoint.ts'
import { logTree } from '../../app/log-tree.ts'
import type { Signer } from '../../app/ports.ts'
import { type Erasure, operator, redact } from '../../app/privacy/redact.ts'
import type { NotErased, Wanted } from '../../app/privacy/select.ts'
import { readKeys, statedKey, underKey } from '../../app/signing-keys.ts'
import { Sha256 } from '../../domain/hash.ts'
import { ForeignId, RunId } from '../../domain/ids.ts'
import { RedactionWords } from '../../domain/redaction.ts'
import { localClocks } from '../local/local-clock.ts'
import { localSigner } from '../local/local-signer.ts'
import { type Stop, stop } from '../local/stop.ts'
import { type CliCommand, done, type Ending, type Given, needed, stopped, text, WrongUsage } from './command.ts'
import { withLedger } from './with-ledger.ts'

export const ledgerRedact: CliCommand = {
  usage: 'agentos ledger redact (BLOB… | --run RUN [--person ID] | --person ID) --reason TEXT',
  summary: 'Erase blobs for good; the log says which, by whom and why, and stays a whole chain.',
  exits: [0, 2, 3, 5],
  options: { run: text, person: text, reason: text },
  async run(given) {
    const wanted = wantedIn(given)
    const because = RedactionWords.shape.because.safeParse(needed(given, 'reason').trim())
    if (!because.success) throw new WrongUsage('--reason is a sentence of at most 1000 characters')
    return withLedger(async (store) => {
      const signer = await localSigner(process.env)
      if (!signer.ok) return stopped(signer.refusal)
      const { keys } = await readKeys(store.ledger)
      const stated = statedKey(keys, signer.value)
      if (!stated.ok)
        return stopped(stop(3, 'key', `${stated.refusal}; nothing was erased`, 'use the key of the server'))
      const ledger = await underKey(store.ledger, signer.value, () => undefined)
      const erasure = await redact(
        {
          ...store,
          ledger,
          signer: signer.value,
          clock: localClocks(null).record,
          random: (bytes) => randomBytes(bytes),
        },
        wanted,
        { by: operator(process.getuid?.()), why: { is: 'asked', because: because.data } },
      )
      if (!erasure.ok) return stopped(toStop(erasure.refusal))
      return told(erasure.value, await unsigned({ ...store, ledger }, signer.value))
    })
  },
}

function wantedIn({ words, rest, flags }: Given): Wanted {
  const run = idIn(flags.get('run'), RunId, '--run is a run’s id')
  const person = idIn(flags.get('person'), ForeignId, '--person is a numeric id')
  if (rest !== null) throw new WrongUsage('nothing is expected behind `--`')
  if (run !== null) return alone(words, { is: 'run', run, person })
  if (person !== null) return alone(words, { is: 'person', person })
  if (words.length === 0) throw new WrongUsage('name a blob, or a run, or a person')
  for (const word of words) idIn(word, Sha256, `${JSON.stringify(word)} is not the SHA-256 of a blob`)
  return { is: 'blobs', blobs: words }
}

function idIn(given: string | undefined, schema: typeof Sha256, otherwise: string): string | null {
  if (given === undefined) return null
  if (!schema.safeParse(given).success) throw new WrongUsage(otherwise)
  return given
}

function alone(words: readonly string[], wanted: Wanted): Wanted {
  if (words.length > 0) throw new WrongUsage('name blobs, or a run, or a person')
  return wanted
}

const UNKNOWN: ReadonlySet<NotErased['rule']> = new Set(['unknown-blob', 'unknown-run'])

function toStop({ rule, because, next }: NotErased): Stop {
  return stop(UNKNOWN.has(rule) ? 2 : 3, rule, because, next)
}

/** What was appended is signed at once: no server may be there that would. */
async function unsigned({ ledger, checkpoints }: OpenLedger, signer: Signer): Promise<readonly string[]> {
  const { record: clock } = localClocks(null)
  const log = logTree(ledger).now
  const signed = await keepSigned({ ledger, checkpoints, signer, clock, log, open: openEnvelope })
  return signed.ok ? [] : [`The log is not signed: ${signed.refusal}`]
}

function told({ erased, kept }: Erasure, unsigned: readonly string[]): Ending {
  const blobs = erased.length === 1 ? '1 blob is' : `${erased.length} blobs are`
  const lines = [
    `${blobs} erased from ${new Set(erased.map(({ stream }) => stream)).size} streams`,
    ...kept.map(({ sha256, neededBy }) => `kept: ${sha256}, which ${neededBy} still needs`),
    'Not reached from here: backups, the write-ahead log, and what stands on GitHub',
    ...unsigned,
  ]
  return done({ erased, kept }, lines.join('\n'))
}
