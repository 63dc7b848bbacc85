import type { LocalRepository } from '../../adapters/git/local-repository.ts'
import { renderMessage } from '../../adapters/github/commit-message.ts'
import { type Clock, type Performer, WillNotWork } from '../../app/ports.ts'
import { toEpochMs } from '../../domain/clock.ts'
import { sha256Hex } from '../../domain/hash.ts'
import { type Documents, toQuoting } from '../../domain/packs/documents.ts'

const AUTHOR = { name: 'AgentOS', email: 'agentos@localhost' } as const

/** Makes the commit in the clone's object store and a new branch for it; the working tree and HEAD stay as they are. */
export function localCommit(repository: LocalRepository, clock: Clock): Performer<'commit'> {
  return async ({ body, documents, key, event, secret }) => {
    const signature = { ...AUTHOR, seconds: Math.floor(toEpochMs(clock.now()) / 1000) }
    const commit = await repository.writeCommit({
      base: body.parent,
      edits: body.edits,
      contents: new Map(body.contents.map(({ blob, sha256 }) => [blob, bytesOf(documents, sha256)])),
      parents: [body.parent],
      message: renderMessage(body, { key, event }),
      author: signature,
      committer: signature,
    })
    const { tree, message } = await repository.commit(commit)
    if (tree !== body.tree)
      return { result: { is: 'different', because: `git made tree ${tree}, approved was ${body.tree}` }, blobs: [] }
    const diffSha256 = sha256Hex(await repository.diffTreeRaw(body.parent, commit))
    const stated = body.trailers.find(({ name }) => name === 'AgentOS-Diff-SHA256')?.value
    if (stated !== diffSha256)
      return { result: { is: 'different', because: 'the change is not the one that its trailer names' }, blobs: [] }
    const moved = await repository.moveRef({ ref: body.ref, from: null, to: commit })
    if (!moved.ok) return { result: { is: 'moved', found: moved.refusal.at }, blobs: [] }
    const stored = toQuoting({ v: 1, message: new TextDecoder().decode(message) }, secret())
    return {
      result: { is: 'committed', commit, tree, diffSha256, message: stored.sha256, verified: false },
      blobs: [stored],
    }
  }
}

function bytesOf(documents: Documents, sha256: string): Uint8Array {
  const bytes = documents(sha256)
  if (bytes === undefined) throw new WillNotWork(`the content ${sha256} is not there`)
  return bytes
}
