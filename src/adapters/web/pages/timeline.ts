import { html } from 'hono/html'
import type { RunView, TimelineEntry } from '../../../app/queries/run-view.ts'
import { endings } from '../../../domain/run/event-words.ts'
import { type Html, hashed, time, visible } from './text.ts'

type Piece = Html | Promise<Html>

const MOST_EVENTS = 2000
const MOST_MILESTONES = 60

/** The events that a reader looks for; all the others are how it came about. */
const MILESTONES: ReadonlySet<string> = new Set([
  'RequestReceived',
  'IntentAmended',
  'QuestionsAsked',
  'AnswersTaken',
  'DraftTaken',
  'PlanProposed',
  'ApprovalCounted',
  'ApprovalDeclined',
  'ApprovalVoided',
  'ObjectionKept',
  'RunApproved',
  'LockAwaited',
  'RunRebased',
  'RunUnlocked',
  'DryRunReused',
  'DeliveryTaken',
  'RunDelivered',
  ...endings,
  'BlobRedacted',
])

/** What happened, with who and when; then every event in order, folded. Inputs are marked, for decisions follow from them alone. */
export function timeline(run: RunView): Piece {
  const { timeline: entries } = run
  const told = entries.filter(({ type }) => MILESTONES.has(type))
  const shown = entries.slice(0, MOST_EVENTS)
  const rest = entries.length - shown.length
  return html`<ol class="line">${told.slice(-MOST_MILESTONES).map((entry) => milestone(entry, run))}</ol>
<details><summary>All ${entries.length} events</summary><ol class="line">${shown.map(entryOf)}</ol>
${rest === 0 ? '' : html`<p class="soft">${rest} later events are not shown here; <code>/api/runs/${run.run}</code> has them all.</p>`}</details>`
}

function milestone(entry: TimelineEntry, run: RunView): Piece {
  const cause = run.timeline.find(({ hash }) => hash === entry.cause) ?? entry
  return html`<li class="${entry.kind}"><strong>${wordsOf(entry)}</strong>
<div class="meta">${time(entry.at)} · ${visible(whoOf(cause.by, run))}</div></li>
`
}

function entryOf(entry: TimelineEntry): Piece {
  return html`<li class="${entry.kind}"><strong>${wordsOf(entry)}</strong>
<div class="meta">${entry.seq} · ${entry.kind === 'input' ? 'observed' : 'decided'} · ${entry.type} · ${visible(entry.by)} · ${time(entry.at)} · ${hashed(entry.hash)}</div></li>
`
}

function wordsOf({ says, type }: TimelineEntry): string {
  return visible(says === '' ? type : says)
}

/** Who an event came from, by name where the run knows one. */
function whoOf(by: string, { requester, approvals }: RunView): string {
  const [kind = '', id = ''] = by.split(':')
  if (kind === 'agentos') return 'AgentOS'
  if (kind === 'runner') return 'the job'
  if (kind !== 'github') return by
  const approver = approvals.find(({ userId }) => userId === id)?.login ?? null
  const login = id === requester.id ? requester.login : approver
  return login === null ? `user ${id}` : `@${login}`
}
