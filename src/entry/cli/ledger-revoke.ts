import { revokeKey } from '../../app/signing-keys.ts'
import { Sha256 } from '../../domain/hash.ts'
import { localClocks } from '../local/local-clock.ts'
import { stop } from '../local/stop.ts'
import { type CliCommand, done, type Given, needed, oneWord, stopped, text, WrongUsage } from './command.ts'
import { withLedger } from './with-ledger.ts'

export const ledgerRevoke: CliCommand = {
  usage: 'agentos ledger revoke KEYID --after POSITION --because TEXT',
  summary: 'Record that a signing key was found in other hands: what it signed after that position counts no more.',
  exits: [0, 2, 3, 5],
  options: { after: text, because: text },
  async run(given) {
    const asked = { keyid: keyidIn(given), after: positionIn(given), because: reasonIn(given) }
    return withLedger(async ({ ledger }) => {
      const revoked = await revokeKey({ ledger, clock: localClocks(null).record }, asked)
      if (!revoked.ok)
        return stopped(stop(3, 'key', `${revoked.refusal}; nothing was recorded`, 'see keys.json of the server'))
      const next = 'put the new keys.json of the server into .agentos/ of every repository, by review'
      return done(
        { keyid: asked.keyid, until: revoked.value },
        `key ${asked.keyid} is revoked, and counts up to position ${revoked.value}; ${next}`,
      )
    })
  },
}

function keyidIn(given: Given): Sha256 {
  const keyid = Sha256.safeParse(oneWord(given, 'key'))
  if (keyid.success) return keyid.data
  throw new WrongUsage('a key is named by the 64 hex digits of its `keyid`')
}

function positionIn(given: Given): number {
  const after = needed(given, 'after')
  if (/^(?:0|[1-9][0-9]{0,14})$/.test(after)) return Number(after)
  throw new WrongUsage('--after is the last position of the log up to which the key is to count')
}

function reasonIn(given: Given): string {
  const because = needed(given, 'because')
  if (because.length <= 300 && because.isWellFormed()) return because
  throw new WrongUsage('--because has at most 300 characters')
}
