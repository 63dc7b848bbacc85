import { html } from 'hono/html'
import type { EffectView } from '../../../app/queries/run-effects.ts'
import type { RunView, StepView } from '../../../app/queries/run-view.ts'
import type { Step } from '../../../domain/packs/plan.ts'
import { choosesLane } from '../../../domain/text/review-reasons.ts'
import { count } from '../../../domain/text/words.ts'
import { table } from './layout.ts'
import { type Tone, tag } from './phase-tag.ts'
import { type Html, hashed, linked, marked, time, visible } from './text.ts'

type Piece = Html | Promise<Html>

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

/** The conditions of the light lane only choose a lane: where one does not hold, nothing is kept from going on. */
export function gateTable(verdicts: RunView['verdicts']): Piece {
  if (verdicts.length === 0) return html`<p>No gate has been asked yet.</p>`
  const stopped = verdicts.filter(({ is, at }) => is !== 'passed' && !choosesLane(at)).length
  const caption = `${count(verdicts.length, 'verdict')}, ${stopped === 0 ? 'none stood in the way' : `${stopped} not passed`}`
  const head = ['Gate', 'Verdict', 'Why', 'When asked']
  const rows = table('Every gate that was asked, in order', head, verdicts.map(verdictRow))
  return folded(caption, rows, stopped > 0 || verdicts.length <= FEW_ROWS)
}

function verdictRow({ gate, is, at, because }: RunView['verdicts'][number]): Piece {
  const said = is !== 'passed' && choosesLane(at) ? tag('not met', 'plain') : tag(is, VERDICT_TONES.get(is) ?? 'plain')
  return html`<tr><th scope="row" class="keep">${visible(gate)}</th><td class="keep">${said}</td><td class="wide">${marked(because)}</td><td class="keep">${visible(at)}</td></tr>
`
}

export function approvalTable({ approvals, pullRequest, home }: RunView): Piece {
  if (approvals.length === 0) return html`<p>No approval counts.</p>`
  const place = pullRequest === null ? null : `pull/${pullRequest.number}`
  return table(
    'Approvals that count',
    ['Who', 'Review', 'On commit', 'Attested by'],
    approvals.map(
      ({ userId, login, reviewId, commit, authority }) =>
        html`<tr><th scope="row" class="keep">${login === null ? `user ${userId}` : `@${visible(login)}`} <span class="soft">(user ${userId})</span></th><td class="keep">${linked(home, place === null ? null : `${place}#pullrequestreview-${reviewId}`, visible(reviewId))}</td><td class="keep">${commit === null ? '–' : linked(home, `commit/${commit}`, hashed(commit))}</td><td>${authority === 'github' ? 'GitHub' : 'this machine alone'}</td></tr>
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
  const caption = countsOf(effects)
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

/** A timer that still runs is counted apart: where the run has ended, it rings for nobody. */
function countsOf(effects: readonly EffectView[]): string {
  const { timers = [], others = [] } = Object.groupBy(effects, ({ kind }) => (kind === 'timer' ? 'timers' : 'others'))
  const set = having(timers, 'due', 'attempted')
  const counts = [
    `${having(effects, 'done')} done`,
    `${having(others, 'due', 'attempted')} to come`,
    ...(set === 0 ? [] : [`${count(set, 'timer')} still set`]),
    `${having(effects, 'abandoned', 'unlisted')} given up`,
  ]
  return `${count(effects.length, 'side effect')}: ${counts.join(', ')}`
}

function having(effects: readonly EffectView[], ...statuses: readonly EffectView['status'][]): number {
  return effects.filter(({ status }) => statuses.includes(status)).length
}

/** An overtaken timer or effect was given up on purpose; what failed says so in its note. */
function toneOf({ status, reason }: EffectView): Tone {
  return status === 'abandoned' && reason === null ? 'plain' : EFFECT_TONES[status]
}

function noteOf({ reason, dueAt, settledBy }: EffectView): Piece {
  if (reason !== null) return html`${visible(reason)}`
  return settledBy === null && dueAt !== null ? html`at ${time(dueAt)}` : html``
}
