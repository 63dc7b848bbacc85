/**
 * Moves or renames one file and rewrites the relative imports that reach it, and its own. Each import keeps the form that it
 * had: with or without an extension, through an index file, or with the extension that TypeScript will have compiled to.
 */
export const recipe = {
  name: 'move-file',
  version: 1,
  summary: 'Move or rename a file and rewrite the relative imports of JavaScript and TypeScript files that reach it.',
  params: [
    { name: 'from', type: 'path', required: true, question: 'Which file is to be moved?' },
    { name: 'to', type: 'path', required: true, question: 'Where does it go (its new path)?' },
    {
      name: 'paths',
      type: 'globs',
      required: false,
      default:
        '**/*.js **/*.mjs **/*.cjs **/*.jsx **/*.ts **/*.mts **/*.cts **/*.tsx **/*.vue **/*.svelte **/package.json',
      question: 'In which files are imports rewritten (patterns separated by spaces)?',
    },
    {
      name: 'go_on',
      type: 'boolean',
      required: false,
      question: 'Is the file moved although something that may name it is not rewritten?',
    },
  ],
  files: ['{{from}}', '{{paths}}'],
  verify: 'repository-tests',
}

const CODE = /\.(?:[mc]?[jt]sx?|vue|svelte)$/
/** What an import without an extension may mean, in the order in which it is looked for. */
const ENDINGS = ['.ts', '.tsx', '.d.ts', '.js', '.jsx', '.mts', '.mjs', '.cts', '.cjs', '.json', '.vue', '.svelte']
/** What an import names, and the sources that it is compiled from. */
const COMPILED = new Map([
  ['.js', ['.ts', '.tsx']],
  ['.jsx', ['.tsx']],
  ['.mjs', ['.mts']],
  ['.cjs', ['.cts']],
])

export function plan({ params, files, unread }) {
  const { from, to } = params
  const known = new Set([...files, ...unread].map(({ path }) => path))
  if (!known.has(from)) return refused(`there is no file ${from}`, 'give from=… with the path of a file')
  if (from === to) return refused('the file would stay where it is', 'give another to=…')
  if (known.has(to)) return refused(`there is already a file at ${to}`, 'give another to=…')
  const own = files.filter(({ path, text }) => path === from || (!INSTALLED.test(path) && mayName(text, from)))
  const doubts = doubtsIn(own, unread, from)
  if (doubts.length > 0 && params.go_on === undefined) return ask(doubts)
  if (doubts.length > 0 && !params.go_on)
    return refused('something that may name the file cannot be rewritten', 'rewrite it first')
  const after = new Set([...known].filter((path) => path !== from).concat(to))
  const writes = own.flatMap((file) => rewritten(file, { from, to, known, after }))
  return { edits: [{ kind: 'rename', from, to }, ...writes] }
}

const INSTALLED = /(?:^|\/)node_modules\//

/** What may name the file and is not rewritten. */
function doubtsIn(own, unread, from) {
  const unseen = unread.filter(
    ({ path, why }) => path !== from && CODE.test(path) && why !== 'link' && !INSTALLED.test(path),
  )
  return [
    ...own.flatMap((file) => aliasesIn(file, from)),
    ...unseen.map(({ path, why }) => `${path} was not read (${why})`),
  ]
}

function rewritten(file, move) {
  const { path, text } = file
  const content = CODE.test(path)
    ? inCode(file, move)
    : path.endsWith('package.json')
      ? inPackage(file, move.from, move.to)
      : text
  return content === text ? [] : [{ kind: 'write', path: path === move.from ? move.to : path, content }]
}

function refused(because, next) {
  return { refused: { because, next } }
}

function ask(doubts) {
  const shown = doubts.slice(0, 8).join('; ')
  const more = doubts.length > 8 ? ` and ${doubts.length - 8} more` : ''
  return {
    questions: [
      {
        param: 'go_on',
        text: `Not rewritten, though it may name the file: ${shown}${more}. Is the file moved all the same?`,
      },
    ],
  }
}

