import { expect, it } from 'vitest'
import { splitScript } from '../../../src/domain/suggest/split-script.ts'

it.each([
  ['a && b; c || d', ['a', 'b', 'c', 'd']],
  ['a \'b && c\' "d; e"', ['a \'b && c\' "d; e"']],
  ['a \\\n  b\nc', ['a   b', 'c']],
  ['a # b; c\nd', ['a', 'd']],
  ['a b#c', ['a b#c']],
  ["cat <<'END'\nrm x\nEND\nb", ["cat <<'END'", 'b']],
  ['a | b > c', ['a | b > c']],
  ['a\r\nb', ['a', 'b']],
  ["a 'b", ["a 'b"]],
])('splits %j where a shell does', (script, pieces) => {
  expect(splitScript(script).map(({ text }) => text)).toEqual(pieces)
})
