import { expect, test } from 'vitest'
import { parseYaml } from '../../../src/adapters/control/parse-yaml.ts'
import { readShippedPack } from '../../../src/adapters/control/shipped-pack.ts'
import { recipeModules } from '../../../src/adapters/modules/recipe-modules.ts'
import { describeModules } from '../../../src/app/recipe-modules.ts'
import { loadManifest } from '../../../src/domain/control/load-manifest.ts'
import { Manifest, manifestHash } from '../../../src/domain/control/manifest.ts'
import { sha256Hex } from '../../../src/domain/hash.ts'

const modules = recipeModules()
const shipped = await readShippedPack()

/** Loads the shipped pack under these files of a repository's `.agentos/`. */
async function load(texts: Readonly<Record<string, string>>) {
  const files = Object.entries(texts).map(([path, text]) => ({ path, bytes: Buffer.from(text) }))
  return loadManifest({
    engine: 'test',
    shipped: { ref: 'pack', files: shipped },
    repository: { ref: 'main', files },
    parseYaml,
    describe: await describeModules(modules, [...shipped, ...files]),
  })
}

async function loaded(texts: Readonly<Record<string, string>>): Promise<Manifest> {
  const manifest = await load(texts)
  if (!manifest.ok) throw new Error(JSON.stringify(manifest.refusal))
  return manifest.value
}

async function faults(texts: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const manifest = await load(texts)
  return manifest.ok ? [] : manifest.refusal.map(({ file, key, reason }) => `${file} ${key}: ${reason}`)
}

const HEAD = `{ name: 'tidy', version: 2, summary: 'Tidies.', params: [], files: ['**/*.txt'], verify: [] }`
const module = (head: string = HEAD, body = '') => `export const recipe = ${head}\nexport function plan() { ${body} }\n`
const headWith = (more: string) => HEAD.replace(' }', `, ${more} }`)

test('a module stands in the Manifest with what it says and its whole source', async () => {
  const source = module()
  const manifest = await loaded({ 'recipes/tidy.js': source })
  expect(manifest.recipes.find(({ name }) => name === 'tidy')).toEqual({
    name: 'tidy',
    version: 2,
    summary: 'Tidies.',
    params: [],
    files: ['**/*.txt'],
    uses: [],
    verify: [],
    source,
    sha256: sha256Hex(Buffer.from(source)),
  })
  expect(Manifest.parse(manifest)).toEqual(manifest)
})

test('a changed byte of a module changes the hash that approvals bind to, also in a comment', async () => {
  const plain = manifestHash(await loaded({ 'recipes/tidy.js': module() }))
  expect(manifestHash(await loaded({ 'recipes/tidy.js': `${module()}// x\n` }))).not.toBe(plain)
  expect(manifestHash(await loaded({ 'recipes/tidy.js': module() }))).toBe(plain)
})

test('a Manifest whose module has another source than its hash says is none', async () => {
  const manifest = await loaded({ 'recipes/tidy.js': module() })
  const recipes = manifest.recipes.map((recipe) => ('source' in recipe ? { ...recipe, source: '0' } : recipe))
  expect(Manifest.safeParse({ ...manifest, recipes }).success).toBe(false)
})

test.each([
  ['throws', 'throw new Error("no")', ' : no'],
  ['never ends', 'for (;;);', ' : it did not end within its budget of instructions'],
  ['is no code', '%', ' : unexpected token'],
  ['imports', 'import "node:fs"', ' : could not load module'],
  ['exports no plan', `export const recipe = ${HEAD}`, ' : it exports no function plan'],
  ['has another name than its file', module(HEAD.replace('tidy', 'neat')), ' name: is neat'],
  ['has an unknown key', module(headWith('also: 1')), ' also: unknown key'],
  ['has no version', module(HEAD.replace('version: 2, ', '')), ' version: '],
  ['has too long a name', module(HEAD.replace('tidy', 'a'.repeat(25))), ' name: '],
  [
    'reads what is no parameter',
    module(HEAD.replace('**/*.txt', '{{paths}}')),
    '{{paths}} is not a declared parameter',
  ],
  ['is too long', `${module()}//${'x'.repeat(70_000)}`, ' : is longer than 65536 characters'],
])('a module that %s is refused by name', async (_, source, fault) => {
  const found = await faults({ 'recipes/tidy.js': source })
  expect(found).toHaveLength(1)
  expect(found[0]).toContain('.agentos/recipes/tidy.js')
  expect(found[0]).toContain(fault)
})

