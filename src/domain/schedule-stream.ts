import { z } from 'zod'
import { dueTimes } from './control/cron.ts'
import { Governed } from './control/governed.ts'
import type { ScheduleRule } from './control/schedule.ts'
import { RepositoryRef } from './effects.ts'
import { hashOf, ObjectId, Sha256 } from './hash.ts'
import { Instant, RunId, type StreamName, toRunId } from './ids.ts'
import { type Documents, type NewBlob, readDocument, toDocument } from './packs/documents.ts'
import { DueRecord } from './run/decide/request.ts'
import type { EventEnvelope, Unplaced } from './run/envelope.ts'

const Rule = z.string().max(64)
const Reason = z.string().max(1000)

/** Why a due time was decided as it was: `due` alone means a run. */
export const Why = z.enum([
  'due',
  'missed',
  'open',
  'disabled',
  'switched-off',
  'no-recipe',
  'changed',
  'gone',
  'control-plane',
])
export type Why = z.infer<typeof Why>

/** A repository's schedule: what was seen of its rules, and one decision for every due time, also not to run. */
export const scheduleEvents = {
  /** A webhook named the repository: from here on its rules are looked at. */
  RepositorySeen: z.strictObject({ repository: RepositoryRef }),
  /** The rules on the default branch were looked at, at `to`; the look before it was at `from`. */
  ScheduleLooked: z.strictObject({
    repository: RepositoryRef,
    from: Instant.nullable(),
    to: Instant,
    base: z.strictObject({ ref: z.string().max(255), sha: ObjectId }),
    control: z.discriminatedUnion('is', [
      z.strictObject({ is: z.literal('valid'), manifest: Sha256 }),
      z.strictObject({ is: z.literal('invalid'), because: Reason }),
    ]),
    /** The runs that rules had begun earlier and that had not ended. */
    open: z.array(z.strictObject({ rule: Rule, run: RunId, phase: z.string().max(32) })),
  }),
  /** A rule is there, or its times are other ones: it is due from here on. */
  RuleSeen: z.strictObject({ rule: Rule, cron: z.string().max(200) }),
  /** A rule is there no longer. */
  RuleGone: z.strictObject({ rule: Rule }),
  /** What becomes of one due time; `record` names the DueRecord that the run will name. */
  DueDecided: z.strictObject({
    rule: Rule,
    due: Instant,
    decision: z.enum(['run', 'skip']),
    why: Why,
    because: Reason,
    run: RunId.nullable(),
    record: Sha256,
  }),
  /** Older due times of one rule, all passed over for one reason; those after `last` are decided one by one. */
  DuesPassed: z.strictObject({
    rule: Rule,
    first: Instant,
    last: Instant,
    count: z.int().min(1),
    why: Why,
    because: Reason,
  }),
} as const

export type ScheduleLooked = z.infer<typeof scheduleEvents.ScheduleLooked>
type DueDecided = z.infer<typeof scheduleEvents.DueDecided>

/** A run that was decided, with all that its beginning rests on. */
export type ScheduledRun = {
  readonly run: RunId
  readonly rule: string
  readonly due: Instant
  readonly record: Sha256
  readonly base: ScheduleLooked['base']
  readonly manifest: Sha256
}

export type ScheduleState = {
  readonly repository: RepositoryRef | null
  readonly look: { readonly to: Instant; readonly base: ScheduleLooked['base'] } | null
  /** The newest control plane that was valid. */
  readonly manifest: Sha256 | null
  /** The times of each rule that is known. */
  readonly rules: ReadonlyMap<string, string>
  /** The newest run of each rule. A rule gets no other as long as it is open, so no older one can be waiting to begin. */
  readonly runs: ReadonlyMap<string, ScheduledRun>
}

export const unseen: ScheduleState = { repository: null, look: null, manifest: null, rules: new Map(), runs: new Map() }

export function scheduleStream(repository: string): StreamName {
  return `schedule/${repository}`
}

