import { expect, test } from 'vitest'
import { recipeModules } from '../../../src/adapters/modules/recipe-modules.ts'
import { ModuleUnfinished } from '../../../src/app/recipe-modules.ts'

const modules = recipeModules({
  describe: { interrupts: 200, wallMs: 30_000 },
  plan: { interrupts: 500, wallMs: 30_000 },
})
const NOTHING = { params: {}, files: [], unread: [] } as const

const planning = (body: string, before = '') =>
  `${before}\nexport const recipe = {}\nexport function plan(input) { ${body} }`
const plan = (body: string, before = '') => modules.plan(planning(body, before), NOTHING)
const said = (expression: string) => plan(`return { refused: { because: String(${expression}), next: 'nothing' } }`)

test.each([
  ['an endless loop', 'for (;;);'],
  ['an endless loop that catches everything', 'try { for (;;); } catch { for (;;); } finally { for (;;); }'],
  ['a pattern that explodes', 'return /(a+)+$/.test("a".repeat(60) + "b")'],
  ['an endless getter in the result', 'return { get edits() { for (;;); } }'],
  ['an endless toJSON', 'return { toJSON() { for (;;); } }'],
  ['an endless message of an error', 'throw { get message() { for (;;); } }'],
])('%s ends with the budget of instructions', async (_, body) => {
  expect(await plan(body)).toEqual({ ok: false, refusal: 'it did not end within its budget of instructions' })
})

test.each([
  ['a bomb of long texts', 'const all = []; for (;;) all.push("x".repeat(1e6) + all.length)'],
  ['one enormous list', 'return new Array(1e9).fill(0)'],
])('%s ends with the memory that it has', async (_, body) => {
  expect(await plan(body)).toEqual({ ok: false, refusal: expect.stringMatching(/memory/) })
})

test('a bomb of small objects ends, either way', async () => {
  expect(await plan('const all = []; for (;;) all.push({ all })')).toMatchObject({ ok: false })
})

test.each([
  ['recursion without end', 'const deep = () => deep() + 1; return deep()', 'stack overflow'],
  ['a text nested too deep', 'return JSON.parse("[".repeat(1e5))', 'stack overflow'],
  [
    'an answer nested too deep',
    'let deep = []; for (let i = 0; i < 1e5; i += 1) deep = [deep]; return deep',
    'stack overflow',
  ],
  ['an answer that contains itself', 'const round = {}; round.round = round; return round', 'circular reference'],
  ['an error', 'throw new Error("no such thing")', 'no such thing'],
  ['a thrown text', 'throw "plain"', 'plain'],
  ['a throwing getter in the result', 'return { get edits() { throw new Error("not yours") } }', 'not yours'],
  ['an error that cannot be read', 'throw { get message() { throw 1 } }', 'an error that cannot be read'],
  ['an error without words', 'throw new Error("")', 'it failed without saying why'],
  ['a promise', 'return Promise.resolve({ edits: [] })', 'a promise'],
  ['a promise that never settles', 'return new Promise(() => {})', 'a promise'],
  ['an asynchronous function in disguise', 'return { then() {} }', 'a promise'],
  ['nothing', 'return undefined', 'no plain data'],
  ['a function', 'return () => 1', 'no plain data'],
  ['a big integer', 'return { edits: [1n] }', 'BigInt'],
  ['a list', 'return []', 'something else than edits, questions or a refusal'],
  ['a text', 'return "edits"', 'no object'],
  ['an unknown key', 'return { edits: [], also: 1 }', 'also: unknown key'],
  ['a path that climbs out', 'return { edits: [{ kind: "delete", path: "../x" }] }', 'not a relative path'],
  [
    'an absolute path',
    'return { edits: [{ kind: "create", path: "/etc/passwd", content: "" }] }',
    'not a relative path',
  ],
  ['half a character', 'return { edits: [{ kind: "create", path: "a", content: "\\ud800" }] }', 'surrogate'],
  ['another kind of edit', 'return { edits: [{ kind: "run", argv: ["ls"] }] }', 'edits.0.kind'],
  [
    'too many edits',
    'return { edits: Array.from({ length: 5001 }, () => ({ kind: "delete", path: "a" })) }',
    'more than 5000',
  ],
  ['too long a file', 'return { edits: [{ kind: "create", path: "a", content: "x".repeat(5e6) }] }', 'edits.0.content'],
  ['an endless answer', 'return { edits: "x".repeat(2e7) }', 'too long'],
])('%s is a refusal in words', async (_, body, words) => {
  expect(await plan(body)).toEqual({ ok: false, refusal: expect.stringContaining(words) })
})

test.each(
  'process require module exports __dirname global console fetch setTimeout setInterval queueMicrotask structuredClone Date performance Atomics SharedArrayBuffer ArrayBuffer Uint8Array DataView WebAssembly Worker Deno Bun Proxy Reflect WeakRef WeakMap FinalizationRegistry eval Function crypto Intl navigator std os scriptArgs print gc'.split(
    ' ',
  ),
)('there is no %s', async (name) => {
  expect(await said(`typeof ${name} + typeof globalThis[${JSON.stringify(name)}]`)).toMatchObject({
    value: { because: 'undefinedundefined' },
  })
})

