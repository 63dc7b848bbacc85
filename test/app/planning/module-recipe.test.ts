import { afterEach, expect, test } from 'vitest'
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

const FILES: TestFiles = {
  'a.txt': 'one\n',
  'b.txt': 'two\n',
  'logo.png': Buffer.from('\0png'),
  'link.txt': { link: 'a.txt' },
}

const module = (body: string, more = '') =>
  `export const recipe = { name: 'tidy', version: 2, summary: 'Tidies.', verify: [['ls', 'a.txt']],
    params: [{ name: 'who', type: 'text', required: false, question: 'Who?' }], files: ['*.txt', '*.png'], ${more} }
  export function plan({ params, files, unread }) { ${body} }`

type Options = {
  readonly more?: string
  readonly files?: TestFiles
  readonly others?: Readonly<Record<string, string>>
}

async function drafted(body: string, request: object = {}, { more = '', files = FILES, others = {} }: Options = {}) {
  const manifest = await shippedManifest({ 'tidy.js': module(body, more), ...others })
  return draftIn(await repository(files), { planner: { is: 'recipe', name: 'tidy' }, manifest, ...request })
}

function asDraft(made: Drafted) {
  if (made.is !== 'draft') throw new Error(JSON.stringify(made))
  return made
}

function editsOf(made: Drafted): readonly string[] {
  return asDraft(made).draft.steps.flatMap((step) =>
    step.is === 'edit'
      ? step.edits.map(({ path, before, after }) => `${path} ${before?.mode ?? '-'} ${after?.mode ?? '-'}`)
      : [],
  )
}

test('a module is given the text files that it declares, and told of the others', async () => {
  const files = { ...FILES, 'c.md': 'not declared', 'd.txt': Buffer.from('\xff\xfe', 'latin1') }
  const made = await drafted(
    'return { edits: [{ kind: "create", path: "told.json", content: JSON.stringify({ files, unread }) }] }',
    {},
    { files },
  )
  expect(JSON.parse(bytesAt(asDraft(made), 'told.json') ?? '')).toEqual({
    files: [
      { path: 'a.txt', text: 'one\n', executable: false },
      { path: 'b.txt', text: 'two\n', executable: false },
    ],
    unread: [
      { path: 'd.txt', size: 2, why: 'not-utf8' },
      { path: 'link.txt', size: 5, why: 'link' },
      { path: 'logo.png', size: 4, why: 'binary' },
    ],
  })
})

test('every kind of edit becomes an exact change, each on what the one before left', async () => {
  const made = await drafted(`return { edits: [
    { kind: 'create', path: 'bin/run', content: '#!/bin/sh\\n', executable: true },
    { kind: 'rename', from: 'a.txt', to: 'docs/a.txt' },
    { kind: 'replace', path: 'docs/a.txt', search: 'one', replace: '1' },
    { kind: 'create', path: 'a.txt', content: 'anew\\n' },
    { kind: 'rename', from: 'logo.png', to: 'logo2.png' },
    { kind: 'delete', path: 'b.txt' },
  ] }`)
  expect(editsOf(made)).toEqual([
    'a.txt 100644 100644',
    'b.txt 100644 -',
    'bin/run - 100755',
    'docs/a.txt - 100644',
    'logo.png 100644 -',
    'logo2.png - 100644',
  ])
  const draft = asDraft(made)
  expect(['a.txt', 'docs/a.txt', 'logo2.png'].map((path) => bytesAt(draft, path))).toEqual(['anew\n', '1\n', '\0png'])
  expect(draft.draft.drafter).toEqual({ is: 'recipe', name: 'tidy', version: '2' })
  expect(draft.draft.steps.find((step) => step.is === 'verify')).toMatchObject({ argv: ['ls', 'a.txt'] })
  expect(draft.facts.paths.map(({ path, claims }) => `${path} ${claims}`)).toContain('docs/a.txt is-new')
})