/** The run of one due time has one id, whoever begins it and however often it is tried. */
export function scheduledRunId(repository: string, rule: string, due: Instant): RunId {
  const hex = hashOf({ schedule: repository, rule, due })
  return toRunId(Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)))
}

type Told = Pick<EventEnvelope, 'type' | 'data'>

export function evolveSchedule(state: ScheduleState, event: Told): ScheduleState {
  const evolve = evolveBy.get(event.type)
  return evolve === undefined ? state : evolve(state, event.data)
}

const evolveBy: ReadonlyMap<string, (state: ScheduleState, data: unknown) => ScheduleState> = new Map([
  [
    'RepositorySeen',
    (state: ScheduleState, data: unknown) => ({ ...state, ...scheduleEvents.RepositorySeen.parse(data) }),
  ],
  [
    'ScheduleLooked',
    (state: ScheduleState, data: unknown) => {
      const { to, base, control } = scheduleEvents.ScheduleLooked.parse(data)
      return { ...state, look: { to, base }, manifest: control.is === 'valid' ? control.manifest : state.manifest }
    },
  ],
  [
    'RuleSeen',
    (state: ScheduleState, data: unknown) => {
      const { rule, cron } = scheduleEvents.RuleSeen.parse(data)
      return { ...state, rules: new Map(state.rules).set(rule, cron) }
    },
  ],
  [
    'RuleGone',
    (state: ScheduleState, data: unknown) => {
      const { rule } = scheduleEvents.RuleGone.parse(data)
      return { ...state, rules: new Map([...state.rules].filter(([id]) => id !== rule)) }
    },
  ],
  [
    'DueDecided',
    (state: ScheduleState, data: unknown) => {
      const { rule, due, run, record } = scheduleEvents.DueDecided.parse(data)
      if (run === null || state.look === null || state.manifest === null) return state
      const { base } = state.look
      const scheduled: ScheduledRun = { run, rule, due, record, base, manifest: state.manifest }
      return { ...state, runs: new Map(state.runs).set(rule, scheduled) }
    },
  ],
])

/** What one look leads to; the first event is the look itself. */
export type ScheduleDecision = { readonly events: readonly Unplaced[]; readonly blobs: readonly NewBlob[] }

/** One decision for every due time since the last look; null where nothing was due and no rule changed. */
export function decideSchedule(
  past: ScheduleState,
  looked: ScheduleLooked,
  documents: Documents,
): ScheduleDecision | null {
  const { control, to } = looked
  const current = control.is === 'valid' ? readDocument(documents, control.manifest, Governed) : null
  const manifest = control.is === 'valid' ? control.manifest : past.manifest
  const dues = manifest === null ? [] : [...past.rules].map((known) => decideRule({ looked, current, manifest }, known))
  const decisions = [
    ...dues.flatMap((one) => one.events),
    ...(current === null ? [] : changes(past, current.schedules)),
  ]
  if (decisions.length === 0) return null
  const unplaced = (kind: Unplaced['kind'], type: string, data: Unplaced['data']): Unplaced => ({
    kind,
    type,
    v: 1,
    data,
    by: 'agentos',
    at: to,
  })
  return {
    events: [
      unplaced('input', 'ScheduleLooked', looked),
      ...decisions.map(({ type, data }) => unplaced('decision', type, data)),
    ],
    blobs: dues.flatMap((one) => one.blobs),
  }
}

type Decision = { readonly type: string; readonly data: Unplaced['data'] }
type Ruled = { readonly events: readonly Decision[]; readonly blobs: readonly NewBlob[] }

/** So many due times that nobody looked at are decided one by one, the older ones together. */
export const MOST_SINGLY = 24

type Look = { readonly looked: ScheduleLooked; readonly current: Governed | null; readonly manifest: Sha256 }

