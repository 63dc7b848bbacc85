import type { Limits } from '../control/policy.ts'
import type { ContentRef } from '../packs/plan.ts'
import type { Edit } from '../patch/edit.ts'
import { blocked, defineGate, passed } from './gate.ts'

export const budgetGate = defineGate<{
  readonly edits: readonly Edit[]
  readonly contents: readonly ContentRef[]
  readonly limits: Pick<Limits, 'files' | 'bytes'>
}>({
  name: 'budget',
  redLine: null,
  title: 'A change is no larger than the policy allows',
  judge({ edits, contents, limits }) {
    if (edits.length > limits.files) return blocked(`${edits.length} files; the policy allows ${limits.files}`)
    const bytes = contents.reduce((sum, content) => sum + content.bytes, 0)
    if (bytes > limits.bytes) return blocked(`${bytes} bytes of new content; the policy allows ${limits.bytes}`)
    return passed(`${edits.length} of ${limits.files} files, ${bytes} of ${limits.bytes} bytes`)
  },
})
