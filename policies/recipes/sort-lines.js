/** Sorts the entries of a list file and drops repeated ones. Blank lines, comments and what depends on order stay in place. */
export const recipe = {
  name: 'sort-lines',
  version: 1,
  summary: 'Sort and de-duplicate an ignore file, a requirements file or another list, within its comment blocks.',
  params: [
    { name: 'path', type: 'path', required: true, question: 'Which file is to be sorted?' },
    {
      name: 'kind',
      type: 'choice',
      choices: ['by-name', 'ignore', 'requirements', 'plain'],
      required: false,
      default: 'by-name',
      question: 'How is the file read: as an ignore file, as Python requirements, or as a plain list?',
    },
  ],
  files: ['{{path}}'],
  verify: 'repository-tests',
}

export function plan({ params, files, unread }) {
  const [file] = files
  if (file === undefined) return refused(params.path, unread)
  const kind = params.kind === 'by-name' ? kindOf(file.path) : params.kind
  const { bom, lines, hasLastBreak } = split(file.text)
  const sorted = sortBlocks(dropRepeated(toEntries(lines, kind), kind), kind)
  const content = bom + join(sorted, hasLastBreak, lines)
  return content === file.text ? { edits: [] } : { edits: [{ kind: 'write', path: file.path, content }] }
}

function refused(path, unread) {
  const because =
    unread.length === 0 ? `there is no file ${path}` : `${path} is no text that can be sorted (${unread[0].why})`
  return { refused: { because, next: 'name a text file of the repository with path=…' } }
}

function kindOf(path) {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (/^\.[a-z]*ignore$/.test(name) || path.endsWith('.git/info/exclude')) return 'ignore'
  return /requirements|constraints/.test(name) && /\.(?:txt|in|pip)$/.test(name) ? 'requirements' : 'plain'
}

/** Lines with the break that ends each; the last one may have none. */
function split(text) {
  const bom = text.startsWith('\ufeff') ? '\ufeff' : ''
  const lines = []
  for (const [, words, end] of text.slice(bom.length).matchAll(/([^\r\n]*)(\r\n|\n|\r|$)/g)) {
    if (words !== '' || end !== '') lines.push({ words, end })
  }
  return { bom, lines, hasLastBreak: lines.length === 0 || lines[lines.length - 1].end !== '' }
}

/**
 * What moves as one: a line, or a requirement with the lines that continue it. `side` tells entries apart that must not
 * change places: in an ignore file the last match wins, so a pattern never passes a negated one.
 */
function toEntries(lines, kind) {
  const entries = []
  let open = false
  for (const line of lines) {
    if (open) entries[entries.length - 1].lines.push(line)
    else entries.push({ lines: [line], side: sideOf(line.words, kind) })
    open =
      kind === 'requirements' &&
      sideOf(entries[entries.length - 1].lines[0].words, kind) !== 'fixed' &&
      line.words.endsWith('\\')
  }
  return entries.map((entry) => ({ ...entry, text: entry.lines.map(({ words }) => words).join('\n') }))
}

function sideOf(words, kind) {
  if (words.trim() === '') return 'fixed'
  if (kind === 'ignore') return words.startsWith('#') ? 'fixed' : words.startsWith('!') ? 'back' : 'out'
  if (/^\s*#/.test(words)) return 'fixed'
  return kind === 'requirements' && /^\s*-/.test(words) ? 'fixed' : 'entry'
}

/** An entry goes when the same one stands before it, and nothing between them says otherwise. */
function dropRepeated(entries, kind) {
  const seen = new Map()
  return entries.filter(({ side, text }) => {
    if (side === 'fixed') return true
    if (kind === 'ignore') for (const [known, other] of seen) if (other !== side) seen.delete(known)
    const isNew = !seen.has(text)
    seen.set(text, side)
    return isNew
  })
}

function sortBlocks(entries, kind) {
  const sorted = []
  let block = []
  const close = () => {
    sorted.push(...block.sort((a, b) => order(keyOf(a, kind), keyOf(b, kind)) || order(a.text, b.text)))
    block = []
  }
  for (const entry of entries) {
    if (entry.side === 'fixed' || (block.length > 0 && block[0].side !== entry.side)) close()
    if (entry.side === 'fixed') sorted.push(entry)
    else block.push(entry)
  }
  close()
  return sorted
}

/** Python takes Foo_Bar and foo-bar for one name. */
function keyOf({ text }, kind) {
  if (kind !== 'requirements') return text.toLowerCase()
  const [name] = /^[A-Za-z0-9._-]*/.exec(text.trim())
  return name.toLowerCase().replace(/[-_.]+/g, '-')
}

function order(a, b) {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A line that moved away from the end gets a break, and the line that ends the file now has one only if the file had. */
function join(entries, hasLastBreak, before) {
  const lines = entries.flatMap((entry) => entry.lines)
  const usual = before.find(({ end }) => end !== '')?.end ?? '\n'
  return lines
    .map(({ words, end }, i) =>
      i === lines.length - 1 ? words + (hasLastBreak ? end || usual : '') : words + (end || usual),
    )
    .join('')
}
