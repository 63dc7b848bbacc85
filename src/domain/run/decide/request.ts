import { z } from 'zod'
import { authorityGate } from '../../gates/authority.ts'
import { type Asked, ask } from '../../gates/gate.ts'
import { type DueDecision, scheduleAuditGate } from '../../gates/schedule-audit.ts'
import { Sha256 } from '../../hash.ts'
import { Instant } from '../../ids.ts'
import { type Documents, readDocument } from '../../packs/documents.ts'
import { formIntent } from '../../packs/form-intent.ts'
import { type Deliberation, governedBy, recordVerdicts, requestOf, wordsOf } from '../deliberation.ts'
import type { EventData } from '../events.ts'
import { refuseRun } from './end.ts'
import { askedRight } from './rollback.ts'

/**
 * A recorded decision about a due time, as the schedule stream keeps it and a scheduled request names it; `none` says that
 * the ledger was asked and holds no such decision.
 */
export const DueRecord = z.strictObject({
  v: z.literal(1),
  rule: z.string().max(64),
  due: Instant,
  manifest: Sha256,
  decision: z.enum(['run', 'skip', 'none']),
})
export type DueRecord = z.infer<typeof DueRecord>

export function decideRequest(d: Deliberation): void {
  const request = requestOf(d)
  const policy = governedBy(d).policy
  const words = wordsOf(d, request.words)
  const mode = request.mode ?? policy.modes.default
  const recipe = request.planner.is === 'recipe' ? request.planner.name : null
  const intent = d.quote(formIntent(words, { mode, requester: request.requester.id, recipe, amendments: [] }))
  const stopped = recordVerdicts(d, 'request', [
    ask(authorityGate, {
      ...askedRight(d),
      person: request.requester,
      scheduled: request.via.is === 'schedule',
      enabled: policy.enabled,
    }),
    askSchedule(d, request),
  ])
  d.decide('RunRequested', { intent, words: request.words, mode, manifest: request.manifest })
  if (stopped !== undefined) refuseRun(d, stopped.gate, stopped.because)
}

/** Red line 10: also asked, and passed with its reason, where a person asked. */
export function askSchedule(d: Deliberation, request: EventData<'RequestReceived'>): Asked {
  const scheduled = request.via.is === 'schedule' ? request.via : null
  const decision = scheduled === null ? null : decisionIn(d.documents, scheduled.decision)
  return ask(scheduleAuditGate, { scheduled, decision, manifest: request.manifest, now: d.at })
}

function decisionIn(documents: Documents, named: Sha256): DueDecision | null {
  if (documents(named) === undefined) return null
  const { decision, ...record } = readDocument(documents, named, DueRecord)
  return decision === 'none' ? null : { ...record, decision }
}
