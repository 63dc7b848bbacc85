import { afterEach, expect, test } from 'vitest'
import { judgeRecorded } from '../../../src/domain/packs/command-facts.ts'
import {
  bytesAt,
  type Drafted,
  draftIn,
  repositoryWith,
  shippedManifest,
  type TestFiles,
  type TestRepository,
} from './real-scene.ts'

const open: TestRepository[] = []
afterEach(() => open.splice(0).forEach((repository) => repository.remove()))

async function repository(files: TestFiles): Promise<TestRepository> {
  const made = await repositoryWith(files)
  open.push(made)
  return made
}

function asDraft(drafted: Drafted) {
  if (drafted.is !== 'draft') throw new Error(JSON.stringify(drafted))
  return drafted
}

const npm = {
  'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
  'package-lock.json': '{}',
}
const replaceText = (params: Readonly<Record<string, string>>) =>
  ({ planner: { is: 'recipe', name: 'replace-text' }, params }) as const

test('replace-text changes every occurrence on the bytes, in text files that the patterns cover', async () => {
  const base = await repository({
    ...npm,
    'src/a.js': Buffer.from('fs.rmdir(x); fs.rmdir(\xe9)\r\n', 'latin1'),
    'src/b.js': 'nothing here\n',
    'src/c.bin': Buffer.from('\0fs.rmdir'),
    'docs/fs.md': 'fs.rmdir',
    'src/link.js': { link: 'fs.rmdir' },
  })
  const drafted = asDraft(await draftIn(base, replaceText({ find: 'fs.rmdir', replace: 'fs.rm', paths: 'src/**' })))
  expect(bytesAt(drafted, 'src/a.js')).toBe('fs.rm(x); fs.rm(\xe9)\r\n')
  expect(drafted.draft.steps.map((step) => step.id)).toEqual(['prepare-1', 'edit-1', 'verify-1'])
  expect(drafted.facts.paths.map((fact) => fact.path)).toEqual(['src/a.js'])
  expect(drafted.facts.paths[0]).toMatchObject({ claims: 'exists', isFolder: false, through: null })
  expect(drafted.draft.drafter).toEqual({ is: 'recipe', name: 'replace-text', version: '1' })
  expect(drafted.facts.evidence.every((fact) => fact.fault === null)).toBe(true)
  expect(drafted.examined.faults).toEqual([])
})

test('a secret that stands in an edited file already is on record by place and kind, never by value', async () => {
  const token = `ghp_${'aB3dE6gH9jK2'.repeat(3)}`
  const base = await repository({ ...npm, 'src/a.js': `// old\nconst a = '${token}'\n`, 'src/b.js': '// old\n' })
  const { examined } = asDraft(await draftIn(base, replaceText({ find: 'old', replace: 'new' })))
  expect(examined).toMatchObject({ secrets: [], standing: [{ kind: 'github-token', path: 'src/a.js', line: 2 }] })
  expect(JSON.stringify(examined)).not.toContain(token)
})

test('the same inputs give the same draft, and renamed files give another one', async () => {
  const one = await repository({ 'a.txt': 'old\n' })
  const two = await repository({ 'b.txt': 'old\n' })
  const request = replaceText({ find: 'old', replace: 'new' })
  const first = asDraft(await draftIn(one, request))
  expect(asDraft(await draftIn(one, request)).hash).toBe(first.hash)
  expect(bytesAt(asDraft(await draftIn(two, request)), 'b.txt')).toBe('new\n')
  expect(bytesAt(first, 'b.txt')).toBeUndefined()
})

test('a repository without tests gives a draft that says why nothing is verified', async () => {
  const drafted = asDraft(
    await draftIn(await repository({ 'a.txt': 'old' }), replaceText({ find: 'old', replace: 'new' })),
  )
  expect(drafted.draft.noVerify).toContain('no test command')
  expect(drafted.draft.steps.map((step) => step.is)).toEqual(['edit'])
})

