import { Buffer } from 'node:buffer'
import { type GithubDesk, type Intended, type Performed, type Performer, WillNotWork } from '../../../app/ports.ts'
import type { CommitBody, EffectResult } from '../../../domain/effects.ts'
import { blobId } from '../../../domain/git-objects.ts'
import { ObjectId } from '../../../domain/hash.ts'
import { BrokenRecord, type Documents, toQuoting } from '../../../domain/packs/documents.ts'
import { CommitMessage } from '../../../domain/run/decide/commit.ts'
import type { GithubAccess, OpenRepository } from '../access.ts'
import { isMessageOf, renderMessage } from '../commit-message.ts'
import { diffOf } from '../desk.ts'
import { asked, askedIfThere } from '../failures.ts'
import { inTurn } from '../in-turn.ts'
import { commitAt, headOf, moveRef } from '../refs.ts'

const AT_ONCE = 4

type Outcome = EffectResult<'commit'>
type Making = { readonly open: OpenRepository; readonly desk: GithubDesk; readonly intended: Intended<'commit'> }

/**
 * Blobs, tree, commit, then the branch: it moves only if it still points at `from`. GitHub signs a commit that names no
 * author. What is answered is read back from GitHub afterwards.
 */
export function commitPerformer(access: GithubAccess, desk: GithubDesk): Performer<'commit'> {
  return async (intended) => {
    const making = { open: await access.open(intended.repository), desk, intended }
    const { body, key } = intended
    const message = renderMessage(body, intended)
    const found = await headOf(making.open, body.ref)
    if (found !== body.from) return settle(making, found)
    const tree = await makeTree(making)
    if (tree !== body.tree) return different(`GitHub made the tree ${tree}, not ${body.tree}`)
    const commit = await makeCommit(making.open, body, message)
    const moved = await moveRef(making.open, { branch: body.ref, from: body.from, to: commit })
    if (moved.is === 'refused' && (await headOf(making.open, body.ref)) === body.from) {
      throw new WillNotWork(`GitHub does not let the App move ${body.ref} for ${key}: ${moved.because}`)
    }
    return settle(making, await headOf(making.open, body.ref))
  }
}

/** What stands on the branch: this effect's own commit, whole, or somebody else's. */
async function settle({ open, desk, intended }: Making, head: ObjectId | undefined): Promise<Performed<'commit'>> {
  if (head === undefined) return answer({ is: 'moved', found: null })
  const { body, key, repository, secret } = intended
  const stored = await commitAt(open, head)
  if (!isMessageOf(stored.message, key)) return answer({ is: 'moved', found: head })
  if (stored.tree !== body.tree) return different(`the commit ${head} holds the tree ${stored.tree}`)
  if (stored.parents.length !== 1 || stored.parents[0] !== body.parent) return different(`${head} has other parents`)
  if (stored.message.trimEnd() !== renderMessage(body, intended).trimEnd())
    return different(`${head} has another message`)
  const message = toQuoting(CommitMessage.parse({ v: 1, message: stored.message }), secret())
  const diffSha256 = await diffOf(desk.reader(repository), body.parent, head)
  const { tree, verified } = stored
  const result = { is: 'committed', commit: head, tree, diffSha256, message: message.sha256, verified } as const
  return { result, blobs: [message] }
}

function different(because: string): Performed<'commit'> {
  return answer({ is: 'different', because })
}

function answer(result: Outcome): Performed<'commit'> {
  return { result, blobs: [] }
}

/** A tree is named by its content: one that GitHub holds already, as the plan commit's, need not be made again. */
async function makeTree({ open, desk, intended }: Making): Promise<string> {
  const { octokit, at } = open
  const { body, documents, repository } = intended
  const known = await askedIfThere('Looking for the tree', () =>
    octokit.request('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', { ...at, tree_sha: body.tree }),
  )
  if (known !== undefined) return known.data.sha
  const present = new Set((await desk.reader(repository).entries(body.parent)).map(({ blob }) => blob))
  await inTurn(missingBlobs(body, present), AT_ONCE, (id) => makeBlob(open, id, contentOf(body, documents, id)))
  const tree = body.edits.map(toTreeItem)
  const { data } = await asked('Making the tree', () =>
    octokit.request('POST /repos/{owner}/{repo}/git/trees', { ...at, base_tree: body.baseTree, tree }),
  )
  return data.sha
}

function missingBlobs(body: CommitBody, present: ReadonlySet<ObjectId>): readonly ObjectId[] {
  const wanted = body.edits.flatMap(({ after }) => (after === null || after.mode === '160000' ? [] : [after.blob]))
  return [...new Set(wanted)].filter((id) => !present.has(id))
}

function contentOf(body: CommitBody, documents: Documents, id: ObjectId): Uint8Array {
  const ref = body.contents.find(({ blob }) => blob === id)
  const bytes = ref === undefined ? undefined : documents(ref.sha256)
  if (bytes === undefined || blobId(bytes) !== id) throw new BrokenRecord(`the bytes of git blob ${id} are not there`)
  return bytes
}

async function makeBlob({ octokit, at }: OpenRepository, id: ObjectId, bytes: Uint8Array): Promise<void> {
  const content = Buffer.from(bytes).toString('base64')
  const { data } = await asked('Storing a file', () =>
    octokit.request('POST /repos/{owner}/{repo}/git/blobs', { ...at, content, encoding: 'base64' }),
  )
  if (data.sha !== id) throw new WillNotWork(`GitHub stored blob ${id} as ${data.sha}`)
}

type TreeItem = {
  readonly path: string
  readonly mode: '100644' | '100755' | '120000' | '160000'
  readonly type: 'blob' | 'commit'
  readonly sha: string | null
}

function toTreeItem({ path, before, after }: CommitBody['edits'][number]): TreeItem {
  const mode = (after ?? before)?.mode ?? '100644'
  return { path, mode, type: mode === '160000' ? 'commit' : 'blob', sha: after?.blob ?? null }
}

async function makeCommit({ octokit, at }: OpenRepository, body: CommitBody, message: string): Promise<ObjectId> {
  const { data } = await asked('Making the commit', () =>
    octokit.request('POST /repos/{owner}/{repo}/git/commits', {
      ...at,
      message,
      tree: body.tree,
      parents: [body.parent],
    }),
  )
  return ObjectId.parse(data.sha)
}
