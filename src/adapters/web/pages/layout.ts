import { html } from 'hono/html'
import { styleSheet } from './style.ts'
import type { Html } from './text.ts'

type Piece = Html | Promise<Html>

/** A whole page: nothing on it runs, loads or is sent anywhere. */
export async function layout({ title, body }: { readonly title: string; readonly body: Piece }): Promise<string> {
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${styleSheet}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header><nav aria-label="AgentOS"><a href="/runs">All runs</a></nav></header>
<main id="content">${body}</main>
<footer><p>Everything here is read from the ledger. Times are UTC.</p></footer>
</body>
</html>
`
  return page.toString()
}

/** A table that scrolls inside itself where the screen is too narrow; the keyboard reaches it too. */
export function table(caption: string, head: readonly string[], rows: readonly Piece[]): Piece {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table></div>`
}
