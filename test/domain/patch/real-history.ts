import { execFileSync } from 'node:child_process'
import { inflate } from '../../../src/adapters/git/inflate.ts'
import { type LocalRepository, localRepository } from '../../../src/adapters/git/local-repository.ts'
import { applyEdits } from '../../../src/domain/git-objects.ts'
import { applyPatch, pathsRead, submoduleText } from '../../../src/domain/patch/apply-patch.ts'
import type { Edit } from '../../../src/domain/patch/edit.ts'
import type { FilePatch } from '../../../src/domain/patch/file-patch.ts'
import { parsePatch } from '../../../src/domain/patch/parse-patch.ts'
import { rawDiff } from '../../../src/domain/patch/raw-diff.ts'

/** What a walk through real commits met; `faults` names each commit on which we and git differ. */
export type HistoryCount = {
  readonly commits: number
  readonly renames: number
  readonly modeChanges: number
  readonly binaryFiles: number
  readonly nonAsciiPaths: number
  readonly faults: readonly string[]
}

/**
 * Walks the newest non-merge commits of a clone. Of each, git's own patch with renames must lead from the parent's tree
 * to the commit's tree, its edits must be git's raw diff, and their inverse must lead back.
 */
export async function checkHistory(dir: string, most: number): Promise<HistoryCount> {
  const repository = await localRepository(dir)
  const log = git(dir, ['rev-list', '--no-merges', '--min-parents=1', `--max-count=${most}`, 'HEAD']).toString('latin1')
  const commits = log.split('\n').filter((line) => line !== '')
  const patches: FilePatch[] = []
  const faults: string[] = []
  for (const commit of commits) {
    const met = await checkCommit(dir, repository, commit)
    patches.push(...met.patches)
    if (met.fault !== undefined) faults.push(`${commit}: ${met.fault}`)
  }
  return {
    commits: commits.length,
    renames: patches.filter(({ change }) => change.is === 'rename').length,
    modeChanges: patches.filter(({ change }) => 'modes' in change && change.modes.after !== null).length,
    binaryFiles: patches.filter(({ body }) => body.is === 'literal' || body.is === 'delta').length,
    // oxlint-disable-next-line no-control-regex
    nonAsciiPaths: patches.filter(({ change }) => /[^\x00-\x7f]/.test(change.path)).length,
    faults,
  }
}

type Met = { readonly patches: readonly FilePatch[]; readonly fault: string | undefined }

async function checkCommit(dir: string, repository: LocalRepository, commit: string): Promise<Met> {
  const parent = (await repository.resolve(`${commit}^1`)) ?? ''
  const patch = git(dir, ['diff-tree', '-r', '-p', '-M', '--binary', '--full-index', '--no-textconv', parent, commit])
  if (patch.length === 0) return { patches: [], fault: undefined }
  const parsed = parsePatch(patch, { inflate })
  if (!parsed.ok) return { patches: [], fault: `line ${parsed.refusal.line}: ${parsed.refusal.because}` }
  const entries = await repository.entries(parent)
  const byPath = new Map(entries.map((entry) => [entry.path, entry]))
  const read = pathsRead(parsed.value).flatMap((path) => byPath.get(path) ?? [])
  const blobs = await repository.blobs(read.filter(({ mode }) => mode !== '160000').map(({ blob }) => blob))
  const applied = applyPatch(parsed.value, (path) => {
    const entry = byPath.get(path)
    if (entry === undefined) return null
    return { mode: entry.mode, bytes: blobs.get(entry.blob) ?? Buffer.from(submoduleText(entry.blob)) }
  })
  if (!applied.ok) return { patches: parsed.value, fault: `${applied.refusal.path}: ${applied.refusal.because}` }
  const { edits } = applied.value
  const there = applyEdits(entries, edits)
  const back = there.ok ? applyEdits(there.value.entries, edits.map(inverse)) : there
  const raw = await repository.diffTreeRaw(parent, commit)
  const differs = [
    there.ok && there.value.treeId === (await repository.treeOf(commit)) ? [] : ['the tree is not git’s'],
    back.ok && back.value.treeId === (await repository.treeOf(parent))
      ? []
      : ['the way back does not lead to the parent'],
    Buffer.compare(rawDiff(edits), raw) === 0 ? [] : ['the raw diff is not git’s'],
  ].flat()
  return { patches: parsed.value, fault: differs[0] }
}

function inverse({ path, before, after }: Edit): Edit {
  return { path, before: after, after: before }
}

function git(dir: string, args: readonly string[]): Buffer {
  return execFileSync('git', args, { cwd: dir, maxBuffer: 1 << 30, env: { PATH: process.env['PATH'], LC_ALL: 'C' } })
}
