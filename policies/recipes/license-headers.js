/** Puts a licence header on top of source files that have none. A header of anybody is never changed. */
const SOURCES =
  '**/*.js **/*.mjs **/*.cjs **/*.jsx **/*.ts **/*.mts **/*.cts **/*.tsx **/*.java **/*.kt **/*.scala **/*.go **/*.rs **/*.swift ' +
  '**/*.c **/*.h **/*.cc **/*.cpp **/*.hpp **/*.cs **/*.dart **/*.py **/*.rb **/*.sh **/*.pl **/*.css **/*.scss **/*.sql **/*.lua'

export const recipe = {
  name: 'license-headers',
  version: 1,
  summary: 'Add a copyright and SPDX licence header to source files that have no header, in the comment style of each.',
  params: [
    { name: 'holder', type: 'text', required: true, question: 'Who holds the copyright?' },
    {
      name: 'year',
      type: 'text',
      required: true,
      question: 'Which year or years does the header name (for example 2026)?',
    },
    { name: 'license', type: 'text', required: true, question: 'Which licence, by its SPDX name (for example MIT)?' },
    {
      name: 'paths',
      type: 'globs',
      required: false,
      default: SOURCES,
      question: 'Which files get the header (patterns separated by spaces)?',
    },
  ],
  files: ['{{paths}}'],
  verify: 'repository-tests',
}

const SLASHES = ['// ', '', '']
const HASH = ['# ', '', '']
const DASHES = ['-- ', '', '']
const STARS = [' * ', '/*', ' */']
const MARKUP = ['  ', '<!--', '-->']
const STYLES = new Map([
  ...'js mjs cjs jsx ts mts cts tsx java kt kts scala go rs swift c h cc cpp cxx hpp hh cs dart proto groovy'
    .split(' ')
    .map((end) => [end, SLASHES]),
  ...'py pyi rb sh bash zsh pl pm r yml yaml toml tf cmake mk dockerfile makefile'.split(' ').map((end) => [end, HASH]),
  ...'sql lua hs elm'.split(' ').map((end) => [end, DASHES]),
  ...'css scss less'.split(' ').map((end) => [end, STARS]),
  ...'html htm xml vue svelte'.split(' ').map((end) => [end, MARKUP]),
])

export function plan({ params, files }) {
  const { holder, year, license } = params
  const odd = [holder, year, license].find((value) => /[\r\n]|\*\/|-->/.test(value) || value.trim() === '')
  if (odd !== undefined) return refused('a part of the header is empty, has several lines or would end a comment')
  if (!/^\d{4}(?:\s*[-–,]\s*\d{4})*$/.test(year.trim())) return refused(`${year} is no year, range or list of years`)
  if (!/^[A-Za-z0-9.+() -]+$/.test(license.trim())) return refused(`${license} is no SPDX licence expression`)
  const lines = [`Copyright ${year.trim()} ${holder.trim()}`, `SPDX-License-Identifier: ${license.trim()}`]
  const edits = files.flatMap((file) => {
    const content = withHeader(file, lines)
    return content === undefined ? [] : [{ kind: 'write', path: file.path, content }]
  })
  return { edits }
}

function refused(because) {
  return { refused: { because, next: 'give holder=…, year=… and license=… anew' } }
}

const FOREIGN = /(?:^|\/)(?:node_modules|vendor|third_party|dist|build|out|coverage|\.[^/]+)\//

/** The file with the header, or undefined where it gets none. */
function withHeader({ path, text }, lines) {
  const style = STYLES.get(endingOf(path))
  if (style === undefined || isForeign(path) || text.trim() === '' || hasHeader(text) || isGenerated(text))
    return undefined
  const start = afterPreamble(text, path)
  return framed([text.slice(0, start), text.slice(start)], style, lines, text.includes('\r\n') ? '\r\n' : '\n')
}

function isForeign(path) {
  return FOREIGN.test(path) || /\.min\.[a-z]+$/.test(path)
}

function framed([above, below], [prefix, open, close], lines, feed) {
  const header = [open, ...lines.map((line) => prefix + line), close].filter((line) => line !== '').join(feed) + feed
  const gapAbove = above === '' || above === '\ufeff' || /[\r\n]$/.test(above) ? '' : feed
  const gapBelow = below === '' || /^\r?\n/.test(below) ? '' : feed
  return above + gapAbove + header + gapBelow + below
}

function endingOf(path) {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
  if (name === 'dockerfile' || name.startsWith('dockerfile.')) return 'dockerfile'
  return name === 'makefile' ? name : name.slice(name.lastIndexOf('.') + 1)
}

/** Where a header may begin: what has to be the first of its file stays there. */
function afterPreamble(text, path) {
  let at = text.startsWith('\ufeff') ? 1 : 0
  for (const part of preambles(endingOf(path))) {
    part.lastIndex = at
    const found = part.exec(text)
    if (found !== null) at = part.lastIndex
  }
  return at
}

const LINE = '[^\\r\\n]*(?:\\r?\\n|$)'

function sticky(source, flags = 'y') {
  return new RegExp(source, flags)
}

function preambles(ending) {
  const shebang = sticky(`#!${LINE}`)
  if (['py', 'pyi', 'rb', 'pl'].includes(ending)) return [shebang, sticky(`#[^\\r\\n]*coding[:=]${LINE}`)]
  if (ending === 'dockerfile') return [sticky(`(?:#\\s*(?:syntax|escape|check)\\s*=${LINE})+`, 'iy')]
  if (STYLES.get(ending) === MARKUP)
    return [sticky(`<\\?xml[^>]*\\?>(?:\\r?\\n)?`), sticky(`\\s*<!doctype[^>]*>(?:\\r?\\n)?`, 'iy')]
  if (['css', 'scss'].includes(ending)) return [sticky(`@charset${LINE}`)]
  return [
    shebang,
    sticky(
      `\\s*/\\*\\*(?:(?!\\*/)[^])*@(?:jest-|vitest-|flow|format|providesModule)(?:(?!\\*/)[^])*\\*/[^\\S\\r\\n]*(?:\\r?\\n|$)`,
    ),
  ]
}

/** Somebody's header stands in the comments before the code, whatever it looks like. */
function hasHeader(text) {
  return /copyright|SPDX-License-Identifier|licensed under|\(c\)\s*\d{4}|©/i.test(leadingComments(text))
}

function isGenerated(text) {
  return /@generated|do not edit|auto-?generated/i.test(leadingComments(text))
}

const BLOCKS = [
  ['/*', '*/'],
  ['<!--', '-->'],
  ['"""', '"""'],
  ["'''", "'''"],
]

function leadingComments(text) {
  const kept = []
  let end
  for (const line of text.replace('\ufeff', '').slice(0, 20_000).split(/\r?\n/)) {
    const words = line.trim()
    if (end === undefined && !/^(?:$|#|\/\/|--|\/\*|<!|<\?|"""|'''|@charset)/.test(words)) break
    kept.push(words)
    const block = BLOCKS.find(([open]) => end === undefined && words.startsWith(open))
    const rest = block === undefined ? words : words.slice(block[0].length)
    end = block === undefined ? end : block[1]
    if (end !== undefined && rest.includes(end)) end = undefined
  }
  return kept.join('\n')
}
