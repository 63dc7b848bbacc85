import { html } from 'hono/html'
import { erasureLines } from '../../../app/privacy/erased.ts'
import type { RunView } from '../../../app/queries/run-view.ts'
import { count } from '../../../domain/text/words.ts'
import { accountPart } from './account.ts'
import { diffPieces } from './diff.ts'
import { layout } from './layout.ts'
import { phaseTag, toneOf } from './phase-tag.ts'
import { approvalTable, effectTable, gateTable, stepTable } from './run-tables.ts'
import { type Html, hashed, linked, marked, time, visible } from './text.ts'
import { timeline } from './timeline.ts'
import { verifyBox } from './verify-box.ts'

type Piece = Html | Promise<Html>

/** `/runs/:id`: the verdict first, then who acts next, then everything that the log tells, with the means to check it. */
export function runPage(run: RunView, publicUrl: string): Promise<string> {
  const body = html`${verdict(run)}${summary(run)}${request(run)}
${questionsPart(run)}<h2 id="timeline">Timeline</h2>${timeline(run)}
<h2 id="plan">Plan</h2>${planPart(run)}
<h2 id="gates">Gates</h2>${gateTable(run.verdicts)}
<h2 id="change">The change</h2>${changePart(run)}
<h2 id="approvals">Approvals</h2>${approvalTable(run)}
<h2 id="account">The account</h2>${accountPart(run)}
<h2 id="effects">Side effects</h2>${effectTable(run.effects)}
${learnedPart(run)}${verifyBox(run, publicUrl)}`
  return layout({ title: `${titleOf(run)} – run ${run.run} – AgentOS`, body })
}

function titleOf({ title, goal, run }: RunView): string {
  const text = [title, goal].find((one) => one !== null && one.trim() !== '') ?? `Run ${run}`
  return visible(text.split('\n')[0]?.slice(0, 200) ?? '')
}

function verdict(run: RunView): Piece {
  const { headline, next, say } = run.standing
  const { owner, name } = run.repository
  return html`<h1>${titleOf(run)}</h1>
<p class="soft">Run <code>${run.run}</code> in ${visible(`${owner}/${name}`)}${run.issue === null ? '' : html` · ${linked(run.home, `issues/${run.issue}`, `issue #${run.issue}`)}`}${run.pullRequest === null ? '' : html` · ${linked(run.home, `pull/${run.pullRequest.number}`, `pull request #${run.pullRequest.number}`)}`}</p>
<section class="panel ${toneOf(run.phase)}" aria-label="Verdict">
<p class="verdict">${phaseTag(run.phase)} ${marked(headline)}</p>
<p>${marked(next)}${say === null ? '.' : ':'}</p>
${say === null ? '' : html`<pre>${visible(say)}</pre>`}
</section>`
}

function summary(run: RunView): Piece {
  const { plan, approvals, steps, delivered, proposed } = run
  const rows: readonly (readonly [string, Piece])[] = [
    [
      'Request',
      html`${requester(run)}, mode ${run.mode.replaceAll('_', ' ')}, base ${hashed(run.base.sha)}, ${time(run.startedAt)}`,
    ],
    [
      'Plan',
      plan === null
        ? html`–`
        : html`${hashed(plan.hash)}${plan.document === null ? '' : `, lane ${plan.document.lane}, risk ${plan.document.risk.level}`}`,
    ],
    [
      'Approval',
      approvals.length === 0
        ? html`–`
        : html`${approvals.length} on ${proposed?.commit == null ? 'this machine' : hashed(proposed.commit)}`,
    ],
    [
      'Execution',
      steps.length === 0 ? html`–` : html`${steps.length} signed ${steps.length === 1 ? 'receipt' : 'receipts'}`,
    ],
    [
      'Evidence',
      delivered === null
        ? html`–`
        : html`commit ${linked(run.home, `commit/${delivered.commit}`, hashed(delivered.commit))}, diff ${hashed(delivered.diffSha256)}, <a href="#verify">verify it</a>`,
    ],
    ...erasureLines(run.erased).map((line) => ['Erased', html`${visible(line)}`] as const),
  ]
  return html`<div class="scroll summary"><table><caption class="hidden">Summary of the run</caption><tbody>
${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}
</tbody></table></div>`
}

