import { mayBothCover } from './control/glob.ts'
import type { Step } from './packs/plan.ts'
import { comparePaths } from './patch/edit.ts'
import { foldPath } from './patch/fold-path.ts'

/** What a lock reserves: a task, an exact path, or every path that a pattern of declared outputs covers. */
type Reserved =
  | { readonly is: 'task'; readonly name: string }
  | { readonly is: 'path'; readonly path: string }
  | { readonly is: 'glob'; readonly glob: string }
  | { readonly is: 'unknown' }

export function pathLock(path: string): string {
  return `path:${path}`
}

/** A declared output may be a path or a pattern. */
function outputLock(output: string): string {
  return isPattern(output) ? `glob:${output}` : pathLock(output)
}

export function isPattern(output: string): boolean {
  return /[*?]/.test(output)
}

/** The keys of a plan's steps: each path of the change and each declared output, every one once, in one order. */
export function locksOf(paths: readonly string[], steps: readonly Step[]): string[] {
  const outputs = steps.flatMap((step) => (step.is === 'run' ? step.outputs.map(outputLock) : []))
  return [...new Set([...paths.map(pathLock), ...outputs])].sort(comparePaths)
}

type Asked = {
  readonly issue: number | null
  readonly via: { readonly is: 'comment' | 'cli' } | { readonly is: 'schedule'; readonly rule: string }
}

/** Every key that a run takes, all at once or none: its task, which is its issue or schedule rule, and those of its plan. */
export function keysOf(request: Asked, plan: { readonly locks: readonly string[] }): readonly string[] {
  return [...taskKeys(request), ...plan.locks]
}

function taskKeys({ issue, via }: Asked): readonly string[] {
  if (via.is === 'schedule') return [`task:schedule/${via.rule}`]
  return issue === null ? [] : [`task:issue/${issue}`]
}

/**
 * Whether two keys exclude each other. Paths do when they are equal or one is a folder of the other; a pattern does with
 * everything that it may cover. What cannot be told apart excludes each other.
 */
export function conflicts(one: string, other: string): boolean {
  if (one === other) return true
  const [a, b] = [reservedBy(one), reservedBy(other)]
  if (a.is === 'unknown' || b.is === 'unknown') return true
  if (a.is === 'task' || b.is === 'task') return false
  if (a.is === 'path') return b.is === 'path' ? isNested(a.path, b.path) : coversNear(b.glob, a.path)
  return b.is === 'path' ? coversNear(a.glob, b.path) : mayBothCover(a.glob, b.glob)
}

function reservedBy(key: string): Reserved {
  const at = key.indexOf(':')
  const [kind, rest] = [key.slice(0, at), key.slice(at + 1)]
  if (kind === 'path') return { is: 'path', path: rest }
  if (kind === 'glob') return { is: 'glob', glob: rest }
  return kind === 'task' ? { is: 'task', name: rest } : { is: 'unknown' }
}

/** Another spelling of a path counts as the path: on many machines the two are one file. */
function isNested(one: string, other: string): boolean {
  const [a, b] = [foldPath(one), foldPath(other)]
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
}

/** A file that the pattern covers may also be a folder of the path, and the path a folder that the pattern names. */
function coversNear(glob: string, path: string): boolean {
  const parts = path.split('/')
  return parts.some((_part, i) => mayBothCover(glob, parts.slice(0, i + 1).join('/'))) || namesBelow(glob, path)
}

function namesBelow(glob: string, path: string): boolean {
  const depth = path.split('/').length
  const parts = glob.split('/')
  return (
    parts.length > depth && !parts.slice(0, depth).includes('**') && mayBothCover(parts.slice(0, depth).join('/'), path)
  )
}
