/**
 * Bumps one npm dependency in package.json and, entry by entry, in the lockfile beside it. What only a registry knows (the
 * address and the hash of the new version) is asked for. What only npm can do (lay out other packages) is refused.
 */
export const recipe = {
  name: 'bump-dependency',
  version: 1,
  summary:
    'Bump an npm dependency in package.json and package-lock.json to a version whose address and hash people give.',
  params: [
    { name: 'name', type: 'text', required: true, question: 'Which package is to be bumped?' },
    { name: 'version', type: 'text', required: true, question: 'To which exact version (for example 4.17.21)?' },
    {
      name: 'manifest',
      type: 'path',
      required: false,
      default: 'package.json',
      question: 'Which package.json names the dependency?',
    },
    { name: 'range', type: 'text', required: false, question: 'Which range shall package.json name?' },
    {
      name: 'resolved',
      type: 'text',
      required: false,
      question: 'From which address is the new version fetched (`npm view NAME@VERSION dist.tarball`)?',
    },
    {
      name: 'integrity',
      type: 'text',
      required: false,
      question: 'Which hash has the new version (`npm view NAME@VERSION dist.integrity`)?',
    },
    {
      name: 'same_needs',
      type: 'boolean',
      required: false,
      question: 'Has the new version the same dependencies, peer dependencies, engines and programs as the locked one?',
    },
    {
      name: 'everywhere',
      type: 'boolean',
      required: false,
      default: 'false',
      question: 'Do nested copies take the new version too, where every package that needs them allows it?',
    },
  ],
  files: [
    '{{manifest}}',
    '**/package.json',
    '**/package-lock.json',
    '**/npm-shrinkwrap.json',
    '**/yarn.lock',
    '**/pnpm-lock.yaml',
    '**/bun.lock',
  ],
  verify: 'repository-tests',
}

const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies']

class No extends Error {
  constructor(because, next) {
    super(because)
    this.next = next
  }
}

class Ask extends Error {
  constructor(questions) {
    super('people have to be asked')
    this.questions = questions
  }
}

export function plan(given) {
  try {
    return bump(given)
  } catch (error) {
    if (error instanceof No) return { refused: { because: error.message, next: error.next } }
    if (error instanceof Ask) return { questions: error.questions }
    throw error
  }
}

