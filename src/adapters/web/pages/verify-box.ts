import { html } from 'hono/html'
import type { RunView } from '../../../app/queries/run-view.ts'
import { type Html, visible } from './text.ts'

/** The exact commands with which anyone checks this run without believing this page. */
export function verifyBox(run: RunView, publicUrl: string): Html | Promise<Html> {
  const file = `agentos-${run.run}.evidence.json`
  const from = visible(publicUrl.replace(/\/+$/, ''))
  return html`<h2 id="verify">Verify it yourself</h2>
<p><a class="button" href="/api/runs/${run.run}/evidence" download="${file}">Download the evidence</a></p>
<p>Fetch it, then check every hash and signature offline:</p>
<pre>curl -fsS -H "Authorization: Bearer $AGENTOS_READ_TOKEN" -o ${file} '${from}/api/runs/${run.run}/evidence'
curl -fsS -o keys.json '${from}/.well-known/agentos/keys.json'
agentos verify ${file} --trust keys.json</pre>
<p class="soft"><code>agentos</code> stands for <code>npm --prefix CHECKOUT run -s agentos --</code> with a checkout of AgentOS in which <code>npm ci</code> was run; files are then named by their whole path.</p>
<p>Compare <code>keys.json</code> with the keys that the repository pins, in <code>.agentos/keys.json</code> or its workflow file, before you trust it.</p>
${diffCheck(run)}
<p class="soft">Ledger: <code>${run.ledger.stream}</code> ends at <code>${run.ledger.seq}@${run.ledger.hash}</code>${run.ledger.head === null ? '' : html`; the whole log ends at position ${run.ledger.head.pos}, <code>${run.ledger.head.hash}</code>`}.</p>`
}

function diffCheck(run: RunView): Html | Promise<Html> {
  const { what, commit, diffSha256 } = comparable(run)
  if (commit === undefined || diffSha256 === undefined) {
    return html`<p>There is no commit yet whose bytes could be compared.</p>`
  }
  return html`<p>In a clone, the bytes of the ${what} change:</p>
<pre>git diff-tree -r -z --no-renames --full-index ${run.base.sha} ${commit} | sha256sum</pre>
<p>It prints</p>
<pre>${diffSha256}</pre>`
}

function comparable({ delivered, proposed, plan }: RunView) {
  if (delivered !== null) return { what: 'delivered', commit: delivered.commit, diffSha256: delivered.diffSha256 }
  return { what: 'planned', commit: proposed?.commit ?? undefined, diffSha256: plan?.document?.diffSha256 }
}
