import type { Policy } from './control/policy.ts'
import type { Lane, Risk, Step } from './packs/plan.ts'
import type { Edit } from './patch/edit.ts'
import { protectedBy } from './patch/protected-path.ts'

type Reason = Risk['reasons'][number] & { readonly level: Risk['level'] }

const LOCK_FILES: readonly string[] = [
  '**/package-lock.json',
  '**/npm-shrinkwrap.json',
  '**/pnpm-lock.yaml',
  '**/yarn.lock',
  '**/Cargo.lock',
  '**/go.sum',
  '**/poetry.lock',
  '**/uv.lock',
  '**/Gemfile.lock',
  '**/composer.lock',
]
const DEPENDENCY_FILES: readonly string[] = [
  '**/package.json',
  '**/Cargo.toml',
  '**/go.mod',
  '**/pyproject.toml',
  '**/requirements*.txt',
  '**/Gemfile',
  '**/composer.json',
]
const BUILD_FILES: readonly string[] = [
  '**/Makefile',
  '**/Dockerfile*',
  '**/*.config.js',
  '**/*.config.ts',
  '**/*.config.mjs',
  '**/CMakeLists.txt',
]
const MIGRATIONS: readonly string[] = ['**/migrations/**', '**/migrate/**']

/** How dangerous a change is, from its paths, modes, size and commands alone: the same plan has the same risk. */
export function assessRisk(steps: readonly Step[], edits: readonly Edit[], policy: Policy): Risk {
  const reasons = [
    ...edits.flatMap((edit) => reasonsFor(edit, policy)),
    ...sizeReasons(edits, policy),
    ...networkReasons(steps),
  ]
  const rank = { low: 0, medium: 1, high: 2 } as const
  const level = reasons.reduce<Risk['level']>(
    (worst, one) => (rank[one.level] > rank[worst] ? one.level : worst),
    'low',
  )
  return { level, reasons: reasons.slice(0, 200).map(({ rule, about }) => ({ rule, about })) }
}

/** High risk goes the high lane. Every other plan is executed by a job of its own. */
export function laneFor(risk: Risk): Lane {
  return risk.level === 'high' ? 'high' : 'standard'
}

function reasonsFor(edit: Edit, policy: Policy): Reason[] {
  const about = edit.path
  const reasons: Reason[] = []
  if (protectedBy(about, policy.protectedPaths) !== null) reasons.push({ rule: 'protected-path', about, level: 'high' })
  if (protectedBy(about, MIGRATIONS) !== null) reasons.push({ rule: 'migration', about, level: 'high' })
  if (protectedBy(about, LOCK_FILES) !== null) reasons.push({ rule: 'lock-file', about, level: 'medium' })
  if (protectedBy(about, DEPENDENCY_FILES) !== null) reasons.push({ rule: 'dependency-file', about, level: 'medium' })
  if (protectedBy(about, BUILD_FILES) !== null) reasons.push({ rule: 'build-file', about, level: 'medium' })
  if (edit.after === null) reasons.push({ rule: 'deletion', about, level: 'medium' })
  if (edit.before !== null && edit.after !== null && edit.before.mode !== edit.after.mode)
    reasons.push({ rule: 'mode-change', about, level: 'medium' })
  return reasons
}

function sizeReasons(edits: readonly Edit[], policy: Policy): Reason[] {
  const large = edits.length > Math.ceil(policy.limits.files / 2)
  return large ? [{ rule: 'size', about: `${edits.length} files`, level: 'medium' }] : []
}

function networkReasons(steps: readonly Step[]): Reason[] {
  return steps.flatMap((step): Reason[] =>
    step.is === 'prepare' && step.hosts.length > 0
      ? [{ rule: 'network', about: step.hosts.join(', '), level: 'low' }]
      : [],
  )
}