/** Most files do not even hold the name, and need no closer look. */
function mayName(text, from) {
  const [folder = '', name] = from.split('/').slice(-2).length === 2 ? from.split('/').slice(-2) : ['', from]
  const stem = withoutEnding(name)
  if (stem !== 'index') return text.includes(stem)
  return (folder !== '' && text.includes(folder)) || text.includes(stem) || /['"]\.{1,2}(?:\/\.\.)*\/?['"?#]/.test(text)
}

/** Imports through an alias cannot be followed without the configuration that defines it. */
function aliasesIn({ path, text }, from) {
  if (!CODE.test(path)) return []
  const tail = withoutEnding(from)
    .split('/')
    .filter((part, i, all) => !(i === all.length - 1 && part === 'index'))
    .slice(-2)
    .join('/')
  return specifiersIn(text)
    .filter(
      ({ value }) =>
        !/^\.{1,2}(?:\/|$)/.test(value) && value.includes('/') && withoutEnding(value).endsWith(`/${tail}`),
    )
    .map(({ value }) => `${path} imports ${value}`)
}

function inCode(file, move) {
  const { from, to, known, after } = move
  const [here, there] = file.path === from ? [parentOf(from), parentOf(to)] : [parentOf(file.path), parentOf(file.path)]
  let result = ''
  let done = 0
  for (const { start, end, value } of specifiersIn(file.text)) {
    const [, plain, rest] = /^([^?#]*)(.*)$/s.exec(value)
    if (!/^\.{1,2}(?:\/|$)/.test(plain)) continue
    const meant = normalized(here, plain)
    if (meant === undefined) continue
    const reached = resolve(meant, known)
    const moved =
      reached === from
        ? renamed(plain, meant, { from, to, there, after })
        : here === there
          ? plain
          : relative(there, meant) + (plain.endsWith('/') ? '/' : '')
    if (moved === plain) continue
    result += file.text.slice(done, start) + moved + rest
    done = end
  }
  return result + file.text.slice(done)
}

/** The new path in the form of the old import; where that form would now reach another file, with its extension. */
function renamed(plain, meant, { from, to, there, after }) {
  const ending = endingOf(to)
  const bare = to.slice(0, to.length - ending.length)
  const forms = []
  if (meant === from) forms.push(to)
  else if (COMPILED.get(endingOf(meant))?.some((one) => meant.slice(0, -endingOf(meant).length) + one === from))
    forms.push(bare + compiledTo(ending))
  else if (from.startsWith(`${meant}/`) || meant === '') forms.push(bare.replace(/(?:^|\/)index$/, ''), bare)
  else forms.push(bare)
  const found = [...forms, to].find((form) => resolve(form, after) === to) ?? to
  return relative(there, found) + (plain.endsWith('/') && found !== to && found !== bare ? '/' : '')
}

function compiledTo(ending) {
  for (const [compiled, sources] of COMPILED) if (sources.includes(ending)) return compiled
  return ending
}

/** The file that an import means: itself, a source of it, one with an extension, or the index of a folder. */
function resolve(path, known) {
  if (known.has(path)) return path
  const ending = endingOf(path)
  const sources = (COMPILED.get(ending) ?? []).map((one) => path.slice(0, -ending.length) + one)
  const inside = path === '' ? 'index' : `${path}/index`
  return [...sources, ...ENDINGS.map((one) => path + one), ...ENDINGS.map((one) => inside + one)].find((one) =>
    known.has(one),
  )
}

function endingOf(path) {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (/\.d\.[mc]?ts$/.test(name)) return name.slice(name.search(/\.d\.[mc]?ts$/))
  return name.lastIndexOf('.') > 0 ? name.slice(name.lastIndexOf('.')) : ''
}

function withoutEnding(path) {
  return ENDINGS.includes(endingOf(path)) ? path.slice(0, path.length - endingOf(path).length) : path
}

function normalized(folder, specifier) {
  const parts = folder === '' ? [] : folder.split('/')
  for (const part of specifier.split('/')) {
    if (part === '..') {
      if (parts.length === 0) return undefined
      parts.pop()
    } else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}

function relative(folder, path) {
  const [here, there] = [folder === '' ? [] : folder.split('/'), path === '' ? [] : path.split('/')]
  let same = 0
  while (same < here.length && same < there.length && here[same] === there[same]) same += 1
  const up = here.slice(same).map(() => '..')
  return [...(up.length > 0 ? up : ['.']), ...there.slice(same)].join('/')
}

/** Texts that package.json names the file by, as `main`, in `exports`, `bin` or `files`; keys are names for others and stay. */
function inPackage({ path, text }, from, to) {
  const folder = parentOf(path)
  if (folder !== '' && !(from.startsWith(`${folder}/`) && to.startsWith(`${folder}/`))) return text
  const [old, fresh] = [from, to].map((one) => (folder === '' ? one : one.slice(folder.length + 1)))
  return text.replace(/"((?:[^"\\]|\\.)*)"(\s*:)?/g, (whole, value, colon) => {
    const dot = value.startsWith('./') ? './' : ''
    return colon === undefined && value === dot + old ? `"${dot}${fresh}"` : whole
  })
}