test.each(['Math.random', 'import.meta.url', 'globalThis.globalThis.process', '(function () { return this })()'])(
  '%s is undefined',
  async (expression) => {
    expect(await said(expression)).toMatchObject({ value: { because: 'undefined' } })
  },
)

test.each([
  '(() => {}).constructor("return 1")()',
  '(async () => {}).constructor("return 1")()',
  '(function* () {}).constructor("return 1")()',
  '(async function* () {}).constructor("return 1")()',
  'Object.getPrototypeOf(Object).constructor("return 1")()',
  '[].map.constructor("return 1")()',
])('no code is made from text by %s', async (expression) => {
  expect(await said(expression)).toEqual({ ok: false, refusal: 'a module cannot make code from text' })
})

test.each(['import fs from "node:fs"', 'import "./other.js"', 'import { x } from "https://example.org/x.js"'])(
  'nothing is imported by %s',
  async (line) => {
    expect(await plan('return { edits: [] }', line)).toEqual({
      ok: false,
      refusal: expect.stringContaining('could not load module'),
    })
  },
)

test('a dynamic import never gives a module', async () => {
  expect(await plan('return import("node:fs")')).toEqual({ ok: false, refusal: expect.stringContaining('a promise') })
})

test('what a module does to its built-ins changes only its own answer', async () => {
  const spoilt = `
    Object.prototype.polluted = 'yes'
    Array.prototype.map = () => ['spoilt']
    JSON.parse = () => ({ spoilt: true }); JSON.stringify = () => '{"value":{"edits":"spoilt"}}'
    String.prototype.toJSON = () => 'spoilt'
    globalThis.JSON = 0`
  const sly = '({ edits: [], ["__proto__"]: { polluted: "yes" }, constructor: { prototype: { polluted: "yes" } } })'
  expect(await plan(`return ${sly}`, spoilt)).toMatchObject({ ok: false })
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
  expect(await said('typeof {}.polluted + [1].map(String) + JSON.stringify(input)')).toMatchObject({
    value: { because: `undefined1${JSON.stringify(NOTHING)}` },
  })
})

test('a module that changes how its own fault is written is refused', async () => {
  const spoiled = 'Object.prototype.toJSON = () => 5'
  expect(await plan('throw 1', spoiled)).toEqual({ ok: false, refusal: 'it changed how answers are written' })
  expect(await modules.describe(spoiled)).toEqual({ ok: false, refusal: 'it changed how answers are written' })
})

test('nothing is left from one call to the next', async () => {
  const counting = planning(
    'globalThis.count = (globalThis.count ?? 0) + 1; return { refused: { because: String(count), next: "n" } }',
  )
  expect(await modules.plan(counting, NOTHING)).toMatchObject({ value: { because: '1' } })
  expect(await modules.plan(counting, NOTHING)).toMatchObject({ value: { because: '1' } })
})

test.each([
  ['export const recipe = {}', 'no function plan'],
  ['export function plan() {}', 'no recipe'],
  ['export const recipe = () => 1; export function plan() {}', 'no plain data'],
  ['export const recipe = {}; await new Promise(() => {}); export function plan() {}', 'no function plan'],
  ['export const recipe = {', 'property name'],
  ['throw new Error("at the top")', 'at the top'],
  ['for (;;);', 'budget of instructions'],
  ['', 'no function plan'],
])('a module that is %j is described by what is wrong with it', async (source, words) => {
  expect(await modules.describe(source)).toEqual({ ok: false, refusal: expect.stringContaining(words) })
})

test('a fault is one short line without anything hidden in it', async () => {
  const long = await plan(String.raw`throw new Error("a\u202eb\u0000c\n<b>@everyone" + "x".repeat(5000))`)
  expect(long).toMatchObject({ ok: false })
  const text = long.ok ? '' : long.refusal
  expect(text).toMatch(/^a b c <b>@everyonex+$/)
  expect(text.length).toBeLessThanOrEqual(400)
})

test.each([
  ['(', ')'],
  ['[', ']'],
  ['`${', '}`'],
  ['x=>', ''],
  ['!', ''],
])('a source that nests %s%s deep overflows the module’s own stack, not the host’s', async (open, close) => {
  const deep = Math.floor(60_000 / (open.length + close.length))
  const nested = `export const recipe = ${open.repeat(deep)}1${close.repeat(deep)}; export function plan() {}`
  expect(await modules.describe(nested)).toEqual({ ok: false, refusal: 'stack overflow' })
})

test('the clock ends what the budget does not, and says nothing about the module', async () => {
  const patient = recipeModules({
    describe: { interrupts: 200, wallMs: 30_000 },
    plan: { interrupts: 1e9, wallMs: 300 },
  })
  const stuck = patient.plan(planning('for (;;);'), NOTHING)
  await expect(stuck).rejects.toThrow('it did not end within 0.3 seconds')
  await expect(stuck).rejects.toThrow(ModuleUnfinished)
  expect(await patient.describe('export const recipe = { a: 1 }; export function plan() {}')).toEqual({
    ok: true,
    value: { a: 1 },
  })
})
