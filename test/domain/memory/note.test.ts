import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { NOTE_TYPES, parseNote, renderNote } from '../../../src/domain/memory/note.ts'

const head = (...lines: readonly string[]) => `---\n${lines.join('\n')}\n---\nUse tabs.\n`

test('a note without a head is a convention of the whole repository', () => {
  expect(parseNote('Use tabs.\n')).toEqual({
    ok: true,
    value: { type: 'convention', scope: ['**'], confidence: 80, expires: null, text: 'Use tabs.\n' },
  })
})

test('a head says type, scope, confidence and expiry', () => {
  const note = parseNote(head('type: known_issue', 'scope: src/**, *.js', 'confidence: 55%', 'expires: 2027-02-01'))
  expect(note).toMatchObject({
    ok: true,
    value: { type: 'known_issue', scope: ['src/**', '*.js'], confidence: 55, expires: '2027-02-01T00:00:00.000Z' },
  })
})

test.each([
  [head('type: fact'), /its type takes one of decision, .*: type: fact$/],
  [head('kind: decision'), /not understood: kind/],
  [head('confidence: 101'), /takes a number from 0 to 100/],
  [head('confidence: high'), /takes a number/],
  [head('expires: 2027-02-30'), /takes `never` or a day/],
  [head('expires: soon'), /takes `never` or a day/],
  [head('scope:'), /takes at most 20 globs/],
  [head('type: decision', 'type: decision'), /twice/],
  [head('just words'), /not understood/],
  ['---\ntype: decision\nno end', /no second line/],
  ['---\ntype: decision\n---\n \n', /says nothing/],
  ['', /says nothing/],
])('a note that is wrong is refused with what is wrong (%#)', (text, because) => {
  expect(parseNote(text)).toEqual({ ok: false, refusal: expect.stringMatching(because) })
})

test('a note that was written out reads back the same', () => {
  const note = fc.record({
    type: fc.constantFrom(...NOTE_TYPES),
    scope: fc.array(fc.stringMatching(/^[a-z*/.]{1,20}$/), { minLength: 1, maxLength: 5 }),
    confidence: fc.integer({ min: 0, max: 100 }),
    expires: fc.constantFrom(null, '2027-01-31T12:00:00.000Z'),
    text: fc.stringMatching(/^[a-z]([a-z \n-]{0,80}[a-z])?$/).map((text) => `${text}\n`),
  })
  fc.assert(
    fc.property(note, (one) => {
      expect(parseNote(renderNote(one))).toEqual({ ok: true, value: one })
    }),
  )
})