function requester({ requester: { id, login } }: RunView): Piece {
  if (login?.startsWith('schedule ') === true) return html`by ${visible(login)}`
  return login === null ? html`by user ${id}` : html`by @${visible(login)} (user ${id})`
}

function request({ goal, hidden }: RunView): Piece {
  if (goal === null) return html``
  const found = hidden.map(({ kind, text }) => html`<li>${visible(kind)}: <code>${visible(text)}</code></li>`)
  return html`<details><summary>The request as it was understood</summary><pre>${visible(goal)}</pre>
${found.length === 0 ? '' : html`<p>Hidden in the text, shown here and not obeyed:</p><ul>${found}</ul>`}</details>`
}

/** What the run waits for people to answer. */
function questionsPart({ questions }: RunView): Piece {
  if (questions.length === 0) return html``
  const items = questions.map(
    ({ id, type, text, impact }) =>
      html`<li><strong>${id}</strong> (${type}) ${visible(text)}${impact === '' ? '' : html` <span class="soft">${visible(impact)}</span>`}</li>`,
  )
  return html`<h2 id="questions">Open questions</h2><ul>${items}</ul>`
}

function planPart(run: RunView): Piece {
  const { plan } = run
  if (plan === null) return html`<p>There is no plan yet.</p>`
  const { document } = plan
  if (document === null) return html`<p>The plan <code>${plan.hash}</code> was erased.</p>`
  const { drafter, risk } = document
  return html`<p>Plan hash <code>${plan.hash}</code></p>
<p>Drafted by ${drafter.is} <code>${visible(`${drafter.name}@${drafter.version}`)}</code>. Lane ${document.lane}, risk ${risk.level}. Predicted tree ${hashed(document.predictedTree)}.</p>
${risk.reasons.length === 0 ? '' : html`<ul>${risk.reasons.map(({ rule, about }) => html`<li>${visible(rule)}: <code>${visible(about)}</code></li>`)}</ul>`}
${document.noVerify === null ? '' : html`<p><strong>No step verifies this change:</strong> ${visible(document.noVerify)}</p>`}
${stepTable(run)}`
}

function changePart({ diff, plan }: RunView): Piece {
  if (plan === null) return html`<p>There is no change yet.</p>`
  const identity =
    plan.document === null ? '' : html`<p class="soft">Diff SHA-256 <code>${plan.document.diffSha256}</code></p>`
  if (diff === null) return html`${identity}<p>The text of the change is not kept.</p>`
  const faults = diff.faults.map(
    ({ rule, path, because }) =>
      html`<li>${visible(rule)}${path === null ? '' : html` in <code>${visible(path)}</code>`}: ${visible(because)}</li>`,
  )
  return html`<p>${count(diff.added, 'line')} added, ${diff.removed} removed.</p>${identity}
${faults.length === 0 ? '' : html`<ul>${faults}</ul>`}${diffPieces(diff.text)}`
}

/** Notes that would make what the run learned last: nothing is shown where there are none. */
function learnedPart({ run, learned }: RunView): Piece {
  if (learned.length === 0) return html``
  const notes = learned.map(
    ({ type, text }) =>
      html`<li>${type.replaceAll('_', ' ')}: ${visible(text.split('\n')[0]?.replace(/^# /, '') ?? '')}</li>`,
  )
  return html`<h2 id="learned">What it learned</h2><ul>${notes}</ul>
<p>Nothing of this lasts in the repository until people merge it as notes:</p><pre>agentos memory propose ${run} --out notes.patch</pre>`
}
