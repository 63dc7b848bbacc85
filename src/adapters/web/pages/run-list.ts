import { html } from 'hono/html'
import type { RunRow } from '../../../app/queries/run-index.ts'
import { layout, table } from './layout.ts'
import { phaseTag } from './phase-tag.ts'
import { type Html, hashed, time, visible } from './text.ts'

const MOST_ROWS = 500

/** `/runs`: every run, newest first. */
export function runListPage(rows: readonly RunRow[]): Promise<string> {
  const shown = rows.slice(0, MOST_ROWS)
  const rest = rows.length - shown.length
  const list =
    rows.length === 0
      ? html`<p>There is no run yet. Say <code>/agentos plan</code> in a comment on an issue.</p>`
      : table(`${rows.length} ${rows.length === 1 ? 'run' : 'runs'}, newest first`, HEAD, shown.map(rowOf))
  const note = rest === 0 ? '' : html`<p>${rest} older runs are not shown; <code>/api/runs</code> lists them all.</p>`
  return layout({ title: 'Runs – AgentOS', body: html`<h1>Runs</h1>${list}${note}` })
}

const HEAD = ['Run', 'State', 'Repository', 'Issue', 'Pull request', 'Started', 'Base']

function rowOf(row: RunRow): Html | Promise<Html> {
  return html`<tr>
<th scope="row" class="keep"><a href="/runs/${row.run}"><code>${row.run}</code></a></th>
<td class="keep">${phaseTag(row.phase)}</td>
<td>${visible(`${row.repository.owner}/${row.repository.name}`)}</td>
<td class="keep">${row.issue === null ? '–' : `#${row.issue}`}</td>
<td class="keep">${row.pullRequest === null ? '–' : `#${row.pullRequest}`}</td>
<td class="keep">${time(row.startedAt)}</td>
<td class="keep">${hashed(row.baseSha)}</td>
</tr>
`
}
