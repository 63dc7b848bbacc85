import { GitFailed } from '../../src/adapters/git/git-process.ts'
import { inflate } from '../../src/adapters/git/inflate.ts'
import type { LocalRepository } from '../../src/adapters/git/local-repository.ts'
import { OLD_FORM } from '../../src/adapters/git/read-objects.ts'
import { renderDiff } from '../../src/adapters/rendering/diff-text.ts'
import { examineChange } from '../../src/app/planning/examine-change.ts'
import { filesRead } from '../../src/app/planning/files-read.ts'
import type { Policy } from '../../src/domain/control/policy.ts'
import { applyEdits } from '../../src/domain/git-objects.ts'
import { applyPatch } from '../../src/domain/patch/apply-patch.ts'
import type { Content, Edit, Entry } from '../../src/domain/patch/edit.ts'
import type { FilePatch } from '../../src/domain/patch/file-patch.ts'
import { carryEdits, inverseEdits } from '../../src/domain/patch/merge-edits.ts'
import { parsePatch } from '../../src/domain/patch/parse-patch.ts'
import { rawDiff } from '../../src/domain/patch/raw-diff.ts'
import { plainFilter } from '../support/plain-filter.ts'
import type { RealCommit } from './history.ts'

/** What became of a commit, forth or back. A refusal is a rule of hygiene that said no; a difference is a fault of ours. */
export type Came =
  | { readonly is: 'identical' }
  | { readonly is: 'refused'; readonly rules: readonly string[] }
  | { readonly is: 'different'; readonly because: string }

export type Walked = { readonly patches: readonly FilePatch[]; readonly forth: Came; readonly back: Came }

/**
 * The parts that plan, execute and rollback are made of, one after the other: the patch is read against its base, judged
 * under the policy, predicted, committed by the commit writer; then the inverse is carried over, judged and committed.
 */
export async function walkCommit(
  repository: LocalRepository,
  commit: RealCommit,
  { patch, policy }: { readonly patch: Uint8Array; readonly policy: Policy },
): Promise<Walked> {
  const parsed = parsePatch(patch, { inflate })
  if (!parsed.ok) return failed([], `line ${parsed.refusal.line}: ${parsed.refusal.because}`)
  try {
    return await walkParsed(repository, commit, { patches: parsed.value, policy })
  } catch (error) {
    if (!(error instanceof GitFailed && error.message.includes(OLD_FORM))) throw error
    const refused = { is: 'refused', rules: ['old-tree'] } as const
    return { patches: parsed.value, forth: refused, back: refused }
  }
}

type Parsed = { readonly patches: readonly FilePatch[]; readonly policy: Policy }

async function walkParsed(
  repository: LocalRepository,
  commit: RealCommit,
  { patches, policy }: Parsed,
): Promise<Walked> {
  const base = await repository.entries(commit.parent)
  const files = await filesRead({ entries: byPath(base), reader: repository }, patches)
  const applied = applyPatch(patches, (path) => files.get(path) ?? null)
  if (!applied.ok) return failed(patches, `${applied.refusal.path}: ${applied.refusal.because}`)
  const { edits, contents } = applied.value
  const raw = await repository.diffTreeRaw(commit.parent, commit.id)
  if (Buffer.compare(rawDiff(edits), raw) !== 0) return failed(patches, 'the raw diff is not git’s')
  const going = { from: commit.parent, base, tree: commit.tree, edits, contents, policy }
  const forth = await land(repository, going)
  return { patches, forth, back: await goBack(repository, commit, going) }
}

function failed(patches: readonly FilePatch[], because: string): Walked {
  const different = { is: 'different', because } as const
  return { patches, forth: different, back: different }
}

type Going = {
  readonly from: string
  readonly base: readonly Entry[]
  /** The tree that git has there. */
  readonly tree: string
  readonly edits: readonly Edit[]
  readonly contents: Content
  readonly policy: Policy
}

async function land(repository: LocalRepository, going: Going): Promise<Came> {
  const { edits, base, contents, policy } = going
  const { faults } = await examineChange({ edits, base, contents, policy }, repository, {
    render: renderDiff,
    filter: plainFilter,
  })
  if (faults.length > 0) return { is: 'refused', rules: [...new Set(faults.map(({ rule }) => rule))] }
  const predicted = applyEdits(base, edits)
  if (!predicted.ok) return { is: 'different', because: `${predicted.refusal.path}: ${predicted.refusal.because}` }
  if (predicted.value.treeId !== going.tree) return { is: 'different', because: 'the predicted tree is not git’s' }
  const author = { name: 'A', email: 'a@example.org', seconds: 1_700_000_000 }
  const written = await repository.writeCommit({
    base: going.from,
    edits,
    contents,
    parents: [going.from],
    message: 'Land',
    author,
    committer: author,
  })
  return (await repository.treeOf(written)) === going.tree
    ? { is: 'identical' }
    : { is: 'different', because: 'the committed tree is not git’s' }
}

async function goBack(repository: LocalRepository, commit: RealCommit, going: Going): Promise<Came> {
  const landed = await repository.entries(commit.id)
  const states = byPath(landed)
  const blobs = going.edits.flatMap(({ before, after }) =>
    [before, after].flatMap((state) => (state === null || state.mode === '160000' ? [] : [state.blob])),
  )
  const carried = carryEdits({
    edits: inverseEdits(going.edits),
    onto: new Map(going.edits.map(({ path }) => [path, states.get(path) ?? null])),
    contents: await repository.blobs([...new Set(blobs)]),
  })
  if (carried.is === 'conflict') return { is: 'different', because: JSON.stringify(carried.conflicts.slice(0, 2)) }
  const contents = await repository.blobs([...new Set(blobs)])
  return land(repository, {
    ...going,
    from: commit.id,
    base: landed,
    tree: commit.parentTree,
    edits: carried.edits,
    contents: new Map([...contents, ...carried.contents]),
  })
}

function byPath(entries: readonly Entry[]): ReadonlyMap<string, Entry> {
  return new Map(entries.map((entry) => [entry.path, { path: entry.path, mode: entry.mode, blob: entry.blob }]))
}
