import type { Sha256 } from '../hash.ts'
import { blocked, defineGate, passed } from './gate.ts'

export const reviewPackGate = defineGate<{ readonly pack: Sha256 | null; readonly missing: string | null }>({
  name: 'review-pack',
  redLine: 5,
  title: 'No run ends without its ReviewPack on record',
  judge({ pack, missing }) {
    if (pack === null) return blocked(missing ?? 'there is no ReviewPack')
    return passed('the ReviewPack is on record')
  },
})
