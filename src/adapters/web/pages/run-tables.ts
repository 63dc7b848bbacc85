import { html } from 'hono/html'
import type { EffectView } from '../../../app/queries/run-effects.ts'
import type { RunView, StepView, TimelineEntry } from '../../../app/queries/run-view.ts'
import type { Step } from '../../../domain/packs/plan.ts'
import { table } from './layout.ts'
import { type Tone, tag } from './phase-tag.ts'
import { type Html, hashed, time, visible } from './text.ts'

type Piece = Html | Promise<Html>

const OPEN_EVENTS = 15

/** Every event in order; a long history is folded. Inputs are marked, for decisions follow from them alone. */
export function timeline(entries: readonly TimelineEntry[]): Piece {
  const list = html`<ol class="line">${entries.map(entryOf)}</ol>`
  if (entries.length <= OPEN_EVENTS) return list
  const newest = entries.slice(-3)
  return html`<details><summary>All ${entries.length} events</summary>${list}</details>
<h3>The newest</h3><ol class="line">${newest.map(entryOf)}</ol>`
}

function entryOf(entry: TimelineEntry): Piece {
  return html`<li class="${entry.kind}"><strong>${visible(entry.says === '' ? entry.type : entry.says)}</strong>
<div class="meta">${entry.seq} · ${entry.kind === 'input' ? 'observed' : 'decided'} · ${entry.type} · ${visible(entry.by)} · ${time(entry.at)} · ${hashed(entry.hash)}</div></li>
`
}

/** What the plan does, step by step, beside what the signed receipts measured of each. */
export function stepTable({ plan, steps }: RunView): Piece {
  const planned = plan?.document?.steps ?? []
  const rows = planned.flatMap((step) => {
    const measured = steps.filter((one) => one.measured?.step === step.id)
    return measured.length === 0 ? [stepRow(step, null)] : measured.map((one) => stepRow(step, one))
  })
  const erased = steps.filter(({ measured }) => measured === null)
  return html`${table('Steps of the plan and their receipts', ['Step', 'Kind', 'What', 'Job', 'Outcome', 'Time', 'Receipt'], rows)}
${erased.map(({ job, receipt }) => html`<p class="soft">The receipt ${hashed(receipt)} of the ${job} was erased.</p>`)}`
}

function stepRow(step: Step, view: StepView | null): Piece {
  const measured = view?.measured ?? null
  return html`<tr><th scope="row" class="keep">${visible(step.id)}</th><td class="keep">${step.is}</td>
<td class="wide">${whatOf(step)}</td><td class="keep">${view?.job ?? '–'}</td>
<td>${outcomeOf(measured)}</td>
<td class="keep">${measured === null ? '–' : `${measured.durationMs} ms`}</td>
<td class="keep">${view === null ? '–' : hashed(view.receipt)}</td></tr>
`
}

function outcomeOf(measured: StepView['measured']): Piece {
  if (measured === null) return html`<span class="soft">no receipt</span>`
  if (measured.outcome.is === 'done') return tag('done', 'good')
  return html`${tag('failed', 'bad')} ${visible(measured.outcome.because)}`
}

function whatOf(step: Step): Piece {
  if (step.is === 'edit') return html`${step.edits.length} exact ${step.edits.length === 1 ? 'edit' : 'edits'}`
  const outputs = step.is === 'run' ? html` <span class="soft">writes ${visible(step.outputs.join(', '))}</span>` : ''
  return html`<code>${visible(step.argv.join(' '))}</code>${outputs}`
}

const FEW_ROWS = 8

function folded(caption: string, rows: Piece, open: boolean): Piece {
  return html`<details${open ? html` open` : ''}><summary>${caption}</summary>${rows}</details>`
}

const VERDICT_TONES: ReadonlyMap<string, Tone> = new Map([
  ['passed', 'good'],
  ['waiting', 'wait'],
  ['blocked', 'bad'],
])

export function gateTable(verdicts: RunView['verdicts']): Piece {
  if (verdicts.length === 0) return html`<p>No gate has been asked yet.</p>`
  const stopped = verdicts.filter((one) => one.is !== 'passed').length
  const caption = `${verdicts.length} verdicts, ${stopped === 0 ? 'all passed' : `${stopped} not passed`}`
  const rows = table(
    'Every gate that was asked, in order',
    ['Gate', 'Verdict', 'Why', 'When asked'],
    verdicts.map(
      (one) =>
        html`<tr><th scope="row" class="keep">${visible(one.gate)}</th><td class="keep">${tag(one.is, VERDICT_TONES.get(one.is) ?? 'plain')}</td><td class="wide">${visible(one.because)}</td><td class="keep">${visible(one.at)}</td></tr>
`,
    ),
  )
  return folded(caption, rows, stopped > 0 || verdicts.length <= FEW_ROWS)
}

export function approvalTable({ approvals }: RunView): Piece {
  if (approvals.length === 0) return html`<p>No approval counts.</p>`
  return table(
    'Approvals that count',
    ['User', 'Review', 'On commit', 'Attested by'],
    approvals.map(
      (one) =>
        html`<tr><th scope="row" class="keep">${one.userId}</th><td class="keep">${visible(one.reviewId)}</td><td class="keep">${one.commit === null ? '–' : hashed(one.commit)}</td><td class="keep">${one.authority === 'github' ? 'GitHub' : 'this machine alone'}</td></tr>
`,
    ),
  )
}

const EFFECT_TONES: { readonly [S in EffectView['status']]: Tone } = {
  due: 'run',
  attempted: 'wait',
  done: 'good',
  abandoned: 'bad',
  unlisted: 'bad',
}

export function effectTable(effects: readonly EffectView[]): Piece {
  if (effects.length === 0) return html`<p>No side effect was intended yet.</p>`
  const count = (status: EffectView['status']) => effects.filter((one) => one.status === status).length
  const caption = `${effects.length} side effects: ${count('done')} done, ${count('due') + count('attempted')} to come, ${count('abandoned') + count('unlisted')} given up`
  const rows = table(
    'Side effects, each under its key',
    ['Key', 'What', 'State', 'Tries', 'Receipt', 'Note'],
    effects.map(
      (one) =>
        html`<tr><th scope="row" class="keep"><code>${one.key}</code></th><td class="keep">${visible(one.kind ?? 'erased')}</td><td class="keep">${tag(one.status, toneOf(one))}</td><td class="keep">${one.attempts}</td><td class="keep">${one.receipt === null ? '–' : hashed(one.receipt)}</td><td class="wide">${noteOf(one)}</td></tr>
`,
    ),
  )
  return folded(caption, rows, effects.length <= FEW_ROWS)
}

/** An overtaken timer or effect was given up on purpose; what failed says so in its note. */
function toneOf({ status, reason }: EffectView): Tone {
  return status === 'abandoned' && reason === null ? 'plain' : EFFECT_TONES[status]
}

function noteOf({ reason, dueAt, settledBy }: EffectView): Piece {
  if (reason !== null) return html`${visible(reason)}`
  return settledBy === null && dueAt !== null ? html`at ${time(dueAt)}` : html``
}
