import { inflate } from '../../adapters/git/inflate.ts'
import type { LocalRepository } from '../../adapters/git/local-repository.ts'
import { filesRead } from '../../app/planning/files-read.ts'
import type { TreeEntry } from '../../app/ports.ts'
import { kindsAllowed, type Policy } from '../../domain/control/policy.ts'
import { budgetGate } from '../../domain/gates/budget.ts'
import { scopeGate } from '../../domain/gates/scope.ts'
import type { ObjectId } from '../../domain/hash.ts'
import type { Plan } from '../../domain/packs/plan.ts'
import { type AppliedPatch, applyPatch, type BaseFile, pathsRead } from '../../domain/patch/apply-patch.ts'
import { filesIn } from '../../domain/patch/base-index.ts'
import { type Edit, sameState } from '../../domain/patch/edit.ts'
import { judgeEdits } from '../../domain/patch/judge-edits.ts'
import { parsePatch } from '../../domain/patch/parse-patch.ts'
import { protectedBy } from '../../domain/patch/protected-path.ts'
import type { PatchAnswer } from '../cli/items.ts'

/** What patches are checked against; `plan` is null where any path may be touched. */
export type PatchGround = {
  readonly repository: Pick<LocalRepository, 'entries' | 'blobs'>
  readonly base: ObjectId
  readonly policy: Policy
  readonly plan: Plan | null
}

/** Judges a patch as planning would: readable in one way, fitting the base, clean, in scope, and how far it needs people. */
export async function checkPatch(bytes: Uint8Array, ground: PatchGround): Promise<PatchAnswer> {
  const parsed = parsePatch(bytes, { inflate })
  if (!parsed.ok) return denied('patch', [], [`line ${parsed.refusal.line}: ${parsed.refusal.because}`])
  const base = await ground.repository.entries(ground.base)
  const entries = filesIn(base)
  const files = await filesRead({ entries, reader: ground.repository }, parsed.value)
  const applied = applyPatch(parsed.value, (path) => files.get(path) ?? null)
  if (applied.ok) return judge(applied.value, { ground, base, files })
  const { path, because } = applied.refusal
  const rule = entries.has(path) ? 'patch' : 'no-fabrication'
  return denied(rule, pathsRead(parsed.value), [`${path}: ${because}`])
}

type Place = {
  readonly ground: PatchGround
  readonly base: readonly TreeEntry[]
  readonly files: ReadonlyMap<string, BaseFile>
}

function judge({ edits, contents }: AppliedPatch, { ground, base, files }: Place): PatchAnswer {
  const { policy, plan } = ground
  const paths = edits.map((edit) => edit.path)
  const before = edits.flatMap(({ path, before }) => {
    const file = files.get(path)
    return before === null || file === undefined ? [] : [[before.blob, file.bytes] as const]
  })
  const allow = kindsAllowed(policy)
  const faults = judgeEdits({ edits, base, contents: new Map([...before, ...contents]), limits: policy.limits, allow })
  if (faults.length > 0)
    return denied(
      'hygiene',
      paths,
      faults.slice(0, 50).map(({ rule, path, because }) => `${path ?? 'the change'}: ${because} [${rule}]`),
    )
  const scope = scopeGate.judge({ edits, policy })
  if (scope.is === 'blocked') return denied('scope', paths, [scope.because])
  const sizes = Array.from(contents.values(), (bytes) => ({ bytes: bytes.length }))
  const budget = budgetGate.judge({ edits, contents: sizes, limits: policy.limits })
  if (budget.is === 'blocked') return denied('budget', paths, [budget.because])
  const foreign = plan === null ? [] : edits.flatMap((edit) => planFault(edit, plan))
  if (foreign.length > 0) return denied('patch-identity', paths, foreign)
  return allowed(paths, policy)
}

function planFault(edit: Edit, plan: Plan): readonly string[] {
  const planned = plan.edits.find(({ path }) => path === edit.path)
  if (planned === undefined) return [`${edit.path}: the plan does not declare this path`]
  return sameState(planned.after, edit.after) ? [] : [`${edit.path}: the plan leaves other content there`]
}

function allowed(paths: readonly string[], { protectedPaths }: Policy): PatchAnswer {
  const guarded = paths.flatMap((path) => {
    const pattern = protectedBy(path, protectedPaths)
    return pattern === null ? [] : [{ path, pattern }]
  })
  const reasons = guarded.map(({ path, pattern }) => `${path} is protected by ${pattern}: the high lane decides`)
  const isFree = guarded.length === 0
  return {
    decision: isFree ? 'allow' : 'needs_approval',
    rule: isFree ? 'patch' : 'protected-paths',
    paths: [...paths],
    protected: guarded.map(({ path }) => path),
    reasons: isFree ? ['the patch fits its base and touches no protected path'] : reasons,
  }
}

function denied(rule: string, paths: readonly string[], reasons: readonly string[]): PatchAnswer {
  return { decision: 'deny', rule, paths: [...paths], protected: [], reasons: [...reasons] }
}