test('a module and a data recipe cannot have the same name', async () => {
  const text =
    'name: tidy\nversion: 1\nsummary: x\nparams: []\nedits: [{ kind: add-file, path: a, content: a }]\nverify: []\n'
  expect(await faults({ 'recipes/tidy.js': module(), 'recipes/tidy.yml': text })).toEqual([
    '.agentos/recipes/tidy.js name: two recipes have this name',
  ])
})

const data = (name: string, uses: string, edits: string) =>
  `name: ${name}\nversion: 1\nsummary: x\nparams: []\nuses: ${uses}\nedits: ${edits}\nverify: []\n`
const using = (recipe: string, params: string) => `[{ kind: use, recipe: ${recipe}, params: ${params} }]`

test('a data recipe uses another one, of either kind, by name and version', async () => {
  const text = data('both', '[{ name: sort-lines, version: 1 }]', using('sort-lines', '{ path: .gitignore }'))
  expect(await faults({ 'recipes/both.yml': text })).toEqual([])
})

test.each([
  ['that is not there', '[{ name: nope, version: 1 }]', using('nope', '{}'), 'there is no recipe nope'],
  [
    'of another version',
    '[{ name: add-file, version: 9 }]',
    using('add-file', '{ path: a, content: b }'),
    'add-file has version 1, not 9',
  ],
  [
    'without saying so',
    '[]',
    using('add-file', '{ path: a, content: b }'),
    'add-file is used, but `uses` does not name it',
  ],
  [
    'twice',
    '[{ name: add-file, version: 1 }, { name: add-file, version: 1 }]',
    using('add-file', '{ path: a, content: b }'),
    'add-file is named twice',
  ],
  [
    'with an unknown parameter',
    '[{ name: sort-lines, version: 1 }]',
    using('sort-lines', '{ path: a, how: b }'),
    'sort-lines has no parameter how',
  ],
  [
    'without a needed parameter',
    '[{ name: add-file, version: 1 }]',
    using('add-file', '{ path: a }'),
    'add-file is used without its content',
  ],
  ['that is itself', '[{ name: odd, version: 1 }]', using('odd', '{}'), 'it uses itself: odd → odd'],
])('a recipe that uses one %s is refused', async (_, uses, edits, fault) => {
  const found = await faults({ 'recipes/odd.yml': data('odd', uses, edits) })
  expect(found).toHaveLength(1)
  expect(found[0]).toContain('.agentos/recipes/odd.yml')
  expect(found[0]).toContain(fault)
})

test('a circle through modules and data is refused at each of its recipes', async () => {
  const found = await faults({
    'recipes/tidy.js': module(headWith('uses: [{ name: "one", version: 1 }]')),
    'recipes/one.yml': data('one', '[{ name: two, version: 1 }]', using('two', '{}')),
    'recipes/two.yml': data('two', '[{ name: tidy, version: 2 }]', using('tidy', '{}')),
  })
  expect(found).toEqual([
    '.agentos/recipes/one.yml uses: it uses itself: one → two → tidy → one',
    '.agentos/recipes/tidy.js uses: it uses itself: tidy → one → two → tidy',
    '.agentos/recipes/two.yml uses: it uses itself: two → tidy → one → two',
  ])
})

test('a repository that replaces a recipe by another version is told who still uses the old one', async () => {
  const own = module(HEAD).replaceAll('tidy', 'sort-lines')
  const text = data('both', '[{ name: sort-lines, version: 1 }]', using('sort-lines', '{}'))
  expect(await faults({ 'recipes/sort-lines.js': own, 'recipes/both.yml': text })).toEqual([
    '.agentos/recipes/both.yml uses: sort-lines has version 2, not 1',
  ])
})

test('the modules of a control plane together have a size', async () => {
  const long = (name: string) => [`recipes/${name}.js`, `${module().replaceAll('tidy', name)}//${'x'.repeat(64_000)}`]
  const found = await faults(Object.fromEntries(['a', 'b', 'c', 'd'].map(long)))
  expect(found).toEqual(['recipes : the modules together are longer than 262144 characters'])
})
