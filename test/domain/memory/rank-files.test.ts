import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { analyseFile } from '../../../src/domain/memory/analyse-file.ts'
import { filesToRead } from '../../../src/domain/memory/choose-files.ts'
import { rankFiles } from '../../../src/domain/memory/rank-files.ts'
import { definitionsIn } from '../../../src/domain/memory/symbols.ts'
import { wordsIn } from '../../../src/domain/memory/words.ts'

const FILES: Readonly<Record<string, string>> = {
  'src/http/cookie-jar.js': 'export function parseCookie(text) {}\nexport class CookieJar {}\n',
  'src/http/request.js':
    "import { parseCookie } from './cookie-jar.js'\nexport function send() { return parseCookie('') }\n",
  'test/cookie-jar.test.js': "test('a jar', () => {})\n",
  'src/color.js': 'export const paint = 1\n',
  'docs/usage.md': '# Usage\nCall it.\n',
  'CHANGELOG.md': '# 1.0.0\nFirst release\n',
  'package.json': '{"name":"x"}\n',
  'package-lock.json': '{}\n',
}

function order(text: string, files = FILES): readonly string[] {
  const analyses = new Map(Object.entries(files).map(([path, content]) => [path, analyseFile(path, content)]))
  return rankFiles({ text, paths: Object.keys(files), analysis: (path) => analyses.get(path) })
    .filter(({ score }) => score > 0)
    .map(({ path }) => path)
}

describe('words', () => {
  test('take identifiers apart and share a stem', () => {
    expect(wordsIn('parseHTTPDate')).toEqual([...wordsIn('parse http date'), 'parsehttpdate'])
    expect(wordsIn('snake_case_name')).toEqual(expect.arrayContaining(['snake_case_name']))
    for (const [a, b] of [
      ['parsing', 'parser'],
      ['cookies', 'cookie'],
      ['routes', 'routing'],
      ['logging', 'logger'],
    ])
      expect(wordsIn(a ?? ''), `${a} ${b}`).toEqual(wordsIn(b ?? ''))
  })

  test('leave out what tells nothing', () => {
    expect(wordsIn('this is the and of a')).toEqual([])
  })
})

describe('the ranking of files for a text', () => {
  test('puts the file first whose path and names have the words, and its test before what merely uses it', () => {
    expect(order('Fix the cookie jar').slice(0, 2)).toEqual(['src/http/cookie-jar.js', 'test/cookie-jar.test.js'])
  })

  test('finds the file that defines a name', () => {
    expect(order('parseCookie throws')[0]).toBe('src/http/cookie-jar.js')
  })

  test('puts a file that is named first, whatever else is said', () => {
    expect(order('Fix the cookie jar like in src/color.js')[0]).toBe('src/color.js')
    expect(order('The cookie jar needs color.js')[0]).toBe('src/color.js')
  })

  test('a name inside a longer name names nothing', () => {
    expect(order('Fix the cookie jar, parseCookie, not mysrc/color.jsx')[0]).toBe('src/http/cookie-jar.js')
  })

  test('brings the lock file with the dependencies, and neither where nobody speaks of them', () => {
    expect(order('Bump dependencies').slice(0, 2).sort()).toEqual(['package-lock.json', 'package.json'])
    expect(order('Fix the cookie jar')).not.toContain('package-lock.json')
  })

  test('is the same whatever order the files come in', () => {
    const entries = Object.entries(FILES)
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), fc.lorem(), (shuffled, text) => {
        expect(order(text, Object.fromEntries(shuffled))).toEqual(order(text))
      }),
    )
  })

  test('takes any text and any path', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.uniqueArray(fc.string({ minLength: 1 })), (text, paths) => {
        const ranked = rankFiles({ text, paths, analysis: (path) => analyseFile(path, text) })
        expect(ranked.map(({ path }) => path).sort()).toEqual([...paths].sort())
        expect(ranked.every(({ score }) => Number.isSafeInteger(score) && score >= 0)).toBe(true)
      }),
    )
  })
})

describe('the files that are read to rank them', () => {
  const entry = (path: string, size = 100) => ({ path, mode: '100644', blob: 'a'.repeat(40), size })

  test('are bounded in number and in bytes, however large the repository is', () => {
    const many = Array.from({ length: 5000 }, (_, i) => entry(`src/part${i}.js`, 20_000))
    const chosen = filesToRead(many, 'part4999')
    expect(chosen.length).toBeLessThanOrEqual(400)
    expect(chosen.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(3_000_000)
    expect(chosen[0]?.path).toBe('src/part4999.js')
  })

  test('are no lock files, no generated files, no links, nothing large and nothing that is no text', () => {
    const link = { ...entry('a.js'), mode: '120000' }
    const refused = [entry('package-lock.json'), entry('x.min.js'), entry('a.png'), entry('b.js', 500_000), link]
    expect(filesToRead([...refused, entry('c.js')], 'x').map(({ path }) => path)).toEqual(['c.js'])
  })
})

describe('the names that a file defines', () => {
  test.each([
    [
      'a.ts',
      'export async function load() {}\nexport class Jar {\n  open(name: string): void {\n  }\n}\nconst x = 1',
      ['load', 'Jar', 'open', 'x'],
    ],
    ['a.py', 'class Jar:\n    def open(self):\n        pass\nLIMIT = 3\n', ['Jar', 'open', 'LIMIT']],
    ['a.go', 'type Jar struct {}\nfunc (j *Jar) Open() error {\nfunc New() *Jar {', ['Jar', 'Open', 'New']],
    [
      'a.rs',
      'pub struct Jar;\nimpl Jar {\n    pub(crate) async fn open() {}\n}\nmacro_rules! jar',
      ['Jar', 'open', 'jar'],
    ],
    ['A.java', 'public final class Jar {\n  public static Jar open(String name) {\n', ['Jar', 'open']],
    ['a.rb', 'module Jars\n  class Jar\n    def self.open?(name)\n', ['Jars', 'Jar', 'open?']],
    ['a.c', '#define LIMIT 3\nstruct jar {\nstatic int jar_open(const char *name) {', ['LIMIT', 'jar', 'jar_open']],
    ['a.sh', 'open_jar() {\n', ['open_jar']],
    ['a.json', '{"a": 1}', []],
  ])('in %s are found by light patterns', (path, text, names) => {
    expect(definitionsIn(path, text).map(({ name }) => name)).toEqual(names)
  })

  test('have the line where they are', () => {
    expect(definitionsIn('a.py', '\n\ndef late(): pass')).toEqual([{ name: 'late', line: 3 }])
  })

  test('are found in time in a file that is made to be slow', () => {
    const hostile = Array.from({ length: 500 }, () => `  public ${'a '.repeat(90)}(`).join('\n')
    const began = performance.now()
    for (const path of ['A.java', 'a.cc', 'a.ts', 'a.cs']) definitionsIn(path, hostile)
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})
