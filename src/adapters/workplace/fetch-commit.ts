import { CheckoutFailed } from '../../app/runner/ports.ts'
import type { ObjectId } from '../../domain/hash.ts'
import { git } from './git-process.ts'

export type Remote = {
  /** The repository's address, without credentials: https, or http on this machine. */
  readonly url: string
  readonly token: string
}

/**
 * Fetches one commit by its id, without history, into a new repository in this folder. The token goes to git through the
 * environment and is written nowhere.
 */
export async function fetchCommit({ url, token }: Remote, commit: ObjectId, folder: string): Promise<void> {
  const { protocol, origin } = new URL(url)
  if (protocol !== 'https:' && !isOnThisMachine(url)) {
    throw new CheckoutFailed(`the repository's address is neither https nor on this machine`)
  }
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64')
  const config = {
    [`protocol.${protocol.slice(0, -1)}.allow`]: 'always',
    [`http.${origin}/.extraheader`]: `Authorization: Basic ${basic}`,
  }
  const args = [
    'fetch',
    '--quiet',
    '--depth=1',
    '--no-tags',
    '--no-recurse-submodules',
    '--no-write-fetch-head',
    url,
    commit,
  ]
  try {
    await git({ folder, args: ['init', '--quiet', '--template='] })
    await git({ folder, args, config })
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown'
    throw new CheckoutFailed(`the base commit ${commit} cannot be fetched: ${reason}`, { cause: error })
  }
}

function isOnThisMachine(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
}
