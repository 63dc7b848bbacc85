import type { Policy } from '../control/policy.ts'
import type { Edit } from '../patch/edit.ts'
import { protectedBy } from '../patch/protected-path.ts'
import { blocked, defineGate, passed } from './gate.ts'

/** Workflow files run with the repository's own rights, wherever they stand. */
export const WORKFLOW_PATHS: readonly string[] = ['.github/workflows/**']

export const scopeGate = defineGate<{
  readonly edits: readonly Edit[]
  readonly policy: Pick<Policy, 'workflows' | 'protectedPaths'>
}>({
  name: 'scope',
  redLine: null,
  title: 'A plan stays out of workflow files unless the policy lets it in',
  judge({ edits, policy }) {
    const workflow = edits.find((edit) => protectedBy(edit.path, WORKFLOW_PATHS) !== null)
    if (workflow !== undefined && policy.workflows === 'denied')
      return blocked(`${workflow.path} is a workflow file, and the policy says \`workflows: denied\``)
    const guarded = edits.filter((edit) => protectedBy(edit.path, policy.protectedPaths) !== null)
    return passed(
      guarded.length === 0
        ? 'no protected path is touched'
        : `${guarded.length} protected paths: the high lane decides`,
    )
  },
})
