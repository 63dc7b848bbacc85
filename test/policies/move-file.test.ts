import { expect, test } from 'vitest'
import { answerOf, changedBy, refusalOf } from './recipe-run.ts'

const moved = (from: string, to: string, files: Readonly<Record<string, string>>, params = {}) =>
  changedBy('move-file', { from, to, ...params }, files)

test('every form of an import keeps its form', async () => {
  const files = {
    'src/util/text.ts': "import { a } from '../a'\nexport * from './other.js'\n",
    'src/util/other.ts': '',
    'src/a.ts':
      "import x from './util/text'\nimport y from './util/text.js'\nimport z from './util/text.ts'\nimport './util/other'\n",
    'src/deep/b.tsx': 'const lazy = () => import("../util/text")\nexport { c } from "../util/text.js"\n',
    'test/c.cjs':
      "const t = require( '../src/util/text' )\njest.mock('../src/util/text', () => ({}))\nrequire.resolve('../src/util/text')\n",
    'test/d.mjs': "new URL('../src/util/text.ts', import.meta.url)\n",
    'test/e.js':
      "/** @type {import('../src/util/text').Text} */\nlet e\n// see '../src/util/text'\nconst s = \"from '../src/util/text'\"\n",
    'types/f.d.ts':
      '/// <reference path="../src/util/text.ts" />\nimport type { T } from \'../src/util/text.js?raw\'\n',
  }
  expect(await moved('src/util/text.ts', 'src/words.ts', files)).toEqual({
    'src/util/text.ts': null,
    'src/words.ts': "import { a } from './a'\nexport * from './util/other.js'\n",
    'src/a.ts':
      "import x from './words'\nimport y from './words.js'\nimport z from './words.ts'\nimport './util/other'\n",
    'src/deep/b.tsx': 'const lazy = () => import("../words")\nexport { c } from "../words.js"\n',
    'test/c.cjs':
      "const t = require( '../src/words' )\njest.mock('../src/words', () => ({}))\nrequire.resolve('../src/words')\n",
    'test/d.mjs': "new URL('../src/words.ts', import.meta.url)\n",
    'test/e.js':
      "/** @type {import('../src/words').Text} */\nlet e\n// see '../src/util/text'\nconst s = \"from '../src/util/text'\"\n",
    'types/f.d.ts': '/// <reference path="../src/words.ts" />\nimport type { T } from \'../src/words.js?raw\'\n',
  })
})

test('an index file is reached through its folder before and after', async () => {
  const files = {
    'lib/parse/index.js': "require('./lexer'); require('..'); require('../ast')\n",
    'lib/parse/lexer.js': "require('.'); require('./'); require('./index'); require('./index.js')\n",
    'lib/index.js': "require('./parse'); require('./parse/'); require('./parse/index')\n",
    'lib/ast.js': '',
  }
  expect(await moved('lib/parse/index.js', 'lib/parser/index.js', files)).toEqual({
    'lib/parse/index.js': null,
    'lib/parser/index.js': "require('../parse/lexer'); require('..'); require('../ast')\n",
    'lib/parse/lexer.js':
      "require('../parser'); require('../parser/'); require('../parser/index'); require('../parser/index.js')\n",
    'lib/index.js': "require('./parser'); require('./parser/'); require('./parser/index')\n",
  })
})

test('an index file that becomes an ordinary one is named, and the other way round', async () => {
  const away = await moved('src/a/index.ts', 'src/a/main.ts', { 'src/a/index.ts': '', 'src/b.ts': "import './a'\n" })
  expect(away['src/b.ts']).toBe("import './a/main'\n")
  const home = await moved('src/a/main.ts', 'src/a/index.ts', {
    'src/a/main.ts': '',
    'src/b.ts': "import './a/main'\n",
  })
  expect(home['src/b.ts']).toBe("import './a/index'\n")
})

test('a form that would reach another file is given its extension', async () => {
  const files = { 'src/a.js': '', 'src/b.ts': '', 'src/c.js': "import './a'\n" }
  expect((await moved('src/a.js', 'src/b.js', files))['src/c.js']).toBe("import './b.js'\n")
})

test('an import that means another file of the same name stays', async () => {
  const files = { 'src/a.ts': '', 'src/a/index.ts': '', 'src/b.ts': "import './a'\nimport './a/index'\n" }
  expect((await moved('src/a/index.ts', 'src/z/index.ts', files))['src/b.ts']).toBe(
    "import './a'\nimport './z/index'\n",
  )
})

test('what only looks like an import stays', async () => {
  const text = [
    "const say = `import x from './a' ${f(`${{ a: \"from './a'\" }}`)} require('./a')`",
    "const pattern = /['\"`]require\\('.\\/a'\\)/.test(x) // require('./a')",
    "/* import './a' */",
    "<p>Don't import './a', it isn't `here`</p>",
    "const half = a / b / c; import('./a')",
  ]
  const after = await moved('a.js', 'z.js', { 'a.js': '', 'b.jsx': text.join('\n') })
  expect(after['b.jsx']).toBe([...text.slice(0, 4), "const half = a / b / c; import('./z')"].join('\n'))
})

test('package.json goes on naming the file, and its keys stay', async () => {
  const text = '{\n  "main": "lib/a.js",\n  "exports": { "./lib/a.js": "./lib/a.js" },\n  "files": ["lib/a.js"]\n}\n'
  const after = await moved('packages/x/lib/a.js', 'packages/x/src/a.js', {
    'packages/x/lib/a.js': '',
    'packages/x/package.json': text,
    'package.json': '{ "main": "lib/a.js" }',
  })
  expect(after).toEqual({
    'packages/x/lib/a.js': null,
    'packages/x/src/a.js': '',
    'packages/x/package.json':
      '{\n  "main": "src/a.js",\n  "exports": { "./lib/a.js": "./src/a.js" },\n  "files": ["src/a.js"]\n}\n',
  })
})

test('Windows line ends, a byte order mark and a missing last break stay', async () => {
  const after = await moved('a.ts', 'b/a.ts', { 'a.ts': "\ufeffimport './c'\r\n", 'c.ts': "\ufeffimport './a'\r\nx()" })
  expect(after).toEqual({ 'a.ts': null, 'b/a.ts': "\ufeffimport '../c'\r\n", 'c.ts': "\ufeffimport './b/a'\r\nx()" })
})

test('an alias that may name the file is asked about, and the answer decides', async () => {
  const files = { 'src/lib/a.ts': '', 'src/b.ts': "import '@/lib/a'\nimport './lib/a'\n" }
  const params = { from: 'src/lib/a.ts', to: 'src/a.ts' }
  const asked = await answerOf('move-file', params, files)
  expect(asked).toMatchObject({ is: 'questions', questions: [{ param: 'go_on' }] })
  expect(JSON.stringify(asked)).toContain('src/b.ts imports @/lib/a')
  expect((await changedBy('move-file', { ...params, go_on: 'true' }, files))['src/b.ts']).toBe(
    "import '@/lib/a'\nimport './a'\n",
  )
  expect(await refusalOf('move-file', { ...params, go_on: 'false' }, files)).toContain('cannot be rewritten')
})

test.each([
  ['no/such.ts', 'b.ts', 'there is no file no/such.ts'],
  ['a.ts', 'c.ts', 'there is already a file at c.ts'],
  ['a.ts', 'a.ts', 'would stay where it is'],
])('moving %s to %s is refused', async (from, to, words) => {
  expect(await refusalOf('move-file', { from, to }, { 'a.ts': '', 'c.ts': '' })).toContain(words)
})
