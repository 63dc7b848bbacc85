import type { Examined } from '../packs/examined.ts'
import { blocked, defineGate, passed } from './gate.ts'

export const hygieneGate = defineGate<Pick<Examined, 'faults'> | null>({
  name: 'hygiene',
  redLine: null,
  title: 'No path or byte of a change hides, escapes or deceives',
  judge(examined) {
    if (examined === null) return blocked('the change was not examined')
    const [fault] = examined.faults
    if (fault === undefined) return passed('no fault in paths, modes or text')
    const more = examined.faults.length > 1 ? ` (and ${examined.faults.length - 1} more)` : ''
    return blocked(`${fault.path ?? 'the change'}: ${fault.because} [${fault.rule}]${more}`)
  },
})