const BEFORE =
  /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\(|\brequire\.resolve\s*\(|\b(?:jest|vi)\.\w+\s*\(|\bnew\s+URL\s*\(|<reference\s+(?:path|types)\s*=)\s*$/
const TOKEN =
  /\/\/\/?[^\r\n]*|\/\*[^]*?\*\/|'(?:[^'\\\r\n]|\\[^])*'|"(?:[^"\\\r\n]|\\[^])*"|`|\$\{|[{}]|\/|[^\s'"`/{}$]+|\$/g
const BEFORE_PATTERN =
  /(?:^|[=(,:;!&|?{}[+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield))$/
const PATTERN = /\/(?:[^/\\[\r\n]|\\.|\[(?:[^\]\\\r\n]|\\.)*\])+\/[a-z]*/y

/** The texts that imports name files by, with their places. Only the tokens of the code count, and what types refer to. */
function specifiersIn(text) {
  const found = []
  const at = { open: [], before: '' }
  TOKEN.lastIndex = 0
  for (let token = TOKEN.exec(text); token !== null; token = TOKEN.exec(text)) {
    const [words] = token
    if (words.startsWith('//') || words.startsWith('/*')) {
      found.push(...inComment(words, token.index))
      continue
    }
    if (/^['"]./.test(words) && BEFORE.test(at.before))
      found.push({ start: token.index + 1, end: token.index + words.length - 1, value: words.slice(1, -1) })
    TOKEN.lastIndex = endOf(text, words, token.index, at)
    at.before = `${at.before} ${words}`.slice(-60)
  }
  return found.filter(({ value }) => !value.includes('\\'))
}

/** Where the code goes on behind a token: a pattern and the text of a template are passed over. */
function endOf(text, words, start, { open, before }) {
  const end = start + words.length
  if (words === '`') return templateEnd(text, end, open)
  if (words === '{' || words === '${') open.push('{')
  if (words === '}' && open.pop() === '${') return templateEnd(text, end, open)
  if (words !== '/' || !BEFORE_PATTERN.test(before)) return end
  PATTERN.lastIndex = start
  return PATTERN.test(text) ? PATTERN.lastIndex : end
}

/** JSDoc names types by import(), and TypeScript reads triple-slash references. */
function inComment(words, at) {
  const pattern = words.startsWith('///')
    ? /<reference\s+path\s*=\s*(["'])([^"']+)\1/g
    : /\bimport\s*\(\s*(["'])([^"']+)\1\s*\)/g
  return [...words.matchAll(pattern)].map((match) => {
    const start = at + match.index + match[0].lastIndexOf(match[2])
    return { start, end: start + match[2].length, value: match[2] }
  })
}

/** Where a template goes on after its text: behind its end, or inside `${`. A template that never ends is none. */
function templateEnd(text, from, open) {
  const part = /(?:[^`\\$]|\\[^]|\$(?!\{))*(`|\$\{)/y
  part.lastIndex = from
  const match = part.exec(text)
  if (match === null) return from
  if (match[1] === '${') open.push('${')
  return part.lastIndex
}

function parentOf(path) {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
}
