import { type Placed, placed, within } from './placed.ts'

/** Ways to hide words from who reads the page, each with how a span of it is reported. The words stand on one line. */
export type Hiding = { readonly how: string; readonly kind: string; readonly hide: (words: string) => Placed }

const block = (hidden: Placed) => within('\n\n', hidden, '\n\n')
const tags = (words: string) =>
  Array.from(words, (letter) => fromCode(0xe0000 + ((letter.codePointAt(0) ?? 0) % 0x1000))).join('')
const bits = (words: string, [zero, one]: readonly [string, string]) =>
  Array.from(words, (letter) =>
    Array.from((letter.codePointAt(0) ?? 0).toString(2), (bit) => (bit === '0' ? zero : one)).join(''),
  ).join('')
const selectors = (words: string) =>
  Array.from(words, (letter) => fromCode(0xe0100 + ((letter.codePointAt(0) ?? 0) % 240))).join('')
const fromCode = (code: number) => String.fromCodePoint(code)
const inAttribute = (words: string) => words.replaceAll('"', '')
const inTitle = (words: string) => words.replaceAll(/["\\]/g, '')
const inLabel = (words: string) => words.replaceAll(/[[\]\\]/g, '')

const rows: readonly (readonly [string, string, (words: string) => Placed])[] = [
  ['an HTML comment', 'html-comment', (w) => placed`<!-- ${w} -->`],
  ['a comment over lines', 'html-comment', (w) => block(placed`<!--\n${w}\n-->`)],
  ['a comment after a nested fence', 'html-comment', (w) => block(placed` \`\`\`\nx\n\`\`\`\n<!-- ${w} -->\n\`\`\``)],
  [
    'a comment after a swallowed fence',
    'html-comment',
    (w) => block(placed`<i title="\n\n\`\`\`\n\n">\n\`\`\`\n<!-- ${w} -->\n\`\`\``),
  ],
  ['a comment between stray backticks', 'html-comment', (w) => block(placed`\`a\nb\` <!-- ${w} --> \`c\``)],
  ['an instruction', 'html-comment', (w) => placed`<?x ${w} ?>`],
  ['character data', 'html-comment', (w) => placed`<![CDATA[ ${w} ]]>`],
  ['a declaration', 'html-tag', (w) => placed`<!X " ${w.replaceAll('>', '')}>`],
  ['a broken end tag in raw HTML', 'html-tag', (w) => block(placed`<div>\n</ ${w.replaceAll('>', '')}>\n</div>`)],
  ['an attribute', 'html-tag', (w) => placed`<span title="${inAttribute(w)}"></span>`],
  [
    'an attribute with a quote in its name',
    'html-tag',
    (w) => block(placed`<div>\n<i "b="x>${inAttribute(w)}">\n</div>`),
  ],
  ['the attribute of a tag in a tag', 'html-tag', (w) => placed`<i ! x='<b y=">'>${inAttribute(w)}">`],
  ['an unknown element', 'html-tag', (w) => placed`<x-${w.toLowerCase().replaceAll(/[^a-z]+/g, '-')}>`],
  ['an image tag', 'html-tag', (w) => placed`<img alt="${inAttribute(w)}" src="x.png">`],
  [
    'a collapsed section',
    'collapsed-section',
    (w) => block(placed`<details><summary>Log</summary>\n\n${w}\n\n</details>`),
  ],
  [
    'a section in a section',
    'collapsed-section',
    (w) => block(placed`<details><details open></details>\n${w}\n</details>`),
  ],
  [
    'a section with a table',
    'collapsed-section',
    (w) => block(placed`<details><table></details>\n${w}\n</table></details>`),
  ],
  [
    'a section that only speaks of being open',
    'collapsed-section',
    (w) => block(placed`<details title=" open ">\n${w}\n</details>`),
  ],
  [
    'a summary of no section',
    'collapsed-section',
    (w) => block(placed`<details><div><summary>${w}</summary></div></details>`),
  ],
  ['a list of a collapsed section', 'collapsed-section', (w) => block(placed`<details>\n\n- [ ] ${w}\n\n</details>`)],
  ['the attribute hidden', 'hidden-element', (w) => placed`<span hidden>${w}</span>`],
  ['white letters', 'hidden-element', (w) => placed`<font color="white">${w}</font>`],
  ['a style', 'hidden-element', (w) => placed`<span style="display:none">${w}</span>`],
  [
    'a style with elements in it',
    'hidden-element',
    (w) => placed`<span style="font-size:0"><b>${w}</span> ${w}</b></span>`,
  ],
  ['a template', 'hidden-element', (w) => placed`<template>${w}</template>`],
  ['ruby parentheses', 'hidden-element', (w) => placed`<ruby>a<rp>${w}</rp></ruby>`],
  ['the other direction', 'hidden-element', (w) => placed`<bdo dir="rtl">${w}</bdo>`],
  ['alternative text', 'image-alt', (w) => placed`![${inLabel(w)}](x.png)`],
  ['alternative text with a link', 'image-alt', (w) => placed`![a [b](u) ${inLabel(w)}](x.png)`],
  ['alternative text with code over lines', 'image-alt', (w) => block(placed`![a \`\n]\` ${inLabel(w)}](x.png)`)],
  ['a title', 'link-title', (w) => placed`[x](u "${inTitle(w)}")`],
  ['a title behind parentheses', 'link-title', (w) => placed`[x](u(a) "${inTitle(w)}")`],
  ['a title behind an escaped parenthesis', 'link-title', (w) => placed`[x](u\\) "${inTitle(w)}")`],
  ['a title behind an address in angles', 'link-title', (w) => placed`[x](<u)> "${inTitle(w)}")`],
  ['a title with an escaped quote', 'link-title', (w) => placed`[x](u "a\\" ) ${inTitle(w)}")`],
  ['the label of a link', 'link-title', (w) => placed`[x][${inLabel(w)}]\n\n[${inLabel(w)}]: u\n\n`],
  ['a definition', 'reference-definition', (w) => block(placed`[//]: # (${w.replaceAll(/[()\\]/g, '')})`)],
  ['a definition over lines', 'reference-definition', (w) => block(placed`[x]: u\n            "${inTitle(w)}"`)],
  ['a definition with a label over lines', 'reference-definition', (w) => block(placed`[x\ny]: u "${inTitle(w)}"`)],
  ['a definition with an escaped label', 'reference-definition', (w) => block(placed`[x\\]y]: u "${inTitle(w)}"`)],
  ['a quoted definition', 'reference-definition', (w) => block(placed`> [x]: u\n> "${inTitle(w)}"`)],
  ['a footnote', 'reference-definition', (w) => block(placed`[^1]: a\n${w}\n\n    ${w}`)],
  ['the label of a code block', 'code-label', (w) => block(placed`\`\`\`js ${w.replaceAll('`', '')}\n\`\`\``)],
  ['a cell without a column', 'table-row', (w) => block(placed`| a |\n| - |\n| x | ${w.replaceAll('|', '')} |`)],
  ['tag characters', 'invisible-characters', (w) => placed`${tags(w)}`],
  ['variation selectors', 'invisible-characters', (w) => placed`${selectors(w)}`],
  ['zero-width bits', 'invisible-characters', (w) => placed`${bits(w, ['\u200b', '\u2060'])}`],
  ['soft hyphens', 'invisible-characters', (w) => placed`${bits(w, ['\u00ad', '\ufeff'])}`],
  [
    'references to invisible characters',
    'invisible-characters',
    (w) => placed`${bits(w.slice(0, 20), ['&#8203;', '&zwnj;'])}`,
  ],
  ['overrides of direction', 'invisible-characters', () => placed`${'\u202e\u2066\u2069\u202c'}`],
  ['a quoted comment', 'html-comment', (w) => block(placed`> <!-- ${w} -->`)],
  ['a comment in a list', 'html-comment', (w) => block(placed`- a\n  <!-- ${w} -->`)],
  ['a name', 'html-tag', (w) => placed`<a name="${inAttribute(w)}"></a>`],
  ['a field', 'html-tag', (w) => placed`<input value="${inAttribute(w)}">`],
  ['the source of a picture', 'html-tag', (w) => placed`<picture><source srcset="${inAttribute(w)}"></picture>`],
  ['a drawing', 'hidden-element', (w) => placed`<svg><text>${w}</text></svg>`],
  ['a script', 'hidden-element', (w) => block(placed`<script>\n${w}\n</script>`)],
  ['a sound', 'hidden-element', (w) => placed`<audio>${w}</audio>`],
  ['a choice', 'hidden-element', (w) => placed`<select><option>${w}</option></select>`],
  ['a cell in its own colour', 'hidden-element', (w) => block(placed`<table><td bgcolor="#fff">${w}</td></table>`)],
  ['alternative text with a label', 'image-alt', (w) => block(placed`![${inLabel(w)}][y]\n\n[y]: u`)],
  ['the label of a block of tildes', 'code-label', (w) => block(placed`~~~ ${w}\n~~~`)],
  ['a quoted section', 'collapsed-section', (w) => block(placed`> <details>\n> ${w}\n> </details>`)],
  ['a title in single quotes', 'link-title', (w) => placed`[x](u '${w.replaceAll(/['\\]/g, '')}')`],
  ['a title in parentheses', 'link-title', (w) => placed`[x](u (${w.replaceAll(/[()\\]/g, '')}))`],
  ['a phantom in a formula', 'formula', (w) => placed`$\\phantom{${w}}$`],
  ['a remark in a formula', 'formula', (w) => block(placed`$$\n% ${w}\nx\n$$`)],
  ['a formula in code', 'formula', (w) => placed`$\`\\phantom{${w.replaceAll('`', '')}}\`$`],
  ['a remark in a block of formulas', 'drawn-code', (w) => block(placed`\`\`\`math\n% ${w}\nx\n\`\`\``)],
  ['a remark in a diagram', 'drawn-code', (w) => block(placed`\`\`\`mermaid\n%% ${w}\ngraph TD\n\`\`\``)],
]

export const HIDINGS: readonly Hiding[] = rows.map(([how, kind, hide]) => ({ how, kind, hide }))
