import { describe, expect, it } from 'vitest'
import { fillRecipe } from '../../../src/domain/control/fill-recipe.ts'
import { DataRecipe, isModule } from '../../../src/domain/control/recipe.ts'
import { loaded } from './shipped.ts'

const recipes = new Map(loaded().recipes.map((recipe) => [recipe.name, recipe]))

function fill(name: string, given: Readonly<Record<string, string>>) {
  const recipe = recipes.get(name)
  if (recipe === undefined || isModule(recipe)) throw new Error(`no recipe ${name}`)
  return fillRecipe(recipe, new Map(Object.entries(given)))
}

describe('filling a recipe', () => {
  it('puts each value in its place and a list of patterns as a list', () => {
    expect(fill('replace-text', { find: 'a', replace: '', paths: 'src/** docs/*.md' })).toEqual({
      ok: true,
      value: {
        edits: [{ kind: 'replace-text', find: 'a', replace: '', paths: ['src/**', 'docs/*.md'] }],
        run: [],
        verify: 'repository-tests',
      },
    })
  })

  it('reads a command into its words', () => {
    expect(fill('run-command', { command: "npm run 'format'", outputs: 'src/**' })).toMatchObject({
      value: { run: [{ kind: 'run-command', argv: ['npm', 'run', 'format'], outputs: ['src/**'] }] },
    })
  })

  it('takes a value as it is, whatever it looks like', () => {
    expect(fill('replace-call', { old: '{{new}}', new: '$&$1', paths: 'a.js' })).toMatchObject({
      value: { edits: [{ find: '{{new}}(', replace: '$&$1(' }] },
    })
  })

  it('asks for what is missing with the question of the parameter', () => {
    expect(fill('replace-call', { old: 'fs.rmdir' })).toMatchObject({
      ok: false,
      refusal: {
        is: 'incomplete',
        missing: [{ name: 'new' }, { name: 'paths', question: expect.stringContaining('files') }],
      },
    })
  })

  it.each([
    ['add-file', { path: 'a', content: 'b', mode: 'x' }],
    ['add-file', { path: '', content: 'b' }],
    ['run-command', { command: 'npm test; id', outputs: 'a' }],
    ['run-command', { command: '', outputs: 'a' }],
    ['run-command', { command: 'npm test', outputs: '../x' }],
    ['replace-text', { find: 'a', replace: 'b', paths: '/etc/*' }],
  ])('refuses a value that does not fit %s', (name, given) => {
    expect(fill(name, given)).toMatchObject({ ok: false, refusal: { is: 'invalid' } })
  })

  it.each([
    ['an undeclared placeholder', { edits: [{ kind: 'add-file', path: '{{x}}', content: '' }] }],
    ['no change at all', {}],
    ['an unknown kind', { edits: [{ kind: 'shell', script: 'x' }] }],
    [
      'a default that does not fit',
      {
        edits: [{ kind: 'add-file', path: 'a', content: '' }],
        params: [{ name: 'n', type: 'number', required: false, question: 'q', default: 'many' }],
      },
    ],
  ])('a recipe with %s is none', (_, parts) => {
    const recipe = { name: 'r', version: 1, summary: 's', params: [], verify: 'repository-tests', ...parts }
    expect(DataRecipe.safeParse(recipe).success).toBe(false)
  })
})
