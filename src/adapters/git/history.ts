import { EVIDENCE_REF } from '../../domain/evidence.ts'
import { ObjectId } from '../../domain/hash.ts'
import { type GitFolder, git } from './git-process.ts'

/** Only commits whose message names a run, as in a trailer. */
export const NAMING_RUNS = ['--regexp-ignore-case', '--basic-regexp', '--grep=^agentos-run[[:blank:]]*:']

/** False for a shallow clone: what it lacks cannot be told from what was never there. */
export async function isWhole(folder: GitFolder): Promise<boolean> {
  const { stdout } = await git(folder, { args: ['rev-parse', '--is-shallow-repository'] })
  return stdout.toString('latin1').trim() === 'false'
}

/** Commits by what leads to them: given tips, or every ref of the clone and its HEAD but the one that keeps evidence. */
export async function listCommits(
  folder: GitFolder,
  tips: readonly ObjectId[] | 'all',
  only: readonly string[] = [],
): Promise<readonly ObjectId[]> {
  if (tips.length === 0) return []
  const from = tips === 'all' ? [`--exclude=${EVIDENCE_REF}`, '--all'] : tips.map((tip) => ObjectId.parse(tip))
  const { stdout } = await git(folder, { args: ['rev-list', ...only, ...from] })
  return stdout
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ObjectId.parse(line))
}
