import { lchownSync, lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Identity } from './launch.ts'
import { walk } from './open-tree.ts'
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

/** Gives the checkout to the command's user for the time of `work`, and back to its owner afterwards. */
export async function lend<T>(checkout: string, identity: Identity, work: () => Promise<T>): Promise<T> {
  if (identity === null) return work()
  const { uid, gid } = lstatSync(checkout)
  give(checkout, identity)
  try {
    return await work()
  } finally {
    give(checkout, { uid, gid })
  }
}

/** Links are changed themselves and never followed. What cannot be named is left to the snapshot, which refuses it. */
function give(checkout: string, { uid, gid }: NonNullable<Identity>): void {
  lchownSync(checkout, uid, gid)
  for (const entry of walk(checkout)) if (entry.is === 'entry') lchownSync(entry.at, uid, gid)
}
