import type { Limits } from '../control/policy.ts'
import { pathLock } from '../lock-keys.ts'
import type { ContentRef } from '../packs/plan.ts'
import type { Edit } from '../patch/edit.ts'
import { blocked, defineGate, passed } from './gate.ts'

/** The event that takes the locks names every path. */
const MAX_NAMES = 14_000

function sizeOf(key: string): number {
  return new TextEncoder().encode(JSON.stringify(key)).length + 1
}

export const budgetGate = defineGate<{
  readonly edits: readonly Edit[]
  readonly contents: readonly Pick<ContentRef, 'bytes'>[]
  readonly limits: Pick<Limits, 'files' | 'bytes'>
}>({
  name: 'budget',
  redLine: null,
  title: 'A change is no larger than the policy allows',
  judge({ edits, contents, limits }) {
    if (edits.length > limits.files) return blocked(`${edits.length} files; the policy allows ${limits.files}`)
    const names = edits.reduce((sum, { path }) => sum + sizeOf(pathLock(path)), 0)
    if (names > MAX_NAMES)
      return blocked(`the names of the ${edits.length} paths take ${names} bytes; ${MAX_NAMES} can be locked at once`)
    const bytes = contents.reduce((sum, content) => sum + content.bytes, 0)
    if (bytes > limits.bytes) return blocked(`${bytes} bytes of new content; the policy allows ${limits.bytes}`)
    return passed(`${edits.length} of ${limits.files} files, ${bytes} of ${limits.bytes} bytes`)
  },
})
