import { lchownSync, lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Identity } from './launch.ts'
import { type Scratch, type Tally, tallyOf } from './tally.ts'
import { firstClosedFolder } from './toolchain.ts'

/** The user who runs commands when root starts them: an id that no account has. */
const stranger = { uid: 59_873, gid: 59_873 } as const

export function identityOfCommands(): Identity {
  return process.getuid?.() === 0 ? stranger : null
}

/** Why the user who runs commands could not reach the checkout, or null. */
export function lendingFault(checkout: string, identity: Identity): string | null {
  const closed = identity === null ? null : firstClosedFolder(dirname(checkout))
  return closed === null ? null : `the folder ${closed} is closed to the user who runs sandboxed commands`
}

/** What came of the work, and what the checkout took after it. */
export type Lent<T> = { readonly result: T; readonly scratch: Scratch; readonly after: Tally }

/** Gives the checkout to the command's user for the time of `work`, and back to its owner afterwards; counts it both times. */
export async function lend<T>(
  checkout: string,
  identity: Identity,
  work: (scratch: Scratch) => Promise<T>,
): Promise<Lent<T>> {
  const { uid, gid } = lstatSync(checkout)
  const scratch = { checkout, before: give(checkout, identity) }
  const owner = identity === null ? null : { uid, gid }
  try {
    const result = await work(scratch)
    return { result, scratch, after: give(checkout, owner) }
  } catch (error) {
    give(checkout, owner)
    throw error
  }
}

/** Links are changed themselves and never followed. What cannot be named is left to the snapshot, which refuses it. */
function give(checkout: string, to: Identity): Tally {
  if (to === null) return tallyOf(checkout)
  lchownSync(checkout, to.uid, to.gid)
  return tallyOf(checkout, ({ at }) => lchownSync(at, to.uid, to.gid))
}