test('a text that is nowhere is refused with what was searched', async () => {
  const drafted = await draftIn(
    await repository({ 'a.txt': 'x' }),
    replaceText({ find: 'old', replace: 'new', paths: '*.txt' }),
  )
  expect(drafted).toMatchObject({ is: 'refused', rule: 'nothing-to-do' })
  expect(drafted.is === 'refused' && drafted.because).toContain('none of the 1 files that *.txt covers')
})

test('a missing parameter becomes a question, and the answer fills it', async () => {
  const base = await repository({ 'a.txt': 'old' })
  const asked = await draftIn(base, replaceText({ find: 'old' }))
  expect(asked).toMatchObject({
    is: 'questions',
    questions: [{ id: 'q1', type: 'blocker', about: 'param:replace', answer: 'text', default: null }],
  })
  const request = { ...replaceText({ find: 'old' }), answers: { 'param:replace': 'new' } }
  expect(bytesAt(asDraft(await draftIn(base, request)), 'a.txt')).toBe('new')
})

test.each([
  ['add-file', { path: '../x', content: 'y' }, 'param:path', 'is not a path'],
  ['replace-text', { find: 'a', replace: 'b', paths: '/etc/**' }, 'param:paths', 'pattern'],
  ['run-command', { command: 'cat a | sh', outputs: 'a' }, 'param:command', '|'],
])('%s asks again where a value does not fit', async (name, params, about, fault) => {
  const drafted = await draftIn(await repository({ 'a.txt': 'a' }), { planner: { is: 'recipe', name }, params })
  expect(drafted).toMatchObject({ is: 'questions', questions: [{ about }] })
  expect(drafted.is === 'questions' && drafted.questions[0]?.text).toContain(fault)
})

test('an unknown recipe or parameter is refused, and the known ones are named', async () => {
  const base = await repository({ 'a.txt': 'a' })
  const recipe = await draftIn(base, { planner: { is: 'recipe', name: 'no-such' } })
  expect(recipe).toMatchObject({ is: 'refused', rule: 'recipes' })
  expect(recipe.is === 'refused' && recipe.next).toContain('add-file, bump-dependency, license-headers')
  const parameter = await draftIn(base, replaceText({ find: 'a', replace: 'b', where: 'c' }))
  expect(parameter.is === 'refused' && parameter.next).toBe('its parameters are: find, replace, paths')
})

test('add-file makes exactly the given content, and never overwrites', async () => {
  const base = await repository({ 'a.txt': 'a' })
  const add = (path: string) =>
    draftIn(base, { planner: { is: 'recipe', name: 'add-file' }, params: { path, content: '{{path}}\n' } })
  expect(bytesAt(asDraft(await add('docs/b.txt')), 'docs/b.txt')).toMatch(/^\{\{path\}\}\n+$/)
  expect(await add('a.txt')).toMatchObject({ is: 'refused', rule: 'no-fabrication' })
})

test('run-command keeps argv and declared outputs, and its facts judge as the real checkout does', async () => {
  const base = await repository({ ...npm, 'test/a.test.js': '' })
  const params = { command: 'npm test -- test/a.test.js', outputs: 'src/**  docs/*.md' }
  const { draft, facts } = asDraft(await draftIn(base, { planner: { is: 'recipe', name: 'run-command' }, params }))
  const argv = ['npm', 'test', '--', 'test/a.test.js']
  expect(draft.steps).toContainEqual({ id: 'run-1', is: 'run', argv, outputs: ['src/**', 'docs/*.md'], frozen: null })
  const { policy } = await shippedManifest()
  expect(judgeRecorded(argv, policy, { facts, step: 'run-1' })).toMatchObject({ decision: 'allow', rule: 'npm.test' })
  const prepare = draft.steps.find((step) => step.is === 'prepare')?.argv ?? []
  expect(judgeRecorded(prepare, policy, { facts, step: 'prepare-1' })).toMatchObject({ decision: 'allow' })
  const elsewhere = ['npm', 'test', '--', 'test/b.test.js']
  expect(judgeRecorded(elsewhere, policy, { facts, step: 'run-1' })).toMatchObject({ decision: 'deny' })
})

