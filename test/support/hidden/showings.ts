import { type Placed, placed, within } from './placed.ts'

/** Ways to write words so that they are seen; of what is quoted nobody claims anything. */
export type Showing = { readonly how: string; readonly isQuoted: boolean; readonly show: (words: string) => Placed }

const block = (shown: Placed) => within('\n\n', shown, '\n\n')
const inLabel = (words: string) => words.replaceAll(/[[\]\\]/g, '')

const said: readonly (readonly [string, (words: string) => Placed])[] = [
  ['in prose', (w) => placed`, and ${w}`],
  ['under a heading', (w) => block(placed`## Also\n\n${w}`)],
  ['as an item', (w) => block(placed`- ${w}`)],
  ['as a numbered item', (w) => block(placed`7. ${w}`)],
  ['in bold', (w) => block(placed`**${w}**`)],
  ['crossed out', (w) => block(placed`~~${w}~~`)],
  ['in a cell', (w) => block(placed`| a | b |\n| - | - |\n| x | ${w.replaceAll('|', '')} |`)],
  ['as the text of a link', (w) => placed`[${inLabel(w)}](https://example.org)`],
  ['in an open section', (w) => block(placed`<details open>\n\n${w}\n\n</details>`)],
  ['as a summary', (w) => block(placed`<details><summary>${w.replaceAll(/[\\`]/g, '')}</summary>\n\nx\n\n</details>`)],
  ['in an element', (w) => placed`<kbd>${w}</kbd>`],
  ['between two comments', (w) => placed`<!-- a -->${w}<!-- b -->`],
  ['behind a flood of white space', (w) => within('\n'.repeat(90), placed`${w}`, '')],
  ['behind a sign', (w) => placed`1 < 2, ${w}`],
  ['behind a price', (w) => placed`$5 and 10$ ${w}`],
  ['behind a stray backtick', (w) => block(placed`a \` ${w}`)],
  ['behind an attribute that speaks of a tag', (w) => block(placed`<i title="<b>">${w}`)],
  ['behind an exclamation', (w) => placed`!${w}`],
]
const quoted: readonly (readonly [string, (words: string) => Placed])[] = [
  ['in a quotation', (w) => block(placed`> ${w}`)],
  ['in a quotation in quotations', (w) => block(placed`> > > ${w}`)],
  ['in a code block', (w) => block(placed`\`\`\`js\n${w}\n\`\`\``)],
  ['in a block of tildes', (w) => block(placed`~~~\n${w}\n~~~`)],
]

export const SHOWINGS: readonly Showing[] = [
  ...said.map(([how, show]) => ({ how, isQuoted: false, show })),
  ...quoted.map(([how, show]) => ({ how, isQuoted: true, show })),
]
