import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { recipeModules } from '../../../src/adapters/modules/recipe-modules.ts'
import type { ModuleInput } from '../../../src/app/recipe-modules.ts'

const ECHO = `
export const recipe = { name: 'echo', version: 1 }
export function plan({ params, files, unread }) {
  const words = files.flatMap(({ text }) => text.split(/\\s+/)).sort()
  const counts = new Map()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  const told = JSON.stringify({ params, files, unread, words, counts: [...counts], sine: Math.sin(words.length) })
  return { edits: [{ kind: 'create', path: 'told.json', content: told }] }
}`

test('what a module says about itself is given as it is, with what it computes', async () => {
  const source = `const n = 2; export const recipe = { name: 'a' + n, "odd": [1, null] }; export function plan() {}`
  expect(await recipeModules().describe(source)).toEqual({ ok: true, value: { name: 'a2', odd: [1, null] } })
})

test('a module is given its parameters and files unchanged', async () => {
  const input: ModuleInput = {
    params: { text: '\u0000 \ud83d\ude00 "', many: ['a', 'b'], yes: true, number: -3 },
    files: [{ path: 'a b/ü.txt', text: '\ufeffone\r\ntwo\u2028', executable: true }],
    unread: [{ path: 'x.png', size: 9, why: 'binary' }],
  }
  const answer = await recipeModules().plan(ECHO, input)
  if (!answer.ok || answer.value.is !== 'edits') throw new Error(JSON.stringify(answer))
  const [edit] = answer.value.edits
  expect(edit?.kind === 'create' && JSON.parse(edit.content)).toMatchObject(input)
})

const text = fc.string({ unit: 'binary', maxLength: 200 }).map((value) => value.toWellFormed())
const input = fc.record({
  params: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text))),
  files: fc.array(fc.record({ path: text, text, executable: fc.boolean() }), { maxLength: 8 }),
  unread: fc.array(fc.record({ path: text, size: fc.nat(), why: fc.constant('big' as const) }), { maxLength: 3 }),
})

test('the same source, parameters and files give the same bytes in every sandbox', async () => {
  const [one, other] = [recipeModules(), recipeModules()]
  await fc.assert(
    fc.asyncProperty(input, async (given) => {
      const first = JSON.stringify(await one.plan(ECHO, given))
      expect(first).toContain('told.json')
      expect(JSON.stringify(await one.plan(ECHO, given))).toBe(first)
      expect(JSON.stringify(await other.plan(ECHO, given))).toBe(first)
    }),
    { numRuns: 40 },
  )
})

test('where the budget ends is the same in every sandbox', async () => {
  const counting = (jumps: number) =>
    `export const recipe = {}; export function plan() { let n = 0; while (n < ${jumps}) n += 1; return { edits: [] } }`
  const limits = { describe: { interrupts: 10, wallMs: 60_000 }, plan: { interrupts: 10, wallMs: 60_000 } }
  const endsIn = async (jumps: number) =>
    (await recipeModules(limits).plan(counting(jumps), { params: {}, files: [], unread: [] })).ok
  const ends = await lastThatEnds(endsIn, 1000, 1_000_000)
  expect([await endsIn(ends), await endsIn(ends + 1), await endsIn(ends), await endsIn(ends + 1)]).toEqual([
    true,
    false,
    true,
    false,
  ])
})

async function lastThatEnds(endsIn: (jumps: number) => Promise<boolean>, from: number, to: number): Promise<number> {
  if (to - from <= 1) return from
  const middle = Math.floor((from + to) / 2)
  return (await endsIn(middle)) ? lastThatEnds(endsIn, middle, to) : lastThatEnds(endsIn, from, middle)
}

test('many calls at once each get their own answer', async () => {
  const modules = recipeModules()
  const answers = await Promise.all(
    [1, 2, 3, 4].map((n) => modules.describe(`export const recipe = ${n}; export function plan() {}`)),
  )
  expect(answers).toEqual([1, 2, 3, 4].map((value) => ({ ok: true, value })))
})

test('the runner’s bundle has no part of the modules’ sandbox: planning happens in the controller', () => {
  const bundle = readFileSync(new URL('../../../dist/action.js', import.meta.url), 'utf8')
  expect(bundle.length).toBeGreaterThan(100_000)
  expect(bundle).not.toMatch(/quickjs|emscripten|module-thread/i)
})
