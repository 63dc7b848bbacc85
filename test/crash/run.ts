import { parseArgs } from 'node:util'
import { inHands, nameOf, pointsOf, spread, strike } from '../support/crash/points.ts'
import { makeTemplate, repeat } from '../support/crash/repetition.ts'

/**
 * The whole sweep: the golden run once for every request to GitHub and every commit, the server killed before and after it.
 * `--hands` repetitions at a time, `--sample` of the points, `--only` those whose name holds a text.
 */
const { values } = parseArgs({
  options: { hands: { type: 'string' }, sample: { type: 'string' }, only: { type: 'string' } },
})
const begun = Date.now()
const template = await makeTemplate()
const undisturbed = await repeat(template)
const all = pointsOf(undisturbed).filter((point) => nameOf(point).includes(values.only ?? ''))
const points = values.sample === undefined ? all : spread(all, Number(values.sample))
const tally = new Map<string, number>()
say(`${points.length} of ${all.length} points, an undisturbed run takes ${undisturbed.seconds.toFixed(1)} s`)

await inHands(points, Number(values.hands ?? '2'), async (point) => {
  const struck = await strike(template, undisturbed.ending, point)
  tally.set(struck.is, (tally.get(struck.is) ?? 0) + 1)
  say(`${struck.is} ${nameOf(point)}${'seconds' in struck ? ` (${struck.seconds.toFixed(1)} s)` : ''}`)
  if (struck.is === 'different') for (const difference of struck.differences) say(`  ${difference}`)
  if (struck.is === 'broken') say(`  ${struck.because}`)
})

say(
  `${[...tally].map(([what, count]) => `${count} ${what}`).join(', ')}, in ${Math.round((Date.now() - begun) / 1000)} s`,
)
process.exitCode =
  (tally.get('different') ?? 0) + (tally.get('broken') ?? 0) === 0 && (tally.get('equal') ?? 0) > 0 ? 0 : 1

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
