import { findProgram } from '../src/adapters/sandbox/toolchain.ts'
import { judgeCommand } from '../src/domain/control/allowlist.ts'
import { EVIL_PLACES, evilEscapes, knownEscapes } from '../src/domain/control/escapes/index.ts'
import { HARMLESS } from '../test/domain/control/hostile/harmless.ts'
import { mutantsOf } from '../test/domain/control/hostile/mutants.ts'
import { openRange } from '../test/domain/control/hostile/prove.ts'
import { facts, loaded } from '../test/domain/control/shipped.ts'

/**
 * `npm run test:argv`: every known escape and every mutant of it under the shipped policy, and how many of them really do
 * escape on this machine when nothing judges them. `-- --prove N` runs every Nth (default 10); 0 leaves it out.
 */
const { policy } = loaded()
const began = performance.now()
const originals = evilEscapes()
const passed = [
  ...originals.map(({ argv }) => ({ how: 'original', argv, env: {}, cwd: '.' })),
  ...knownEscapes(EVIL_PLACES).flatMap(({ argv }) => mutantsOf(argv)),
]
const allowed = passed.filter((request) => judgeCommand(request, policy, facts).decision !== 'deny')
const escapes = allowed.filter(({ argv }) => !HARMLESS.has(argv.join(' ')))
const programs = new Set(originals.map(({ argv }) => argv[0])).size
console.log(`${originals.length} originals of ${programs} programs, ${passed.length - originals.length} mutants`)
console.log(`${allowed.length - escapes.length} allowed that do no harm, ${escapes.length} escapes passed`)
console.log(`judged in ${((performance.now() - began) / 1000).toFixed(1)} s`)
for (const { how, argv } of escapes.slice(0, 50)) console.log(`PASSED (${how}): ${JSON.stringify(argv)}`)

const at = process.argv.indexOf('--prove')
const step = at < 0 ? 10 : Number(process.argv[at + 1] ?? 'NaN')
if (step > 0) prove(step)
process.exitCode = escapes.length === 0 ? 0 : 1

/** Package managers take seconds to start, so they are left out. */
function prove(every: number): void {
  const range = openRange()
  const folders = (process.env['PATH'] ?? '').split(':')
  const isHere = new Map<string, boolean>()
  const here = range.escapes.filter(({ argv: [program = ''] }) => {
    if (!isHere.has(program))
      isHere.set(program, findProgram(program, folders) !== null && !/^(?:np[mx]|pnpm|yarn|corepack)$/.test(program))
    return isHere.get(program) === true
  })
  const counts = new Map<string, number>()
  const proven = new Set<string>()
  const tried = here.filter((_, i) => i % every === 0)
  for (const escape of tried) {
    const proof = range.prove(escape)
    if (proof === null) continue
    counts.set(proof, (counts.get(proof) ?? 0) + 1)
    proven.add(escape.argv[0] ?? '')
  }
  range.close()
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  console.log(`${tried.length} of ${here.length} for programs of this machine run without the gate, ${total} escaped:`)
  for (const [proof, count] of counts) console.log(`  ${proof}: ${count}`)
  console.log(`  by ${proven.size} programs: ${[...proven].sort().join(' ')}`)
}
