import type { Policy } from '../control/policy.ts'
import { protectedBy } from '../patch/protected-path.ts'
import { PATH_RISKS } from '../path-risks.ts'
import { blocked, defineGate, passed } from './gate.ts'

/** A repository's control plane, whatever its policy protects. */
const CONTROL_PLANE = ['.agentos/**']

/** Files that decide how a change is built, tested or judged: what the dry run measured would rest on the change itself. */
export const lightPathsGate = defineGate<{
  readonly paths: readonly string[]
  readonly policy: Pick<Policy, 'protectedPaths' | 'lanes'>
}>({
  name: 'light-paths',
  redLine: null,
  title: 'The light lane stays out of protected paths, manifests, lockfiles and build, test-runner and workflow files',
  judge({ paths, policy }) {
    for (const path of paths) {
      const fault = faultIn(path, policy)
      if (fault !== undefined) return blocked(`${path} ${fault}`)
    }
    return passed(`none of ${paths.length} paths is kept out of the light lane`)
  },
})

function faultIn(
  path: string,
  { protectedPaths, lanes }: Pick<Policy, 'protectedPaths' | 'lanes'>,
): string | undefined {
  const guarded = protectedBy(path, [...CONTROL_PLANE, ...protectedPaths])
  if (guarded !== null) return `is protected by ${guarded}`
  const excluded = protectedBy(path, lanes.light.excluded)
  if (excluded !== null) return `is kept out of the light lane by ${excluded}`
  const kind = PATH_RISKS.find(({ patterns }) => protectedBy(path, patterns) !== null)
  return kind === undefined ? undefined : `is a ${kind.rule}`
}
