import { z } from 'zod'
import { authorityGate } from '../../gates/authority.ts'
import { ask, type Asked } from '../../gates/gate.ts'
import { scheduleAuditGate } from '../../gates/schedule-audit.ts'
import { Sha256 } from '../../hash.ts'
import { Instant } from '../../ids.ts'
import { readDocument } from '../../packs/documents.ts'
import { formIntent } from '../../packs/form-intent.ts'
import type { EventData } from '../events.ts'
import { type Deliberation, governedBy, recordVerdicts, requestOf, wordsOf } from '../deliberation.ts'
import { refuseRun } from './end.ts'

/** A recorded decision about a due time, as the schedule stream keeps it and a scheduled request names it. */
export const DueRecord = z.strictObject({
  v: z.literal(1),
  rule: z.string().max(64),
  due: Instant,
  manifest: Sha256,
  decision: z.enum(['run', 'skip']),
})

export function decideRequest(d: Deliberation): void {
  const request = requestOf(d)
  const policy = governedBy(d).policy
  const words = wordsOf(d, request.words)
  const mode = request.mode ?? policy.modes.default
  const recipe = request.planner.is === 'recipe' ? request.planner.name : null
  const intent = d.keep(formIntent(words, { mode, requester: request.requester.id, source: request.words, recipe }))
  const stopped = recordVerdicts(d, 'request', [
    ask(authorityGate, {
      command: 'plan',
      person: request.requester,
      needed: policy.roles.plan,
      scheduled: request.via.is === 'schedule',
      enabled: policy.enabled,
    }),
    askSchedule(d, request),
  ])
  d.decide('RunRequested', { intent, mode, manifest: request.manifest })
  if (stopped !== undefined) refuseRun(d, stopped.gate, stopped.because)
}

/** Red line 10: also asked, and passed with its reason, where a person asked. */
export function askSchedule(d: Deliberation, request: EventData<'RequestReceived'>): Asked {
  const scheduled = request.via.is === 'schedule' ? request.via : null
  const record = scheduled === null ? null : readDocument(d.documents, scheduled.decision, DueRecord)
  return ask(scheduleAuditGate, { scheduled, decision: record, manifest: request.manifest, now: d.at })
}
