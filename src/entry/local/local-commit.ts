import type { LocalRepository } from '../../adapters/git/local-repository.ts'
import { type Clock, type Performer, WillNotWork } from '../../app/ports.ts'
import { toEpochMs } from '../../domain/clock.ts'
import { sha256Hex } from '../../domain/hash.ts'
import { toDocument } from '../../domain/packs/documents.ts'
import type { Documents } from '../../domain/packs/documents.ts'
import type { CommitBody } from '../../domain/effects.ts'

const AUTHOR = { name: 'AgentOS', email: 'agentos@localhost' } as const

/** Makes the commit in the clone's object store and a new branch for it; the working tree and HEAD stay as they are. */
export function localCommit(repository: LocalRepository, clock: Clock): Performer<'commit'> {
  return async ({ body, documents }) => {
    const contents = new Map(body.contents.map(({ blob, sha256 }) => [blob, bytesOf(documents, sha256)]))
    const signature = { ...AUTHOR, seconds: Math.floor(toEpochMs(clock.now()) / 1000) }
    const message = messageFor(body)
    const commit = await repository.writeCommit({
      base: body.parent,
      edits: body.edits,
      contents,
      parents: [body.parent],
      message,
      author: signature,
      committer: signature,
    })
    const tree = await repository.treeOf(commit)
    if (tree !== body.tree) return { result: { is: 'different', because: `git made tree ${tree}, approved was ${body.tree}` }, blobs: [] }
    const moved = await repository.moveRef({ ref: body.ref, from: null, to: commit })
    if (!moved.ok && moved.refusal.at !== commit) return { result: { is: 'moved', found: moved.refusal.at }, blobs: [] }
    const stored = toDocument({ v: 1, message: new TextDecoder().decode((await repository.commit(commit)).message) })
    const diffSha256 = sha256Hex(await repository.diffTreeRaw(body.parent, commit))
    return { result: { is: 'committed', commit, tree, diffSha256, message: stored.sha256, verified: false }, blobs: [stored] }
  }
}

function messageFor({ subject, body, trailers }: CommitBody): string {
  const text = body === '' ? '' : `${body}\n\n`
  return `${subject}\n\n${text}${trailers.map(({ name, value }) => `${name}: ${value}`).join('\n')}\n`
}

function bytesOf(documents: Documents, sha256: string): Uint8Array {
  const bytes = documents(sha256)
  if (bytes === undefined) throw new WillNotWork(`the content ${sha256} is not there`)
  return bytes
}
