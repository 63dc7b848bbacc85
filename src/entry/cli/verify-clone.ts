import type { LocalRepository } from '../../adapters/git/local-repository.ts'
import { type CheckedClone, type NoEvidence, verifyClone } from '../../app/clone/verify-clone.ts'
import type { Trust } from '../../app/evidence/open-bundle.ts'
import { EVIDENCE_REF } from '../../domain/evidence.ts'
import type { ObjectId } from '../../domain/hash.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { type Stop, stop } from '../local/stop.ts'
import { readKeys } from './trust.ts'

/** A whole clone as it was found, and whose keys counted for what it brings itself. */
export type JudgedClone = CheckedClone & { readonly trust: 'pinned' | 'repository' | 'own-word' }

/** Checks the whole clone; null where it keeps no evidence of its own and some was given. */
export async function judgeClone(
  clone: LocalRepository,
  given: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  trust: Trust,
): Promise<Result<JudgedClone | null, Stop>> {
  if (given.length > 0 && (await clone.resolve(EVIDENCE_REF)) === undefined) return ok(null)
  const pinned = trust.trusted === null ? await pinnedKeys(clone) : trust.trusted
  const checked = await verifyClone(clone, given, { trust, pushed: { ...trust, trusted: pinned } })
  if ('is' in checked) return refuse(stopFor(checked))
  const whose = trust.trusted !== null ? 'pinned' : pinned === null ? 'own-word' : 'repository'
  return ok({ ...checked, trust: whose })
}

/** The keys that the repository itself pins, on its default branch. */
async function pinnedKeys(clone: LocalRepository): Promise<Trust['trusted']> {
  const tip = (await clone.resolve('refs/remotes/origin/HEAD')) ?? (await clone.resolve('HEAD'))
  return tip === undefined ? null : keysAt(clone, tip)
}

const KEYS_PATH = '.agentos/keys.json'

async function keysAt(clone: LocalRepository, commit: ObjectId): Promise<Trust['trusted']> {
  const entry = (await clone.entries(commit)).find(({ path }) => path === KEYS_PATH)
  const bytes = entry === undefined ? undefined : (await clone.blobs([entry.blob])).get(entry.blob)
  return bytes === undefined ? null : readKeys(bytes, `${KEYS_PATH} at ${commit}`)
}

function stopFor({ is }: NoEvidence): Stop {
  if (is === 'shallow')
    return stop(
      5,
      'history',
      'the clone is shallow, so that what it lacks cannot be told',
      'run `git fetch --unshallow`',
    )
  const next = `run \`git fetch origin ${EVIDENCE_REF}:${EVIDENCE_REF}\`, or name evidence files`
  return stop(5, 'evidence', `the clone has no ${EVIDENCE_REF} and no evidence was given`, next)
}

const WHOSE = {
  pinned: 'keys that you pinned',
  repository: `keys that its default branch pins in ${KEYS_PATH}, which is its own word`,
  'own-word': 'its own word: pin the keys (`--trust`)',
} as const

export function cloneText(dir: string, { valid, ref, runs, commits, faults, notes, trust }: JudgedClone): string {
  return [
    `${dir}: ${valid ? 'valid' : 'INVALID'}`,
    `  ${runs.length} runs have evidence${ref === null ? '' : ` (${EVIDENCE_REF} at ${ref})`}, ${commits} commits name a run; trusted: ${WHOSE[trust]}`,
    ...faults.map(({ fault, where }) => `  ${where}: ${fault}`),
    ...runs.map(({ run, phase, is, commit }) => `  run ${run}: ${phase}, ${is}${commit === null ? '' : ` ${commit}`}`),
    ...notes.map((line) => `  not proven here: ${line}`),
  ].join('\n')
}
