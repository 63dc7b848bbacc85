import { collectMemory } from '../../app/planning/collect-memory.ts'
import { hashOf } from '../../domain/hash.ts'
import { excerptText } from '../../domain/memory/excerpts.ts'
import { MEMORY_TOKENS } from '../../domain/packs/memory.ts'
import type { MemoryPack } from '../../domain/packs/memory-pack.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import { type CliCommand, done, type Given, needed, noWords, stopped, text, WrongUsage } from './command.ts'
import { nowFrom } from './read-input.ts'

export const memoryPack: CliCommand = {
  usage: 'agentos memory pack --repo DIR [--for TEXT] [--budget TOKENS] [--now T]',
  summary: 'Show what is known about a clone at its HEAD, each item with its source, and the files that a text needs.',
  exits: [0, 2, 3],
  options: { repo: text, for: text, budget: text, now: text },
  async run(given) {
    noWords(given)
    const need = {
      text: given.flags.get('for') ?? '',
      intent: null,
      at: nowFrom(given) ?? new Date().toISOString(),
      budget: budgetFrom(given),
    }
    const { openGoverned } = await import('../local/governed-clone.ts')
    const clone = await openGoverned(needed(given, 'repo'))
    if (!clone.ok) return stopped(clone.refusal)
    const { repository, base } = clone.value
    const pack = await collectMemory(repository, base, { need, earlier: [] })
    const blobs = await repository.blobs([...new Set(pack.map.excerpts.map(({ blob }) => blob))])
    const excerpts = pack.map.excerpts.map(({ path, blob, lines }) => {
      const bytes = blobs.get(blob)
      return { path, text: excerptText((bytes === undefined ? undefined : fromUtf8(bytes)) ?? '', lines) }
    })
    const hash = hashOf(pack)
    return done({ hash, pack, excerpts }, toPeople(hash, pack))
  },
}

const MOST_TOKENS = 1_000_000

function budgetFrom(given: Given): number {
  const value = given.flags.get('budget') ?? String(MEMORY_TOKENS)
  const budget = Number(value)
  if (/^\d{1,7}$/.test(value) && budget <= MOST_TOKENS) return budget
  throw new WrongUsage(`--budget is a number of tokens, at most ${MOST_TOKENS}`)
}

function toPeople(hash: string, pack: MemoryPack): string {
  const { base, languages, map, items, leftOut, tests, testCommand } = pack
  return [
    `MemoryPack ${hash} of ${base.sha}: ${base.files} files, ${map.read} read`,
    `languages: ${languages.map(({ name, files }) => `${name} ${files}`).join(', ') || 'none'}`,
    `package manager: ${pack.packageManager ?? 'none'}; tests: ${testCommand?.join(' ') ?? 'no command'}, ${tests.files} files`,
    '',
    ...items.map(({ type, name, scope, confidence }) => `${type}  ${name}  ${scope.join(', ')}  ${confidence} %`),
    ...leftOut.map(({ name, because }) => `left out: ${name}, because ${because}`),
    '',
    `map: ${map.tokens} of ${map.budget} tokens`,
    ...map.files
      .slice(0, 40)
      .map(({ path, symbols }) => `  ${path}  ${symbols.map(({ name }) => name).join(' ')}`.trimEnd()),
    'excerpts:',
    ...map.excerpts.map(({ path, lines }) => `  ${path}:${lines.map(({ from, to }) => `${from}-${to}`).join(',')}`),
  ].join('\n')
}
