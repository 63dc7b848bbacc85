import type { Policy } from './control/policy.ts'
import type { ContentRef, Lane, Risk, Step } from './packs/plan.ts'
import type { Edit } from './patch/edit.ts'
import { protectedBy } from './patch/protected-path.ts'
import { PATH_RISKS } from './path-risks.ts'

type Level = Risk['level']
type Reason = Risk['reasons'][number] & { readonly level: Level }

/** What a plan changes and runs, as far as its risk follows from it. */
export type RiskyChange = {
  readonly steps: readonly Step[]
  readonly edits: readonly Edit[]
  readonly contents: readonly ContentRef[]
}

const RANK = { low: 0, medium: 1, high: 2 } as const
const MAX_REASONS = 200

/** How dangerous a change is, from its paths, modes, size and commands alone: the same plan has the same risk. */
export function assessRisk(change: RiskyChange, policy: Policy): Risk {
  const moved = movedFrom(change.edits)
  const reasons = [
    ...change.edits.flatMap((edit) => [...pathReasons(edit, policy), ...changeReasons(edit, moved)]),
    ...sizeReasons(change, policy, moved),
    ...commandReasons(change.steps),
  ]
  const worstFirst = reasons.toSorted((a, b) => RANK[b.level] - RANK[a.level])
  return {
    level: worstFirst[0]?.level ?? 'low',
    reasons: worstFirst.slice(0, MAX_REASONS).map(({ rule, about }) => ({ rule, about })),
  }
}

/** The lane of a plan whose dry run does not stand for its execution: a job of its own repeats every step. */
export function laneFor(risk: Risk): Exclude<Lane, 'light'> {
  return risk.level === 'high' ? 'high' : 'standard'
}

/** Text for people is not what a sensitive folder is sensitive for. */
const PROSE = /\.(?:md|markdown|rst|adoc)$/i

function pathReasons({ path: about }: Edit, policy: Policy): readonly Reason[] {
  const isProtected = protectedBy(about, policy.protectedPaths) !== null
  const isSensitive = !PROSE.test(about) && protectedBy(about, policy.risk.sensitivePaths) !== null
  return [
    ...(isProtected ? [{ rule: 'protected-path', about, level: 'high' } as const] : []),
    ...(isSensitive ? [{ rule: 'sensitive-path', about, level: 'high' } as const] : []),
    ...PATH_RISKS.filter(({ patterns }) => protectedBy(about, patterns) !== null).map(({ rule, level }) => {
      return { rule, about, level }
    }),
  ]
}

/** Paths that lose a file of which the same bytes stand at a new path: moved, not deleted. */
function movedFrom(edits: readonly Edit[]): ReadonlySet<string> {
  const created = new Set(edits.flatMap(({ before, after }) => (before === null && after !== null ? [after.blob] : [])))
  const gone = edits.filter(({ before, after }) => after === null && before !== null && created.has(before.blob))
  return new Set(gone.map(({ path }) => path))
}

const TESTS: readonly string[] = ['**/test/**', '**/tests/**', '**/__tests__/**', '**/spec/**', '**/*.test.*']
const MORE_TESTS: readonly string[] = ['**/*.spec.*', '**/*_test.go', '**/test_*.py', '**/*_test.py', '**/*_spec.rb']

function changeReasons({ path: about, before, after }: Edit, moved: ReadonlySet<string>): readonly Reason[] {
  if (after === null) return [deletion(about, moved)]
  if (after.mode === '120000') return [{ rule: 'symbolic-link', about, level: 'high' }]
  if (after.mode === '160000') return [{ rule: 'submodule', about, level: 'high' }]
  if (before !== null && before.mode !== after.mode) return [{ rule: 'mode-change', about, level: 'medium' }]
  return before === null && after.mode === '100755' ? [{ rule: 'new-program', about, level: 'medium' }] : []
}

function deletion(about: string, moved: ReadonlySet<string>): Reason {
  if (moved.has(about)) return { rule: 'move', about, level: 'low' }
  const isTest = protectedBy(about, [...TESTS, ...MORE_TESTS]) !== null
  return { rule: isTest ? 'test-deletion' : 'deletion', about, level: 'medium' }
}

function sizeReasons(
  { edits, contents }: RiskyChange,
  { risk }: Policy,
  moved: ReadonlySet<string>,
): readonly Reason[] {
  const bytes = contents.reduce((sum, content) => sum + content.bytes, 0)
  const deleted = edits.filter(({ path, after }) => after === null && !moved.has(path)).length
  const reasons: readonly (Reason | null)[] = [
    deleted > risk.deletions ? { rule: 'many-deletions', about: `${deleted} files`, level: 'high' } : null,
    edits.length > risk.files ? { rule: 'size', about: `${edits.length} files`, level: 'medium' } : null,
    bytes > risk.bytes ? { rule: 'size', about: `${bytes} bytes`, level: 'medium' } : null,
  ]
  return reasons.filter((reason) => reason !== null)
}

function commandReasons(steps: readonly Step[]): readonly Reason[] {
  return steps.flatMap((step): readonly Reason[] => {
    if (step.is === 'edit') return []
    const { hosts = [], argv } = step
    const about = { output: argv.join(' ').slice(0, 1000), network: hosts.join(', ').slice(0, 1000) }
    return [
      ...(step.is === 'run' ? [{ rule: 'command-output', about: about.output, level: 'low' } as const] : []),
      ...(hosts.length > 0 ? [{ rule: 'network', about: about.network, level: 'low' } as const] : []),
    ]
  })
}
