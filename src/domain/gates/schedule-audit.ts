import type { Sha256 } from '../hash.ts'
import { blocked, defineGate, passed } from './gate.ts'

/** A recorded decision about one due time of a schedule rule. */
export type DueDecision = {
  readonly rule: string
  readonly due: string
  readonly manifest: Sha256
  readonly decision: 'run' | 'skip'
}

export const scheduleAuditGate = defineGate<{
  readonly scheduled: { readonly rule: string; readonly due: string } | null
  readonly decision: DueDecision | null
  readonly manifest: Sha256
  readonly now: string
}>({
  name: 'schedule-audit',
  redLine: 10,
  title: 'A scheduled run names the rule, the manifest and the due time of a recorded decision',
  judge({ scheduled, decision, manifest, now }) {
    if (scheduled === null) return passed('a person asked for this run')
    if (decision === null) return blocked(`no recorded decision says that ${scheduled.rule} was due`)
    const same = decision.rule === scheduled.rule && decision.due === scheduled.due
    if (!same) return blocked('the recorded decision is about another rule or due time')
    if (decision.manifest !== manifest) return blocked('the recorded decision was made under another manifest')
    if (decision.decision !== 'run') return blocked(`the recorded decision for ${decision.due} was not to run`)
    if (decision.due > now) return blocked(`${decision.due} has not come`)
    return passed(`${decision.rule} was due at ${decision.due}`)
  },
})
