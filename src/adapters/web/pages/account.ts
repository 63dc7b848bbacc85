import { html } from 'hono/html'
import type { RunView } from '../../../app/queries/run-view.ts'
import type { Costs, ReviewPack } from '../../../domain/packs/review-pack.ts'
import { dollars } from '../../../domain/text/model-use.ts'
import { count, duration } from '../../../domain/text/words.ts'
import { table } from './layout.ts'
import { type Html, marked, visible } from './text.ts'

type Piece = Html | Promise<Html>

/** The run's own final account: what it could not verify, what it cost, and how to take it back. */
export function accountPart({ reviewPack }: RunView): Piece {
  if (reviewPack === null) return html`<p>There is none yet: the run goes on.</p>`
  const { hash, document } = reviewPack
  if (document === null) return html`<p>The ReviewPack <code>${hash}</code> was erased.</p>`
  return html`<p>${document.state.replaceAll('_', ' ')}: ${marked(document.because)}</p>
${unverifiedPart(document)}${costsPart(document)}
<details><summary>How to take it back</summary><pre>${visible(document.rollback)}</pre></details>
<p class="soft">ReviewPack <code>${hash}</code></p>`
}

function unverifiedPart({ notVerified, failedEffects }: ReviewPack): Piece {
  const given = failedEffects.map(({ kind, because }) => html`<li>Given up: ${kind}, ${marked(because)}</li>`)
  if (notVerified.length + given.length === 0) return html``
  return html`<h3>Could not be verified</h3><ul>${notVerified.map((note) => html`<li>${marked(note)}</li>`)}${given}</ul>`
}

function costsPart({ costs, model }: ReviewPack): Piece {
  if (costs === undefined) return html``
  const rows = [...modelRows(costs.model, model), ...jobRows(costs.jobs)]
  return rows.length === 0 ? html`` : table('What it cost', ['What', 'Reserved', 'Used'], rows)
}

function modelRows(costs: Costs['model'], model: ReviewPack['model']): readonly Piece[] {
  if (costs === null) return []
  const calls = model === null ? '' : `, ${count(model.calls, 'call')} of ${model.model}`
  return [
    rowOf(`tokens${calls}`, String(costs.reservedTokens), String(costs.usedTokens)),
    rowOf('money', moneyOf(costs.reservedMicroUsd), moneyOf(costs.usedMicroUsd)),
  ]
}

function moneyOf(micro: number | null): string {
  return micro === null ? 'no price is known' : dollars(micro)
}

function jobRows(jobs: Costs['jobs']): readonly Piece[] {
  return jobs
    .slice(0, 50)
    .map(({ purpose, reservedMs, usedMs }) =>
      rowOf(`job ${purpose}`, duration(reservedMs), usedMs === null ? 'not measured' : duration(usedMs)),
    )
}

function rowOf(what: string, reserved: string, used: string): Piece {
  return html`<tr><th scope="row">${visible(what)}</th><td>${reserved}</td><td>${used}</td></tr>
`
}