test('what a module takes for granted is recorded for red line 3 like any draft', async () => {
  const { facts } = asDraft(await drafted('return { edits: [{ kind: "create", path: "link.txt/x", content: "x" }] }'))
  expect(facts.paths).toMatchObject([
    { path: 'link.txt/x', claims: 'is-new', through: { path: 'link.txt', mode: '120000' } },
  ])
})

test('the same module, files and parameters give the same draft, and another parameter another one', async () => {
  const body = 'return { edits: [{ kind: "write", path: "a.txt", content: params.who + files.length }] }'
  const [one, same, other] = [
    await drafted(body, { params: { who: 'x' } }),
    await drafted(body, { params: { who: 'x' } }),
    await drafted(body, { params: { who: 'y' } }),
  ]
  expect(bytesAt(asDraft(one), 'a.txt')).toBe('x2')
  expect(asDraft(same).draft.steps).toEqual(asDraft(one).draft.steps)
  expect(asDraft(other).draft.steps).not.toEqual(asDraft(one).draft.steps)
})

test.each([
  ['throws', 'throw new Error("<b>@octo</b> went\\nwrong")', '<b>@octo</b> went wrong'],
  ['answers nonsense', 'return { edit: [] }', 'something else than edits, questions or a refusal'],
  ['never ends', 'for (;;);', 'budget of instructions'],
  [
    'edits what it did not declare',
    'return { edits: [{ kind: "write", path: "c.md", content: "" }] }',
    'c.md, which its `files` do not cover',
  ],
  [
    'deletes what is not there',
    'return { edits: [{ kind: "delete", path: "no.txt" }] }',
    'no.txt, which its `files` do not cover',
  ],
  [
    'edits after deleting',
    'return { edits: [{ kind: "delete", path: "a.txt" }, { kind: "write", path: "a.txt", content: "" }] }',
    'not there any more',
  ],
  ['overwrites', 'return { edits: [{ kind: "create", path: "c.md", content: "" }] }', 'c.md, which is already there'],
  [
    'moves onto a file',
    'return { edits: [{ kind: "rename", from: "a.txt", to: "b.txt" }] }',
    'b.txt, which is already there',
  ],
  [
    'writes through a link',
    'return { edits: [{ kind: "write", path: "link.txt", content: "" }] }',
    'a link or a submodule',
  ],
  [
    'replaces what is not there',
    'return { edits: [{ kind: "replace", path: "a.txt", search: "zwei", replace: "" }] }',
    'is not in a.txt',
  ],
  [
    'replaces what is there twice',
    'return { edits: [{ kind: "replace", path: "e.txt", search: "e", replace: "" }] }',
    'more than once',
  ],
  ['asks for what is no parameter', 'return { questions: [{ param: "whom" }] }', 'whom, which is no parameter'],
  [
    'uses what it does not declare',
    'return { edits: [{ kind: "use", recipe: "add-file", params: {} }] }',
    'uses add-file, which',
  ],
])('a module that %s is refused with its name and what it said', async (_, body, words) => {
  const made = await drafted(body, {}, { files: { ...FILES, 'c.md': 'c', 'e.txt': 'ee' } })
  expect(made).toMatchObject({ is: 'refused', rule: 'recipes' })
  if (made.is !== 'refused') return
  expect(made.because).toContain('the recipe tidy@2 cannot be followed: ')
  expect(made.because).toContain(words)
})

test('a module says no in its own words, with what to do', async () => {
  const made = await drafted('return { refused: { because: "all is tidy", next: "do nothing" } }')
  expect(made).toMatchObject({
    is: 'refused',
    rule: 'recipes',
    because: 'the recipe tidy@2 says: all is tidy',
    next: 'do nothing',
  })
})

test('a module that changes nothing leaves nothing to do', async () => {
  expect(await drafted('return { edits: [] }')).toMatchObject({ is: 'refused', rule: 'nothing-to-do' })
})

