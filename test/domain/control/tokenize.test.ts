import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenize } from '../../../src/domain/control/tokenize.ts'

describe('the tokenizer', () => {
  it.each([
    ['npm test', ['npm', 'test']],
    ['  npm \t run  lint ', ['npm', 'run', 'lint']],
    [`grep -rn 'a b' src`, ['grep', '-rn', 'a b', 'src']],
    [`echo "it's" 'say "hi"'`, ['echo', "it's", 'say "hi"']],
    ['echo a\\ b \\$HOME', ['echo', 'a b', '$HOME']],
    ['echo "\\"\\$x\\` \\n \\\\"', ['echo', '"$x` \\n \\']],
    ['echo \'\' ""', ['echo', '', '']],
    ['echo \'a\'"b"c', ['echo', 'abc']],
    ['echo --x=y a=b', ['echo', '--x=y', 'a=b']],
    ['grüße 日本', ['grüße', '日本']],
    ["'if' x", ['if', 'x']],
  ])('reads %j', (text, words) => {
    expect(tokenize(text)).toEqual({ ok: true, value: words })
  })

  it.each([
    '',
    '   ',
    'a; b',
    'a && b',
    'a | b',
    'a & b',
    'a > b',
    'a < b',
    'a 2>&1',
    '$(id)',
    '`id`',
    'echo $HOME',
    'echo ${x}',
    'echo "$x"',
    'echo "`id`"',
    'echo *',
    'echo ?',
    'echo [a]',
    'echo {a,b}',
    'echo ~',
    'echo !x',
    '! true',
    '(id)',
    'a\nb',
    'a\rb',
    'a\0b',
    "echo 'a",
    'echo "a',
    'echo a\\',
    '# x',
    'ls # x',
    'A=x cmd',
    'A+=x',
    'A="x y" cmd',
    "$'a'",
    '$"a"',
    'time ls',
    'coproc ls',
    'if',
    'while true',
    'function f',
    '[[ a ]]',
    '{ ls',
    '%1',
    'a\u00a0b',
    'a\u3000b',
    'a\u2028b',
    'a\u200bb',
    'a\u202eb',
    '\ud800',
    'a\\\nb',
    'x'.repeat(32_769),
  ])('refuses %j', (text) => {
    expect(tokenize(text).ok).toBe(false)
  })

  it('reads every text that it accepts into the very words that bash reads', () => {
    const piece = fc.constantFrom(
      ...Array.from(` \t'"\\$\`*?[]{}()<>|&;!~#=%+,.:/@^-_aZ09é日🙂`),
      "'a b'",
      '"a b"',
      '\\ ',
      '--x=',
      "''",
      '""',
      '\\"',
      '\\\\',
      '\\$',
      'if',
      'A=',
    )
    const texts = fc
      .sample(fc.array(piece, { minLength: 1, maxLength: 8 }), { numRuns: 40_000, seed: 7 })
      .map((pieces) => pieces.join(''))
    const accepted = texts.flatMap((text) => {
      const words = tokenize(text)
      return words.ok ? [{ text, words: words.value }] : []
    })
    expect(accepted.length).toBeGreaterThan(2000)
    expect(wordsOfBash(accepted.map(({ text }) => text))).toEqual(accepted.map(({ words }) => words))
  })
})

/** Bash without any program to call, in an empty directory, prints the words that it reads. */
function wordsOfBash(texts: readonly string[]): readonly (readonly string[])[] {
  const script = `while IFS= read -r -d '' s; do eval "set -- $s"; printf '%s\\0' "$#" "$@"; done`
  const run = spawnSync('/bin/bash', ['--noprofile', '--norc', '-c', script], {
    cwd: mkdtempSync(join(tmpdir(), 'agentos-words-')),
    env: { PATH: '', LC_ALL: 'C.UTF-8' },
    input: texts.map((text) => `${text}\0`).join(''),
    maxBuffer: 64_000_000,
  })
  const fields = run.stdout.toString().split('\0')
  const words: string[][] = []
  for (let at = 0; at < fields.length - 1; at += 1 + Number(fields[at])) {
    words.push(fields.slice(at + 1, at + 1 + Number(fields[at])))
  }
  return words
}
