import type { Edit } from '../patch/edit.ts'
import { blocked, defineGate, passed } from './gate.ts'

/** A file that is taken away, or moved, is missed by what no check looks at; bytes that are no text are read by nobody. */
export const lightTextGate = defineGate<{
  readonly edits: readonly Edit[]
  /** Paths whose bytes were not shown as text; null where nobody looked. */
  readonly unread: readonly string[] | null
}>({
  name: 'light-text',
  redLine: null,
  title: 'The light lane takes edits of text files and new ones: nothing is moved, deleted or given another mode',
  judge({ edits, unread }) {
    if (unread === null) return blocked('whether the change is text was not looked at')
    const [hidden] = unread
    if (hidden !== undefined) return blocked(`${hidden} is no text that a reviewer can read`)
    for (const edit of edits) {
      const fault = faultIn(edit)
      if (fault !== undefined) return blocked(`${edit.path} ${fault}`)
    }
    return edits.length === 0 ? blocked('the plan edits nothing') : passed(`${edits.length} edits of text`)
  },
})

function faultIn({ before, after }: Edit): string | undefined {
  if (after === null) return 'is deleted or moved'
  if (after.mode !== '100644' && after.mode !== '100755') return 'is no ordinary file'
  if (before === null) return after.mode === '100644' ? undefined : 'is a new program'
  return before.mode === after.mode ? undefined : `changes its mode from ${before.mode} to ${after.mode}`
}