test('a module asks for a parameter when it needs it, with its evidence, and the answer is the value', async () => {
  const body = `return params.who === undefined
    ? { questions: [{ param: 'who', text: 'Who owns a.txt?', choices: ['Ada', 'Lee'], evidence: ['a.txt'] }] }
    : { edits: [{ kind: 'write', path: 'a.txt', content: params.who }] }`
  const asked = await drafted(body)
  expect(asked).toMatchObject({
    is: 'questions',
    questions: [{ about: 'param:who', text: 'Who owns a.txt?', answer: 'choice', choices: ['Ada', 'Lee'] }],
  })
  expect(JSON.stringify(asked.is === 'questions' && asked.questions[0]?.evidence)).toContain('a.txt')
  expect(bytesAt(asDraft(await drafted(body, { answers: { 'param:who': 'Lee' } })), 'a.txt')).toBe('Lee')
})

test('recipes of both kinds use each other on one tree, and their checks come along', async () => {
  const others = {
    both: `
name: both
version: 1
summary: x
params: [{ name: word, type: text, required: true, question: Which word? }]
uses: [{ name: tidy, version: 2 }, { name: replace-text, version: 1 }]
edits:
  - { kind: use, recipe: tidy, params: { who: "{{word}}" } }
  - { kind: use, recipe: replace-text, params: { find: Ada, replace: Lee, paths: "*.txt" } }
verify: [[ls, b.txt]]
`,
  }
  const body = `return { edits: [
    { kind: 'write', path: 'b.txt', content: params.who + ' wrote this\\n' },
    { kind: 'use', recipe: 'add-file', params: { path: 'c.txt', content: 'for ' + params.who } },
  ] }`
  const more = `uses: [{ name: 'add-file', version: 1 }]`
  const made = await drafted(
    body,
    { planner: { is: 'recipe', name: 'both' }, params: { word: 'Ada' } },
    { more, others },
  )
  const draft = asDraft(made)
  expect([bytesAt(draft, 'b.txt'), bytesAt(draft, 'c.txt')]).toEqual(['Lee wrote this\n', 'for Lee'])
  expect(draft.draft.drafter).toEqual({ is: 'recipe', name: 'both', version: '1' })
  const verified = draft.draft.steps.flatMap((step) => (step.is === 'verify' ? [step.argv.join(' ')] : []))
  expect(verified).toEqual(expect.arrayContaining(['ls b.txt', 'ls a.txt']))
})

test('what a used module asks is about its own parameter, and does not reach the one that uses it', async () => {
  const others = {
    both: `
name: both
version: 1
summary: x
params: [{ name: who, type: text, required: true, question: Who? }]
uses: [{ name: tidy, version: 2 }]
edits: [{ kind: use, recipe: tidy, params: {} }, { kind: add-file, path: "{{who}}.md", content: x }]
verify: []
`,
  }
  const body = `return params.who === undefined
    ? { questions: [{ param: 'who' }] }
    : { edits: [{ kind: 'write', path: 'a.txt', content: params.who }] }`
  const request = { planner: { is: 'recipe', name: 'both' }, params: { who: 'outer' } }
  expect(await drafted(body, request, { others })).toMatchObject({
    is: 'questions',
    questions: [{ about: 'param:tidy.who' }],
  })
  const made = asDraft(await drafted(body, { ...request, answers: { 'param:tidy.who': 'inner' } }, { others }))
  expect([bytesAt(made, 'a.txt'), bytesAt(made, 'outer.md')]).toEqual(['inner', expect.stringMatching(/^x/)])
})

test('what a module hands to a data recipe must fit it', async () => {
  const body = `return { edits: [{ kind: 'use', recipe: 'add-file', params: { path: '../x' } }] }`
  expect(await drafted(body, {}, { more: `uses: [{ name: 'add-file', version: 1 }]` })).toMatchObject({
    is: 'refused',
    because: 'the recipe tidy@2 cannot be followed: what it hands to add-file does not fit: path, content',
  })
})

test('more files than a module can be given are refused, not left out', async () => {
  const big = 'x'.repeat(1_900_000)
  const files = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${i}.txt`, `${i}${big}`]))
  const made = await drafted('return { edits: [] }', {}, { files })
  expect(made).toMatchObject({ is: 'refused', rule: 'recipes' })
  expect(made.is === 'refused' && made.because).toContain('its patterns cover 10 files')
})
