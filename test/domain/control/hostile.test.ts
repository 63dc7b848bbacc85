import { describe, expect, it } from 'vitest'
import { judgeCommand } from '../../../src/domain/control/allowlist.ts'
import { CommandRule } from '../../../src/domain/control/command-rule.ts'
import type { Escape } from '../../../src/domain/control/escapes/escape.ts'
import { EVIL_PLACES, evilEscapes, knownEscapes } from '../../../src/domain/control/escapes/index.ts'
import { lintCommands } from '../../../src/domain/control/lint-commands.ts'
import { HARMLESS } from './hostile/harmless.ts'
import { mutantsOf, surroundingsOf } from './hostile/mutants.ts'
import { openRange } from './hostile/prove.ts'
import { facts, loaded } from './shipped.ts'

const { policy } = loaded()
const originals = evilEscapes()
const passes = (request: Parameters<typeof judgeCommand>[0]) => judgeCommand(request, policy, facts).decision !== 'deny'

/** One escape of each family. */
const families = [...new Map(knownEscapes(EVIL_PLACES).map((one) => [`${one.argv[0]} ${one.because}`, one])).values()]

/** What people write who think of a program's name and of nothing else. */
function naive({ argv: [program = '', ...words] }: Escape) {
  return CommandRule.safeParse({
    id: 'naive',
    decision: 'allow',
    runs: 'repository-code',
    program,
    flags: words.filter((word) => word.startsWith('-')),
    operands: [{ word: { is: 'text' }, times: 'any' }],
  })
}

describe('commands that are known to escape', () => {
  it('are thousands, of hundreds of programs', () => {
    expect(originals.length).toBeGreaterThan(1150)
    expect(new Set(originals.map(({ argv }) => argv[0])).size).toBeGreaterThan(200)
  })

  it('are all denied by the shipped policy, in every tenth way of writing every tenth of them', () => {
    expect(originals.filter(({ argv }) => passes({ argv, env: {}, cwd: '.' }))).toEqual([])
    const mutants = originals.filter((_, i) => i % 10 === 0).flatMap(({ argv }) => mutantsOf(argv))
    const sample = mutants.filter((_, i) => i % 3 === 0)
    expect(sample.length).toBeGreaterThan(20_000)
    expect(sample.filter((one) => !HARMLESS.has(one.argv.join(' ')) && passes(one))).toEqual([])
  })

  it('are made of allowed commands by no variable and no folder', () => {
    for (const argv of [['ls'], ['npm', 'test'], ['git', 'log'], ['make', 'test']]) {
      expect(passes({ argv, env: {}, cwd: '.' })).toBe(true)
      expect(surroundingsOf(argv).filter(passes)).toEqual([])
    }
  })

  it.each([
    ['git', '-c'],
    ['git', '--output'],
    ['tar', '-I'],
    ['tar', '--to-command'],
    ['find', '-exec'],
    ['sed', '1e'],
    ['sort', '-o'],
    ['awk', 'BEGIN{'],
    ['env', ''],
    ['xargs', ''],
    ['node', '-r'],
  ])('really do escape where nothing judges %s %s', (program, start) => {
    const range = openRange()
    try {
      const like = range.escapes.filter(
        ({ argv }) => argv[0] === program && argv.some((word) => word.startsWith(start)),
      )
      expect(like.slice(0, 12).some((escape) => range.prove(escape) !== null)).toBe(true)
    } finally {
      range.close()
    }
  })

  it('are admitted by no rule of the shipped policy, as lint sees it', () => {
    expect(lintCommands(policy)).toEqual([])
  })

  it('make lint warn of a rule for the mere program, or cannot be listed at all', () => {
    const rules = families.flatMap((family) => {
      const rule = naive(family)
      return rule.success ? [{ family, rule: rule.data }] : []
    })
    expect(rules.length).toBeGreaterThan(240)
    const silent = rules.filter(({ rule }) => lintCommands({ ...policy, commands: [rule] }).length === 0)
    expect(silent.map(({ family }) => family.argv.join(' '))).toEqual([])
    const unlisted = families.filter((family) => !naive(family).success).map(({ argv }) => argv[0])
    expect(unlisted).toEqual(expect.arrayContaining(['xargs', 'env', 'timeout', 'bash', 'npx', 'awk', 'ssh']))
  })

  it('make lint warn of free words for a program that nobody knows', () => {
    const rule = CommandRule.parse({
      id: 'own',
      decision: 'allow',
      runs: 'inspects',
      program: 'our-tool',
      operands: [{ word: { is: 'text' }, times: 'once' }],
    })
    expect(lintCommands({ ...policy, commands: [rule] })).toMatchObject([{ rule: 'own' }])
  })
})
