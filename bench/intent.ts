import { understand } from '../src/domain/packs/understand.ts'
import type { Benchmark, Comparison } from './compare.ts'

const KIB = 1024
const repeated = (part: string, length: number) => part.repeat(Math.ceil(length / part.length)).slice(0, length)
const halves = (a: string, b: string, length: number) => repeated(a, length / 2) + repeated(b, length / 2)

function counted(part: (index: number) => string, length: number): string {
  const parts: string[] = []
  for (let size = 0; size < length; size += parts.at(-1)?.length ?? 1) parts.push(part(parts.length + 1))
  return parts.join('').slice(0, length)
}

/** What costs a careless reader the square of its length. */
const ADVERSARIAL: readonly (readonly [string, (length: number) => string])[] = [
  ['nested brackets', (length) => halves('[', ']', length)],
  ['nested images', (length) => halves('![', '](u)', length)],
  ['backticks of growing length', (length) => counted((i) => `${'`'.repeat(i)} `, length)],
  ['comments without an end', (length) => repeated('<!-- x ', length)],
  ['tags in tags', (length) => `${repeated('<a b="', length - 2)}">`],
  ['open sections in sections', (length) => halves('<details open>', 'a\n', length)],
  ['tables in sections', (length) => halves('<details><table>', '</td></details>', length)],
  ['runs of emphasis', (length) => halves('**a ', 'b** ', length)],
  ['one long line of full stops', (length) => `a${repeated('.', length - 3)}md`],
  ['addresses in addresses', (length) => `${repeated('](a(', length - 1)})`],
  ['labels of links', (length) => repeated('[\\[a\n', length)],
  [
    'link definitions',
    (length) => counted((i) => `[l${i}]: u\n`, length / 2) + counted((i) => `[a][l${i}] `, length / 2),
  ],
  ['a table', (length) => counted((i) => `| a${i} | b |\n`, length)],
  ['many claims', (length) => counted((i) => `- [ ] must keep a/file${i}.md\n`, length)],
  ['many forbidden paths on a line', (length) => counted((i) => `no a/f${i}. a/g${i}.md `, length)],
  ['short lines', (length) => repeated('a\n', length)],
  ['short lines of another script', (length) => repeated('\u6f22\n', length)],
  ['short items', (length) => repeated('- a\n', length)],
  ['short rows', (length) => repeated('-|\n', length)],
  ['short paragraphs', (length) => repeated('\n\na', length)],
  ['short indented lines', (length) => repeated('\ta\n', length)],
  ['short paths', (length) => repeated('a/\n', length)],
  ['short claims', (length) => counted((i) => `must ${i}\n`, length)],
  ['lines of raw HTML', (length) => `<pre>\n${repeated('a\n', length - 6)}`],
  ['lines of growing length', (length) => counted((i) => `${' '.repeat(i)}x\n`, length)],
  ['sections in closed sections', (length) => halves('<details>', 'a\n', length)],
  ['sections with summaries', (length) => repeated('<details><summary>a', length)],
  ['addresses before one run of spaces', (length) => halves('](', ' ', length)],
  ['titles without an end', (length) => repeated('](a "', length)],
  ['definitions of footnotes', (length) => repeated('[^a]:\n\n\n', length)],
  ['joiners between letters', (length) => repeated('\u05d0\u200d', length)],
  ['invisible characters', (length) => repeated('a\u200b', length)],
  ['formulas', (length) => repeated('$a\\b', length)],
  ['diagrams in lists', (length) => repeated('- ```mermaid\n', length)],
]

export const intent: Benchmark = {
  says: 'processor time to understand hostile texts of 16, 32 and 64 KiB; ratios near 2 and 4 are linear',
  open: async () => ({ comparisons: ADVERSARIAL.map(comparison), close: async () => {} }),
}

function comparison([about, textOf]: (typeof ADVERSARIAL)[number]): Comparison {
  const contenders = [16, 32, 64].map((size) => {
    const body = textOf(size * KIB)
    return {
      name: `${size} KiB`,
      run: () => understand({ title: '', body, labels: [], comment: '', amendments: [], otherwise: '' }),
    }
  })
  return { about, unit: 'texts', items: 1, contenders, clock: 'processor' }
}
