import { plus } from '../clock.ts'
import type { Instant } from '../ids.ts'
import { blocked, defineGate, passed } from './gate.ts'

export const lightAgeGate = defineGate<{
  readonly since: Instant | null
  readonly now: Instant
  readonly hours: number | null
}>({
  name: 'light-age',
  redLine: null,
  title: 'A dry run stands for the execution as long as the policy says',
  judge({ since, now, hours }) {
    if (since === null || hours === null) return blocked('how long the dry run stands is not known')
    if (now < since) return blocked(`the dry run is of ${since}, which is later than ${now}`)
    if (now > plus(since, hours * 3_600_000))
      return blocked(`the dry run is of ${since}, and stands for ${hours} hours`)
    return passed(`the dry run is of ${since}`)
  },
})