function bump({ params, files, unread }) {
  const { name, version, manifest } = params
  if (!/^(?:@[a-z0-9~._-]+\/)?[a-z0-9~_-][a-z0-9~._-]*$/i.test(name))
    throw new No(`${name} is no package name`, 'give name=…')
  if (parseVersion(version) === undefined)
    throw new No(`${version} is no exact version`, 'give version=… such as 1.2.3')
  const own = files.filter(({ path }) => !/(?:^|\/)node_modules\//.test(path))
  const texts = new Map(own.map(({ path, text }) => [path, text]))
  const text = texts.get(manifest)
  if (text === undefined)
    throw new No(`there is no file ${manifest} that can be read`, 'give manifest=… with the path of a package.json')
  const data = parsed(manifest, text)
  const kinds = kindsOf(data, manifest, name)
  const range = rangeFor(data, kinds, params)
  const edits = [
    change(
      manifest,
      text,
      kinds.map((kind) => [[kind, name], range]),
    ),
  ]
  const lock = lockFor(manifest, texts, unread)
  if (lock !== undefined) edits.push(bumpLock({ ...lock, kinds, range, params }, manifest))
  return { edits: edits.filter(Boolean) }
}

function kindsOf(data, manifest, name) {
  const found = KINDS.filter((kind) => typeof data[kind]?.[name] === 'string')
  if (found.length > 0) return found
  if (typeof data.peerDependencies?.[name] === 'string') return ['peerDependencies']
  const near = KINDS.flatMap((kind) => Object.keys(data[kind] ?? {})).filter(
    (other) => other.includes(name) || name.includes(other),
  )
  throw new No(
    `${manifest} has no dependency ${name}`,
    near.length === 0 ? 'name a dependency of it' : `did you mean ${near.slice(0, 3).join(' or ')}?`,
  )
}

/** The new range keeps the form of the old one; where the form says nothing about it, people say which. */
function rangeFor(data, kinds, { name, version, range }) {
  const overridden = data.overrides?.[name]
  if (overridden !== undefined && overridden !== `$${name}`)
    throw new No(`package.json overrides ${name}, which decides its version`, 'change the override')
  const old = data[kinds[0]][name]
  if (range !== undefined) {
    const fits = satisfies(version, range)
    if (fits === undefined)
      throw new No(`${range} is no range of versions that can be compared`, 'give range=… such as ^1.2.3')
    if (!fits) throw new No(`${range} does not allow ${version}`, 'give another range=…')
    return range
  }
  const form = /^([~^]|)v?\d+\.\d+\.\d+(?:-[\w.-]+)?$/.exec(old.trim())
  if (form !== null && kinds.every((kind) => data[kind][name] === old)) return `${form[1]}${version}`
  throw new Ask([
    {
      param: 'range',
      text: `package.json asks for ${name} as ${old}. Which range shall it name for ${version}?`,
      choices: [`^${version}`, `~${version}`, version],
    },
  ])
}

/** The npm lockfile that covers a manifest: beside it, or in the nearest folder above. */
function lockFor(manifest, texts, unread) {
  for (let folder = parentOf(manifest); ; folder = parentOf(folder)) {
    for (const file of ['npm-shrinkwrap.json', 'package-lock.json']) {
      const path = join(folder, file)
      if (texts.has(path)) return covering(path, texts.get(path), folder, manifest)
      if (unread.some((one) => one.path === path))
        throw new No(`${path} cannot be read here: it is too big or no text`, 'bump it with npm')
    }
    const other = ['yarn.lock', 'pnpm-lock.yaml', 'bun.lock'].find(
      (file) => texts.has(join(folder, file)) || unread.some(({ path }) => path === join(folder, file)),
    )
    if (other !== undefined)
      throw new No(
        `${join(folder, other)} locks the dependencies, and this recipe writes npm lockfiles only`,
        'bump it with the package manager that wrote it',
      )
    if (folder === '') return undefined
  }
}

function covering(path, text, folder, manifest) {
  const lock = parsed(path, text)
  if (![2, 3].includes(lock.lockfileVersion) || typeof lock.packages !== 'object' || lock.packages === null)
    throw new No(
      `${path} has lockfileVersion ${lock.lockfileVersion}; 2 and 3 can be changed`,
      'let npm write it anew first',
    )
  const at = parentOf(manifest).slice(folder === '' ? 0 : folder.length + 1)
  if (!Object.hasOwn(lock.packages, at))
    throw new No(`${path} does not know ${manifest}`, 'let npm write the lockfile anew first')
  return { path, text, lock, at }
}

function bumpLock({ path, text, lock, at, kinds, range, params }, manifest) {
  const { name } = params
  const used = usedEntry(lock, { path, at, kinds, name, manifest })
  const keys = keysToChange(lock, used, params, { at, kinds, range })
  const values = keys.length === 0 ? [] : askedValues(lock, keys, params, path)
  const ranges = kinds.map((kind) => [['packages', at, kind, name], range])
  const entries = keys.flatMap((key) => valueChanges(lock.packages[key], ['packages', key], values))
  return change(path, text, [...ranges, ...entries, ...legacyChanges(lock, { at, name, range, keys, values })])
}

/** Only what an entry has is changed: what it leaves out, npm left out. */
function valueChanges(entry, path, values) {
  return values.filter(([field]) => entry[field] !== undefined).map(([field, value]) => [[...path, field], value])
}

function usedEntry(lock, { path, at, kinds, name, manifest }) {
  const next = 'let npm write the lockfile anew first'
  if (kinds.some((kind) => typeof lock.packages[at][kind]?.[name] !== 'string'))
    throw new No(`${path} and ${manifest} disagree about ${name}`, next)
  const used = locate(lock.packages, at, name)
  if (used === undefined) throw new No(`${path} has no entry that ${manifest} finds ${name} in`, next)
  return used
}

function keysToChange(lock, used, params, ranges) {
  const { name, version, everywhere } = params
  const others = everywhere ? copiesOf(lock.packages, name).filter((key) => key !== used) : []
  const nested = others.filter((key) => isAllowed(lock, key, params, ranges))
  const keys = [used, ...nested].filter((key) => lock.packages[key].version !== version)
  const blocker = keys.includes(used) ? blockers(lock, used, params, ranges).at(0) : undefined
  if (blocker === undefined) return keys
  const because = `${blocker.who} needs ${name} as ${blocker.range}, which does not allow ${version}`
  throw new No(`${because}: npm has to lay out two copies`, 'bump it with npm')
}

/** The address and the hash are never made up. They are not asked for where the lockfile leaves them out. */
function askedValues(lock, keys, params, path) {
  const entries = keys.map((key) => lock.packages[key])
  const [first] = entries
  if (entries.some((entry) => entry.link || entry.inBundle))
    throw new No(`${params.name} is linked or bundled in ${path}`, 'bump what brings it')
  const evidence = { evidence: [path] }
  const questions = []
  const locked = `${path} locks ${params.name} at ${first.version}`
  if (params.same_needs === undefined)
    questions.push({
      param: 'same_needs',
      ...evidence,
      text: `${locked} and keeps what that version needs (${needsOf(first)}). Does ${params.version} need exactly the same?`,
    })
  if (params.same_needs === false)
    throw new No(
      `${params.name}@${params.version} needs other packages than ${first.version}: only npm can lay those out`,
      'bump it with npm',
    )
  if (first.resolved !== undefined && params.resolved === undefined)
    questions.push({
      param: 'resolved',
      ...evidence,
      text: `${locked} from ${first.resolved}. From which address is ${params.version} fetched?`,
    })
  if (first.integrity !== undefined && params.integrity === undefined)
    questions.push({
      param: 'integrity',
      ...evidence,
      text: `${locked} by a hash (dist.integrity). Which hash has ${params.version}?`,
    })
  if (questions.length > 0) throw new Ask(questions)
  checkValues(first, params)
  return [
    ['version', params.version],
    ['resolved', params.resolved],
    ['integrity', params.integrity],
  ].filter(([, value]) => value !== undefined)
}

function needsOf(entry) {
  const fields = ['dependencies', 'peerDependencies', 'optionalDependencies', 'engines', 'bin']
  const told = fields.flatMap((field) =>
    entry[field] === undefined ? [] : [`${field}: ${Object.keys(entry[field]).slice(0, 8).join(', ')}`],
  )
  return told.length === 0 ? 'nothing' : told.join('; ')
}

const LENGTHS = { sha1: 28, sha256: 44, sha384: 64, sha512: 88 }

function checkValues(old, { version, resolved, integrity }) {
  if (resolved !== undefined) checkAddress(old, version, resolved)
  if (integrity !== undefined) checkHash(old, integrity)
}

function checkAddress(old, version, resolved) {
  if (!/^https?:\/\/[^\s"\\]+$/.test(resolved))
    throw new No('resolved is no web address', 'give resolved=… as npm prints it')
  if (resolved === old.resolved)
    throw new No('resolved is the address of the old version', 'give resolved=… of the new one')
  if (String(old.resolved).includes(old.version) && !resolved.includes(version))
    throw new No(`resolved does not name the version ${version}`, 'give resolved=… of that version')
}

function checkHash(old, integrity) {
  const hash = /^(sha1|sha256|sha384|sha512)-([A-Za-z0-9+/]+={0,2})$/.exec(integrity)
  if (hash === null || hash[2].length !== LENGTHS[hash[1]])
    throw new No('integrity is no whole hash', 'give integrity=… as npm prints it')
  if (integrity === old.integrity)
    throw new No('integrity is the hash of the old version', 'give integrity=… of the new one')
}

/** Where a package at a place of the tree finds another one: in its own folder or in the nearest one above. */
function locate(packages, from, name) {
  for (let place = from; ; ) {
    const key = place === '' ? `node_modules/${name}` : `${place}/node_modules/${name}`
    if (Object.hasOwn(packages, key)) return key
    if (place === '') return undefined
    const cut = place.lastIndexOf('/node_modules/')
    place = cut >= 0 ? place.slice(0, cut) : place.startsWith('node_modules/') ? '' : parentOf(place)
  }
}

function copiesOf(packages, name) {
  return Object.keys(packages).filter((key) => key === `node_modules/${name}` || key.endsWith(`/node_modules/${name}`))
}

/** Who finds the package at this place, and would not take the new version. */
function blockers({ packages }, key, { name, version }, { at, kinds, range }) {
  const needs = [...KINDS, 'peerDependencies']
  return Object.entries(packages).flatMap(([who, entry]) => {
    const asked = needs.flatMap((kind) => {
      const old = entry[kind]?.[name]
      if (typeof old !== 'string' || (kind === 'devDependencies' && who.includes('node_modules/'))) return []
      return [who === at && kinds.includes(kind) ? range : old]
    })
    const odd = asked.find((one) => satisfies(version, one) !== true)
    return odd === undefined || locate(packages, who, name) !== key
      ? []
      : [{ who: who === '' ? 'the root package' : who, range: odd }]
  })
}

function isAllowed(lock, key, params, ranges) {
  const entry = lock.packages[key]
  return !entry.link && !entry.inBundle && entry.name === undefined && blockers(lock, key, params, ranges).length === 0
}

/** Lockfile version 2 says everything a second time, in the form that older clients read. */
function legacyChanges(lock, { at, name, range, keys, values }) {
  if (typeof lock.dependencies !== 'object' || lock.dependencies === null) return []
  const entries = keys.flatMap((key) => {
    const path = legacyPath(lock, key)
    const entry = path === undefined ? undefined : valueAt(lock, path)
    if (entry === undefined) throw new No('the two halves of the lockfile disagree', 'let npm write it anew first')
    return valueChanges(entry, path, values)
  })
  const workspace = at === '' ? undefined : legacyPath(lock, at)
  const asked = workspace === undefined ? [] : [...workspace, 'requires', name]
  return valueAt(lock, asked) === undefined || asked.length === 0 ? entries : [...entries, [asked, range]]
}

function legacyPath(lock, key) {
  const link = Object.keys(lock.packages).find(
    (one) =>
      lock.packages[one].link &&
      key !== one &&
      (key === lock.packages[one].resolved || key.startsWith(`${lock.packages[one].resolved}/`)),
  )
  const place = link === undefined ? key : link + key.slice(lock.packages[link].resolved.length)
  if (!place.startsWith('node_modules/')) return undefined
  return place
    .slice('node_modules/'.length)
    .split('/node_modules/')
    .flatMap((name) => ['dependencies', name])
}

function valueAt(data, path) {
  return path.reduce(
    (value, key) => (typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? value[key] : undefined),
    data,
  )
}

function parseVersion(text) {
  const found = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(text)
  return found === null ? undefined : { numbers: found.slice(1, 4).map(Number), pre: preOf(found[4]) }
}

function preOf(text = '') {
  return text === '' ? [] : text.split('.')
}

function compare(a, b) {
  for (let i = 0; i < 3; i += 1) if (a.numbers[i] !== b.numbers[i]) return a.numbers[i] - b.numbers[i]
  if (a.pre.length === 0 || b.pre.length === 0) return b.pre.length - a.pre.length
  for (let i = 0; i < Math.max(a.pre.length, b.pre.length); i += 1) {
    const order = comparePart(a.pre[i], b.pre[i])
    if (order !== 0) return order
  }
  return 0
}

/** Numbers come before words, and what has ended before what goes on. */
function comparePart(a, b) {
  if (a === b) return 0
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1
  const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (isNumber !== isOther) return isNumber ? -1 : 1
  if (isNumber) return Number(a) - Number(b)
  return a < b ? -1 : 1
}

/** Whether a range allows a version; undefined where the range is something else (an address, a tag, an alias). */
function satisfies(version, range) {
  const wanted = parseVersion(version)
  const sets = range.split('||').map((part) => comparators(part.trim()))
  if (sets.includes(undefined)) return undefined
  return sets.some((set) => set.every(({ test, bound }) => test(compare(wanted, bound))) && isPreAllowed(wanted, set))
}

/** A pre-release is allowed only where the range names one of the same version. */
function isPreAllowed(wanted, set) {
  return (
    wanted.pre.length === 0 ||
    set.some(({ bound }) => bound.pre.length > 0 && String(bound.numbers) === String(wanted.numbers))
  )
}

const TESTS = { '>=': (n) => n >= 0, '>': (n) => n > 0, '<=': (n) => n <= 0, '<': (n) => n < 0, '=': (n) => n === 0 }

function comparators(text) {
  const hyphen = /^(\S+)\s+-\s+(\S+)$/.exec(text)
  if (hyphen !== null) return all([`>=${hyphen[1]}`, `<=${hyphen[2]}`])
  return all(text.replace(/([<>=~^])\s+/g, '$1').split(/\s+/))
}

function all(words) {
  const sets = words.map(comparatorsOf)
  return sets.includes(undefined) ? undefined : sets.flat()
}

const WORD =
  /^(\^|~>?|>=|<=|>|<|=|)v?(\d+|[xX*]|)(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/

function comparatorsOf(word) {
  const found = WORD.exec(word)
  if (found === null || (found[2] === '' && word !== '')) return undefined
  const [, sign, ...parts] = found
  const given = parts.slice(0, 3).map((part) => (/^\d+$/.test(part) ? Number(part) : undefined))
  const known = given.includes(undefined) ? given.indexOf(undefined) : 3
  const low = { numbers: given.map((part, i) => (i < known ? part : 0)), pre: preOf(parts[3]) }
  if (known > 0) return BOUNDS[sign](low, known)
  return sign === '<' || sign === '>' ? undefined : [{ test: TESTS['>='], bound: low }]
}

/** What a sign before a version means; `known` says how many of its places were written. */
const BOUNDS = {
  '^': (low, known) => below(low, Math.min(firstPlace(low, known), known - 1)),
  '~': (low, known) => below(low, Math.min(1, known - 1)),
  '~>': (low, known) => below(low, Math.min(1, known - 1)),
  '>=': (low) => [{ test: TESTS['>='], bound: low }],
  '<': (low) => [{ test: TESTS['<'], bound: low }],
  '>': (low, known) => [
    known === 3 ? { test: TESTS['>'], bound: low } : { test: TESTS['>='], bound: after(low, known - 1) },
  ],
  '<=': (low, known) => [
    known === 3 ? { test: TESTS['<='], bound: low } : { test: TESTS['<'], bound: after(low, known - 1) },
  ],
  '=': (low, known) => (known === 3 ? [{ test: TESTS['='], bound: low }] : below(low, known - 1)),
  '': (low, known) => (known === 3 ? [{ test: TESTS['='], bound: low }] : below(low, known - 1)),
}

function below(low, place) {
  return [
    { test: TESTS['>='], bound: low },
    { test: TESTS['<'], bound: after(low, place) },
  ]
}

/** A caret keeps the first place that is not zero. */
function firstPlace({ numbers }, known) {
  const first = numbers.findIndex((n) => n > 0)
  return first === -1 ? known - 1 : first
}

/** The first version, its pre-releases included, that differs in this place or one before. */
function after({ numbers }, place) {
  return { numbers: numbers.map((n, i) => (i < place ? n : i === place ? n + 1 : 0)), pre: ['0'] }
}

function parsed(path, text) {
  try {
    const data = JSON.parse(text.replace(/^\ufeff/, ''))
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data
  } catch {
    throw new No(`${path} is not JSON`, 'mend it first')
  }
  throw new No(`${path} is no JSON object`, 'mend it first')
}

function change(path, text, changes) {
  const places = placesOf(
    text,
    changes.map(([keys]) => keys),
  )
  const all = changes.map(([keys, value]) => ({ ...places.get(JSON.stringify(keys)), value: JSON.stringify(value) }))
  let result = text
  for (const { from, to, value } of all.sort((a, b) => b.from - a.from))
    result = result.slice(0, from) + value + result.slice(to)
  return result === text ? undefined : { kind: 'write', path, content: result }
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

/** Where the values of these keys stand in the text; of a key that is there twice the last one counts. */
function placesOf(text, wanted) {
  const names = new Set(wanted.map((keys) => JSON.stringify(keys)))
  const places = new Map()
  const at = { path: [], open: [], key: undefined }
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (!isValue(at, token)) continue
    const name = JSON.stringify([...at.path.slice(1), at.key])
    if (names.has(name)) places.set(name, { from: index, to: index + token.length })
  }
  const missing = wanted.find((keys) => !places.has(JSON.stringify(keys)))
  if (missing !== undefined) throw new No(`${missing.join(' → ')} is no plain text in the file`, 'mend it first')
  return places
}

/** Follows the text by one token; true where that is a plain value. */
function isValue(at, token) {
  const isInObject = at.open[at.open.length - 1] === '{'
  if (token === ':') return false
  if (!'{}[],'.includes(token)) {
    if (!isInObject || at.key !== undefined) return true
    at.key = JSON.parse(token)
    return false
  }
  if (token === '{' || token === '[') {
    at.open.push(token)
    at.path.push(isInObject ? at.key : undefined)
  } else if (token !== ',') {
    at.open.pop()
    at.path.pop()
  }
  at.key = undefined
  return false
}

function parentOf(path) {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
}

function join(folder, file) {
  return folder === '' ? file : `${folder}/${file}`
}