function decideRule(look: Look, [rule, cron]: readonly [string, string]): Ruled {
  const { from, to, repository } = look.looked
  const times = from === null ? [] : (dueTimes(cron, from, to) ?? [])
  const older = times.slice(0, Math.max(0, times.length - MOST_SINGLY))
  const singly = times.slice(older.length).map((due) => {
    const { why, because } = judge(look, { rule, cron, isNewest: due === times.at(-1) })
    const decision = why === 'due' ? ('run' as const) : ('skip' as const)
    const record = toDocument({ v: 1, rule, due, manifest: look.manifest, decision } satisfies DueRecord)
    const run = decision === 'run' ? scheduledRunId(repository.id, rule, due) : null
    return { record, data: { rule, due, decision, why, because, run, record: record.sha256 } satisfies DueDecided }
  })
  return {
    events: [...passed(look, { rule, cron, older }), ...singly.map(({ data }) => ({ type: 'DueDecided', data }))],
    blobs: singly.map(({ record }) => record),
  }
}

function passed(
  look: Look,
  { rule, cron, older }: { readonly rule: string; readonly cron: string; readonly older: readonly Instant[] },
): Decision[] {
  const [first, last] = [older[0], older.at(-1)]
  if (first === undefined || last === undefined) return []
  const data = { rule, first, last, count: older.length, ...judge(look, { rule, cron, isNewest: false }) }
  return [{ type: 'DuesPassed', data }]
}

type Due = { readonly rule: string; readonly cron: string; readonly isNewest: boolean }
type Judgement = { readonly why: Why; readonly because: string }

/** The first reason that speaks against a run, or that the time has come. */
function judge({ looked, current }: Look, due: Due): Judgement {
  if (looked.control.is === 'invalid' || current === null) {
    const fault = looked.control.is === 'invalid' ? looked.control.because : 'it was not read'
    return {
      why: 'control-plane',
      because: `the control plane on the default branch does not hold: ${fault}`.slice(0, 1000),
    }
  }
  const rule = current.schedules.find((one) => one.id === due.rule)
  if (rule === undefined) return { why: 'gone', because: 'the rule is no longer on the default branch' }
  return againstRule(rule, current, due) ?? againstTime(looked, due) ?? { why: 'due', because: `due by ${rule.cron}` }
}

function againstRule(rule: ScheduleRule, { policy, recipes }: Governed, due: Due): Judgement | undefined {
  if (rule.cron !== due.cron) return { why: 'changed', because: `the rule now says ${rule.cron}` }
  if (!rule.enabled) return { why: 'disabled', because: 'the rule is disabled' }
  if (!policy.enabled) return { why: 'switched-off', because: 'AgentOS is switched off for this repository' }
  if (!recipes.some((recipe) => recipe.name === rule.recipe))
    return { why: 'no-recipe', because: `there is no recipe ${rule.recipe}` }
  return undefined
}

function againstTime({ open }: ScheduleLooked, { rule, isNewest }: Due): Judgement | undefined {
  if (!isNewest) return { why: 'missed', because: 'nobody looked in time, and a later due time has come' }
  const earlier = open.find((one) => one.rule === rule)
  if (earlier === undefined) return undefined
  return { why: 'open', because: `run ${earlier.run} of this rule is ${earlier.phase}` }
}

function changes({ rules }: ScheduleState, current: readonly ScheduleRule[]): Decision[] {
  const seen = current
    .filter(({ id, cron }) => rules.get(id) !== cron)
    .map(({ id, cron }) => ({ type: 'RuleSeen', data: { rule: id, cron } }))
  const gone = [...rules.keys()]
    .filter((id) => !current.some((rule) => rule.id === id))
    .map((rule) => ({ type: 'RuleGone', data: { rule } }))
  return [...seen, ...gone]
}

/** Whether a repository's schedule holds this decision, and not for another run. */
export function holdsDecision(
  events: readonly Told[],
  about: { readonly run: RunId; readonly record: Sha256 },
): boolean {
  return events.some((event) => {
    if (event.type !== 'DueDecided') return false
    const { record, run } = scheduleEvents.DueDecided.parse(event.data)
    return record === about.record && (run === null || run === about.run)
  })
}
