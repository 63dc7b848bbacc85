import type { Policy } from '../control/policy.ts'
import { blocked, defineGate, passed } from './gate.ts'

export const lightSizeGate = defineGate<{
  readonly files: number
  /** Lines added and removed; null where they were not counted. */
  readonly lines: number | null
  readonly limits: Pick<Policy['lanes']['light'], 'files' | 'lines'>
}>({
  name: 'light-size',
  redLine: null,
  title: 'The light lane takes changes that are small enough to read at once',
  judge({ files, lines, limits }) {
    if (lines === null) return blocked('the lines of the change were not counted')
    if (files > limits.files) return blocked(`${files} files; the light lane takes ${limits.files}`)
    if (lines > limits.lines) return blocked(`${lines} changed lines; the light lane takes ${limits.lines}`)
    return passed(`${files} of ${limits.files} files, ${lines} of ${limits.lines} lines`)
  },
})
