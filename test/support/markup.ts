type Allowed = {
  readonly mentions: readonly string[]
  readonly references: readonly number[]
  /** How the addresses of links may begin. */
  readonly links?: readonly string[]
}

const TAGS = /<\/?(?:details|summary|sub)>/g

/**
 * What in a comment of ours would take effect on GitHub and should not, or is left open: fences, code, folded parts, cells,
 * mentions, references, links and HTML. Read as GitHub reads Markdown, as far as our texts use it.
 */
export function markupFaults(text: string, allowed: Allowed): readonly string[] {
  const { lines, isOpen } = outsideFences(text)
  const words = lines.map(withoutCode)
  return [
    ...(isOpen ? ['a fence is left open'] : []),
    ...words.flatMap(({ fault }) => (fault === undefined ? [] : [fault])),
    ...foldingFaults(words.map(({ plain }) => plain).join('\n')),
    ...words.flatMap(({ plain }) => effects(withoutLinks(plain, allowed), allowed)),
    ...lines.flatMap((line, index) => (line.startsWith('|') ? cellFaults(line, headOf(lines, index)) : [])),
  ]
}

function outsideFences(text: string): { readonly lines: readonly string[]; readonly isOpen: boolean } {
  const lines: string[] = []
  let fence: string | undefined
  for (const line of text.split('\n')) {
    const [, mark = '', info = ''] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? []
    if (fence === undefined && mark !== '' && !info.includes('`')) fence = mark
    else if (fence === undefined) lines.push(line)
    else if (mark.startsWith(fence) && info.trim() === '') fence = undefined
  }
  return { lines, isOpen: fence !== undefined }
}

/** A run of backticks opens code that only a run of the same length closes; a backslash before one makes it a letter. */
function withoutCode(line: string): { readonly plain: string; readonly fault?: string } {
  let plain = ''
  let rest = line
  for (;;) {
    const found = /(?<!\\)(?:\\\\)*(`+)/.exec(rest)
    const run = found?.[1]
    if (found === null || run === undefined) return { plain: plain + rest }
    const start = found.index + found[0].length - run.length
    const inside = rest.slice(start + run.length)
    const close = new RegExp(`(?<!\`)${run}(?!\`)`).exec(inside)
    if (close === null) return { plain: plain + rest, fault: `code is left open: ${line.slice(0, 100)}` }
    plain += `${rest.slice(0, start)}code`
    rest = inside.slice(close.index + run.length)
  }
}

function foldingFaults(plain: string): readonly string[] {
  const open: string[] = []
  for (const [tag] of plain.matchAll(TAGS)) {
    const name = tag.replaceAll(/[</>]/g, '')
    if (!tag.startsWith('</')) open.push(name)
    else if (open.pop() !== name) return [`${tag} closes nothing`]
  }
  return open.map((name) => `<${name}> is left open`)
}

function effects(plain: string, { mentions, references }: Allowed): readonly string[] {
  const bare = plain.replaceAll(TAGS, '').replaceAll(/\\[!-/:-@[-`{-~]|&(?:#8203|amp|lt);/g, '·')
  return [
    ...[...bare.matchAll(/<[a-z!/?]/gi)].map(([html]) => `HTML: ${html}`),
    ...[...bare.matchAll(/@([a-z0-9][\w/-]*)/gi)]
      .filter(([, name = '']) => !mentions.includes(name))
      .map(([all]) => `calls ${all}`),
    ...[...bare.matchAll(/#(\d+)/g)]
      .filter(([, id]) => !references.includes(Number(id)))
      .map(([all]) => `refers to ${all}`),
    ...[...bare.matchAll(/\bGH-\d+/gi)].map(([all]) => `refers to ${all}`),
    ...[...bare.matchAll(/\]\(|\w:\/\/|\bwww\./g)].map(([all]) => `links: ${all}`),
  ]
}

/** What is left when the links to where they may lead are taken out. */
function withoutLinks(plain: string, { links = [] }: Allowed): string {
  return plain.replaceAll(/\[([^[\]]*)\]\(([^()\s]*)\)/g, (all, text: string, address: string) =>
    links.some((link) => address.startsWith(link)) ? text : all,
  )
}

/** The first row of the table that a row stands in. */
function headOf(lines: readonly string[], index: number): string {
  const first = lines.slice(0, index).findLastIndex((line) => !line.startsWith('|')) + 1
  return lines[first] ?? ''
}

/** As many cells as the head has, whether a bar after two backslashes counts as escaped or not. */
function cellFaults(row: string, head: string): readonly string[] {
  const wanted = head.split('|').length
  const simply = row.split(/(?<!\\)\|/).length
  const strictly = row.replaceAll(/\\[\\|]/g, '··').split('|').length
  return simply === wanted && strictly === wanted
    ? []
    : [`a row of ${simply - 2} or ${strictly - 2} cells, not ${wanted - 2}: ${row.slice(0, 100)}`]
}
