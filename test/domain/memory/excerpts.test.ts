import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { chooseExcerpts } from '../../../src/domain/memory/choose-excerpts.ts'
import { excerptOf, excerptText } from '../../../src/domain/memory/excerpts.ts'
import { mapFiles } from '../../../src/domain/memory/map-files.ts'
import { toTokens } from '../../../src/domain/memory/tokens.ts'
import { wordsIn } from '../../../src/domain/memory/words.ts'

const long = Array.from({ length: 400 }, (_, i) =>
  i === 300 ? 'function bakeCookie() {}' : `const line${i} = ${i}`,
).join('\n')

test('a file that fits is taken whole', () => {
  expect(excerptOf('a\nb\n', new Set(), 100).lines).toEqual([{ from: 1, to: 3 }])
})

test('of a file that does not fit, the lines are taken that share words with what is wanted', () => {
  const { lines } = excerptOf(long, new Set(wordsIn('bake cookies')), 200)
  expect(excerptText(long, lines)).toContain('bakeCookie')
  expect(lines.every(({ from, to }) => from > 250 && to < 350)).toBe(true)
})

test('an excerpt says where lines were left out', () => {
  expect(
    excerptText('a\nb\nc\nd', [
      { from: 1, to: 1 },
      { from: 4, to: 4 },
    ]),
  ).toBe('a\n[…]\nd')
})

const texts = fc.array(fc.string({ maxLength: 120 }), { maxLength: 300 }).map((lines) => lines.join('\n'))

test('an excerpt never costs more than it may, and is made of lines that are there', () => {
  fc.assert(
    fc.property(texts, fc.nat(2000), fc.lorem(), (text, budget, wanted) => {
      const { lines, tokens } = excerptOf(text, new Set(wordsIn(wanted)), budget)
      const count = text.split('\n').length
      expect(tokens).toBeLessThanOrEqual(budget)
      expect(lines.every(({ from, to }) => from >= 1 && from <= to && to <= count)).toBe(true)
      const taken = lines.map(({ from, to }) =>
        text
          .split('\n')
          .slice(from - 1, to)
          .join('\n'),
      )
      expect(taken.reduce((sum, part) => sum + toTokens(part), 0)).toBeLessThanOrEqual(budget + lines.length)
    }),
  )
})

const files = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{1,8})?\.(js|py|md)$/), texts, { maxKeys: 12 })

test('map and excerpts together never cost more than the budget, and are the same in any order of files', () => {
  fc.assert(
    fc.property(files, fc.nat(6000), fc.lorem({ maxCount: 20 }), (made, budget, text) => {
      const all = Object.entries(made)
      const entries = all.map(([path, { length }]) => ({ path, mode: '100644', blob: 'a'.repeat(40), size: length }))
      const map = mapFiles({ entries, text, budget, read: new Map(all) })
      const said = map.files.map(({ path, symbols }) => [path, ...symbols.map(({ name }) => name)].join('\n'))
      expect(map.tokens).toBeLessThanOrEqual(budget)
      expect(said.reduce((sum, one) => sum + toTokens(one), 0)).toBeLessThanOrEqual(budget)
      expect(mapFiles({ entries: entries.toReversed(), text, budget, read: new Map(all.toReversed()) })).toEqual(map)
    }),
  )
})

test('files that were not read, or have nothing to do with the text, are not shown', () => {
  const ranked = [
    { path: 'a.js', score: 9 },
    { path: 'b.js', score: 5 },
    { path: 'c.js', score: 0 },
  ]
  const read = (path: string) => (path === 'a.js' ? undefined : 'x\n')
  expect(chooseExcerpts({ text: 'x', ranked, read, budget: 1000 }).map(({ path }) => path)).toEqual(['b.js'])
})
