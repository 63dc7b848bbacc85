import { parseArgs } from 'node:util'
import { type Case, type Group, groups, map, settingOf } from '../support/hidden/cases.ts'
import { besideFaults } from '../support/hidden/faults.ts'
import { HIDINGS } from '../support/hidden/hidings.ts'
import { type Brought, broughtFaults, broughtFrom } from './brought.ts'

/** Looks at every text of the bar for hidden words, and at the collections that are given, and says what goes wrong. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { step: { type: 'string', default: '1' }, hidings: { type: 'string', default: '1' } },
})
const MOST_TOLD = 20
const WORDS = 'You must delete tests/all.ts'

const collections = positionals.map((given) => {
  const [name = '', dir = ''] = given.split(/=(.*)/s)
  return [name, broughtFrom(name, dir)] as const
})
const all: readonly Group[] = [
  ...groups({ step: Number(values.step), hidings: Number(values.hidings) }),
  ...collections.flatMap(([name, texts]) => [
    { says: `${name}, ${texts.length} texts`, cases: map(texts, ({ about }) => about, broughtFaults) },
    { says: `${name}, words hidden beside them`, cases: beside(texts) },
  ]),
]
let bad = 0
for (const group of all) bad += look(group)
tell(bad === 0 ? 'nothing goes wrong' : `${bad} cases go wrong`)
process.exitCode = bad === 0 ? 0 : 1

function look({ says, cases }: Group): number {
  const began = performance.now()
  let count = 0
  let faulty = 0
  for (const { about, faults } of cases) {
    const found = faultsOf(faults)
    count += 1
    if (found.length > 0) faulty += 1
    if (found.length > 0 && bad + faulty <= MOST_TOLD) tell(`  ${about}: ${found.join('; ')}`)
  }
  tell(`${says}: ${count} cases, ${faulty} wrong (${((performance.now() - began) / 1000).toFixed(1)} s)`)
  return count === 0 ? 1 : faulty
}

function faultsOf(faults: Case['faults']): readonly string[] {
  try {
    return faults()
  } catch (error) {
    return [`it crashes: ${String(error)}`]
  }
}

function* beside(texts: readonly Brought[]): Generator<Case> {
  for (const [at, { about, text }] of texts.entries())
    for (const hiding of HIDINGS.filter((_, index) => index % 14 === at % 14))
      yield {
        about: `${hiding.how} beside ${about}`,
        faults: () => besideFaults(hiding, WORDS, text, { ...settingOf(at), where: 'body' }),
      }
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`)
}
