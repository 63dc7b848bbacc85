import { Buffer } from 'node:buffer'
import type { Keepsake, KeepsakeOf } from '../../../app/evidence/kept-evidence.ts'
import { type Intended, type Performer, TryLater, WillNotWork } from '../../../app/ports.ts'
import { CHECKPOINT_PATH, EVIDENCE_REF, evidencePath } from '../../../domain/evidence.ts'
import { ObjectId } from '../../../domain/hash.ts'
import type { RunId } from '../../../domain/ids.ts'
import type { GithubAccess, OpenRepository } from '../access.ts'
import { isMessageOf } from '../commit-message.ts'
import { asked, askedIfThere, rejectionIn, toFailure } from '../failures.ts'
import { commitAt } from '../refs.ts'

type Kept = Intended<'keep-evidence'>

/** Other runs of the repository push to the same ref: so often one of them may be faster. */
const MOST_TRIES = 6
const REF = EVIDENCE_REF.slice('refs/'.length)

/**
 * One commit on top of the ref, which only ever moves forward. A repository's ref holds no run but its own, because the
 * repository and the run are those of the effect's own stream.
 */
export function keepEvidencePerformer(access: GithubAccess, keepsakeOf: KeepsakeOf): Performer<'keep-evidence'> {
  return async (intended) => {
    const { repository, run, attempt } = intended
    if (run === null) throw new WillNotWork('only a run has evidence')
    const open = await access.open(repository)
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const head = await refHead(open)
      const earlier = head === undefined || attempt === 1 ? undefined : await earlierCommit(open, head, intended)
      if (earlier !== undefined) return { result: { commit: earlier }, blobs: [] }
      const keepsake = await keepsakeOf(run, head === undefined ? null : await checkpointAt(open, head))
      const commit = await commitOn(open, head, { ...keepsake, intended, run })
      if (await moveForward(open, head, commit)) return { result: { commit }, blobs: [] }
    }
    throw new TryLater(`Other runs push to ${EVIDENCE_REF} all the time`, 5000)
  }
}

async function refHead({ octokit, at }: OpenRepository): Promise<ObjectId | undefined> {
  const route = 'GET /repos/{owner}/{repo}/git/ref/{ref}'
  const found = await askedIfThere(`Reading ${EVIDENCE_REF}`, () => octokit.request(route, { ...at, ref: REF }))
  return found === undefined ? undefined : ObjectId.parse(found.data.object.sha)
}

/** What an earlier attempt put there, whatever other runs put on top since. */
async function earlierCommit(
  { octokit, at }: OpenRepository,
  head: ObjectId,
  { key, run }: Kept,
): Promise<ObjectId | undefined> {
  const { data } = await asked('Looking for the evidence', () =>
    octokit.request('GET /repos/{owner}/{repo}/commits', {
      ...at,
      sha: head,
      path: evidencePath(run ?? ''),
      per_page: 100,
    }),
  )
  const own = data.find(({ commit }) => isMessageOf(commit.message, key))
  return own === undefined ? undefined : ObjectId.parse(own.sha)
}

/** The checkpoint that was kept last. One that cannot be read counts as none. */
async function checkpointAt({ octokit, at }: OpenRepository, head: ObjectId): Promise<Uint8Array | null> {
  const found = await askedIfThere('Reading the last checkpoint', () =>
    octokit.request('GET /repos/{owner}/{repo}/contents/{path}', { ...at, path: CHECKPOINT_PATH, ref: head }),
  )
  if (found === undefined || Array.isArray(found.data) || found.data.type !== 'file') return null
  return Buffer.from(found.data.content, 'base64')
}

type Addition = Keepsake & { readonly intended: Kept; readonly run: RunId }

async function commitOn(open: OpenRepository, head: ObjectId | undefined, addition: Addition): Promise<ObjectId> {
  const { octokit, at } = open
  const { evidence, checkpoint, run } = addition
  const files = [
    { path: CHECKPOINT_PATH, sha: await blobOf(open, checkpoint) },
    { path: evidencePath(run), sha: await blobOf(open, evidence) },
  ]
  const base = head === undefined ? {} : { base_tree: (await commitAt(open, head)).tree }
  const entries = files.map((file) => ({ ...file, mode: '100644', type: 'blob' }) as const)
  const tree = await asked('Making the tree of the evidence', () =>
    octokit.request('POST /repos/{owner}/{repo}/git/trees', { ...at, ...base, tree: entries }),
  )
  const commit = await asked('Making the commit of the evidence', () =>
    octokit.request('POST /repos/{owner}/{repo}/git/commits', {
      ...at,
      message: messageOf(addition),
      tree: tree.data.sha,
      parents: head === undefined ? [] : [head],
    }),
  )
  return ObjectId.parse(commit.data.sha)
}

async function blobOf({ octokit, at }: OpenRepository, bytes: Uint8Array): Promise<string> {
  const content = Buffer.from(bytes).toString('base64')
  const { data } = await asked('Storing evidence', () =>
    octokit.request('POST /repos/{owner}/{repo}/git/blobs', { ...at, content, encoding: 'base64' }),
  )
  return data.sha
}

function messageOf({ run, last, intended: { key, body } }: Addition): string {
  const trailers = [`AgentOS-Step: ${key}`, `AgentOS-Ledger: ${last.seq}@${last.hash}`]
  return `Keep the evidence of run ${run} (${body.phase})\n\n\n${trailers.join('\n')}\n`
}

/** False where another run moved the ref first: GitHub moves it only to a commit that goes on from where it stands. */
async function moveForward(open: OpenRepository, from: ObjectId | undefined, to: ObjectId): Promise<boolean> {
  const { octokit, at } = open
  try {
    if (from === undefined)
      await octokit.request('POST /repos/{owner}/{repo}/git/refs', { ...at, ref: EVIDENCE_REF, sha: to })
    else await octokit.request('PATCH /repos/{owner}/{repo}/git/refs/{ref}', { ...at, ref: REF, sha: to, force: false })
    return true
  } catch (error) {
    if (rejectionIn(error)?.status !== 422) throw toFailure(`Moving ${EVIDENCE_REF}`, error)
    if ((await refHead(open)) !== from) return false
    throw toFailure(`Moving ${EVIDENCE_REF}`, error)
  }
}
