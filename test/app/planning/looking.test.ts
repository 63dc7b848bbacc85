import { afterAll, expect, test } from 'vitest'
import type { Found } from '../../../src/app/planning/look.ts'
import type { Model, ModelCall } from '../../../src/app/planning/model.ts'
import { emptyReply } from '../../support/scripted-model.ts'
import { planWords } from './model-scene.ts'
import { repositoryWith } from './real-scene.ts'

const many = Object.fromEntries(
  Array.from({ length: 450 }, (_, i) => [`many/file-${String(i).padStart(3, '0')}.txt`, `text ${i}\n`]),
)
const repository = repositoryWith({
  'README.md': '# Sample\n',
  'src/a.js': Array.from({ length: 3000 }, (_, i) => `const line${i + 1} = ${i + 1}`).join('\n'),
  'src/deep/b.js': 'needle here\nand needle there\n',
  'secrets/outside': { link: '/etc/passwd' },
  linked: { link: 'src' },
  'large.txt': 'text '.repeat(60_000),
  'picture.png': new Uint8Array([137, 80, 78, 71, 0, 1, 2, 3]),
  ...many,
})
afterAll(async () => (await repository).remove())

/** A model in this process: it looks where it is told, then gives up, and what it was told is kept. */
function looker(looks: readonly object[]): Model & { readonly told: string[] } {
  const told: string[] = []
  return {
    host: 'models.example',
    name: 'looker',
    told,
    ask: async ({ messages }: ModelCall) => {
      told.push(messages.at(-1)?.text ?? '')
      const look = messages.length === 1 ? looks : []
      const text = JSON.stringify({ ...emptyReply, look })
      const said = { is: 'text', text, model: 'looker', inputTokens: 1, outputTokens: 1 } as const
      return { is: 'answered', sent: new Uint8Array(), received: new Uint8Array(), said }
    },
  }
}

async function look(...looks: readonly object[]): Promise<readonly Found[]> {
  const model = looker(looks)
  await planWords(await repository, { model, limits: { modelFaults: 0 } })
  return JSON.parse(model.told[1] ?? '{}').untrusted.found
}

test('a folder is listed with its files and folders, a long one with how many are left out', async () => {
  const [top, folder, long] = await look(
    { tool: 'list', path: '' },
    { tool: 'list', path: 'src/' },
    { tool: 'list', path: './many' },
  )
  expect(top).toMatchObject({
    entries: ['README.md', 'large.txt', 'linked', 'many/', 'picture.png', 'secrets/', 'src/'],
    more: 0,
  })
  expect(folder).toMatchObject({ entries: ['a.js', 'deep/'] })
  expect(long).toMatchObject({ more: 50 })
})

test('a file is read from a line on, in pieces', async () => {
  const [first, later, end] = await look(
    { tool: 'read', path: 'src/a.js', line: 1 },
    { tool: 'read', path: 'src/a.js', line: 2999 },
    { tool: 'read', path: 'src/a.js', line: 4000 },
  )
  expect(first).toMatchObject({ lines: expect.stringMatching(/^const line1 = 1\n/), nextLine: expect.any(Number) })
  expect(later).toMatchObject({ lines: 'const line2999 = 2999\nconst line3000 = 3000', nextLine: null })
  expect(end).toMatchObject({ nothing: 'it has 3000 lines' })
})

test('a text is searched for exactly, below a folder, and found by line', async () => {
  const [all, below, none, short] = await look(
    { tool: 'search', text: 'needle', under: '' },
    { tool: 'search', text: 'needle', under: 'many' },
    { tool: 'search', text: 'n.edle', under: 'src' },
    { tool: 'search', text: 'n', under: '' },
  )
  expect(all).toMatchObject({ matches: ['src/deep/b.js:1: needle here', 'src/deep/b.js:2: and needle there'] })
  expect(below).toMatchObject({ matches: [] })
  expect(none).toMatchObject({ matches: [] })
  expect(short).toMatchObject({ nothing: expect.stringContaining('two to 200 characters') })
})

test('a search says how many of the files it could look into', async () => {
  const [found] = await look({ tool: 'search', text: 'text', under: '' })
  expect(found).toMatchObject({ filesSearched: '454 of 455' })
})

test.each([
  ['a link out of the repository', { tool: 'read', path: 'secrets/outside', line: 1 }, 'not followed'],
  ['what lies behind a link', { tool: 'read', path: 'linked/a.js', line: 1 }, 'nothing at this path'],
  ['a folder behind a link', { tool: 'list', path: 'linked' }, 'nothing at this path'],
  ['git itself', { tool: 'read', path: '.git/config', line: 1 }, 'nothing at this path'],
  ['git’s own folder', { tool: 'list', path: '.git' }, 'nothing at this path'],
  ['a path above', { tool: 'read', path: '../../etc/passwd', line: 1 }, 'nothing at this path'],
  ['an absolute path', { tool: 'read', path: '/etc/passwd', line: 1 }, 'nothing at this path'],
  ['bytes that are no text', { tool: 'read', path: 'picture.png', line: 1 }, 'no text'],
  ['a name that is nearly there', { tool: 'read', path: 'src/deep/B.js', line: 1 }, 'there is src/deep/b.js'],
])('%s is not read', async (_, wanted, because) => {
  const [found] = await look(wanted)
  expect(found).toMatchObject({ nothing: expect.stringContaining(because) })
  expect(JSON.stringify(found)).not.toContain('root:')
})

test('what is found at once is bounded', async () => {
  const found = await look(...[1, 500, 1000, 1500, 2000].map((line) => ({ tool: 'read', path: 'src/a.js', line })))
  expect(found.at(-1)).toMatchObject({ nothing: expect.stringContaining('too much at once') })
  expect(JSON.stringify(found).length).toBeLessThan(90_000)
})

test('more looks at once than the form allows are no answer', async () => {
  const model = looker(Array.from({ length: 9 }, (_, i) => ({ tool: 'list', path: `a${i}` })))
  const { state } = await planWords(await repository, { model, limits: { modelFaults: 0 } })
  expect(state.end?.because).toContain('more than 8 things at once')
})

test('a look at a path of any length ends at once', async () => {
  const model = looker([{ tool: 'list', path: `a${'/'.repeat(300_000)}b` }])
  const { state } = await planWords(await repository, { model, limits: { modelFaults: 0 } })
  expect(state.end?.because).toContain('too long')
})