test('a command that the policy does not list is drafted with its facts, for the gate to refuse', async () => {
  const params = { command: 'curl example.org', outputs: 'a' }
  const { facts } = asDraft(
    await draftIn(await repository(npm), { planner: { is: 'recipe', name: 'run-command' }, params }),
  )
  const verdict = judgeRecorded(['curl', 'example.org'], (await shippedManifest()).policy, { facts, step: 'run-1' })
  expect(verdict.decision).toBe('deny')
})

test('edits come before prepare where they change what it reads', async () => {
  const base = await repository({ ...npm, 'package-lock.json': '{"old":1}' })
  const { draft } = asDraft(await draftIn(base, replaceText({ find: 'old', replace: 'new' })))
  expect(draft.steps.map((step) => step.is)).toEqual(['edit', 'prepare', 'verify'])
})

test('the edits of one recipe see each other, and its own checks replace the tests', async () => {
  const recipe = `
name: two-steps
version: 3
summary: Two edits in a row.
params: [{ name: loud, type: boolean, required: true, question: Loud? }]
edits:
  - { kind: add-file, path: new.txt, content: "one {{loud}}" }
  - { kind: replace-text, find: one, replace: two, paths: ["*.txt"] }
verify: [[ls, new.txt]]
`
  const manifest = await shippedManifest({ 'two-steps': recipe })
  const base = await repository({ 'a.txt': 'one' })
  const request = { planner: { is: 'recipe', name: 'two-steps' }, manifest, answers: { 'param:loud': 'yes' } } as const
  const drafted = asDraft(await draftIn(base, request))
  expect(bytesAt(drafted, 'new.txt')).toBe('two true')
  expect(bytesAt(drafted, 'a.txt')).toBe('two')
  expect(judgeRecorded(['ls', 'new.txt'], manifest.policy, { facts: drafted.facts, step: 'verify-1' }).decision).toBe(
    'allow',
  )
})

test('words without a model are answered with the recipes, and the chosen one goes on asking', async () => {
  const base = await repository({ 'a.txt': 'old' })
  const words = { planner: { is: 'words' }, goal: 'Replace old by new in the text files' } as const
  const first = await draftIn(base, words)
  expect(first).toMatchObject({ is: 'questions', questions: [{ about: 'recipe', answer: 'choice' }] })
  expect(first.is === 'questions' && first.questions[0]?.choices[0]).toBe('replace-text')
  const second = await draftIn(base, { ...words, answers: { recipe: 'replace-text' } })
  expect(second.is === 'questions' && second.questions.map((question) => question.about)).toEqual([
    'param:find',
    'param:replace',
  ])
  const answers = { recipe: 'replace-text', 'param:find': 'old', 'param:replace': 'new' }
  expect(bytesAt(asDraft(await draftIn(base, { ...words, answers })), 'a.txt')).toBe('new')
})

test.each([
  ['replace-cal', {}, 'there is no recipe replace-cal', /^did you mean replace-call\? Else use one of/],
  ['replace-text', { finde: 'x', y: '1' }, 'has no parameter finde (did you mean find?), y', /find, replace, paths$/],
  [
    'replace-text',
    { find: 'x', replace: 'y', paths: 'src/indx.js' },
    'no file of the base commit is covered by src/indx.js',
    /^did you mean src\/index\.js\?/,
  ],
  ['move-file', { from: 'src/indx.js', to: 'src/b.js' }, 'there is no file src/indx.js', /There is src\/index\.js$/],
])('a slip of the pen in %s is refused with what was meant (%#)', async (name, params, because, next) => {
  const base = await repository({ ...npm, 'src/index.js': 'x\n' })
  expect(await draftIn(base, { planner: { is: 'recipe', name }, params })).toMatchObject({
    is: 'refused',
    because: expect.stringContaining(because),
    next: expect.stringMatching(next),
  })
})
