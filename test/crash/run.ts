import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { grouped, inHands, nameOf, pointsOf, spread, strike } from '../support/crash/points.ts'
import { makeTemplate, repeat } from '../support/crash/repetition.ts'
import { startPostgres } from '../support/postgres.ts'

/**
 * The whole sweep: the golden run once for every request to GitHub and every commit, the server killed before and after it.
 * `--hands` repetitions at a time, `--sample` of the points, `--only` those whose name holds a text, `--together` so many
 * points in one repetition, `--postgres` on a PostgreSQL server instead of the embedded database.
 */
const { values } = parseArgs({
  options: {
    hands: { type: 'string' },
    sample: { type: 'string' },
    only: { type: 'string' },
    together: { type: 'string' },
    postgres: { type: 'boolean' },
  },
})
const begun = Date.now()
const server = values.postgres === true ? await startPostgres() : undefined
const ground = { template: await makeTemplate(), database: server?.database ?? null }
const undisturbed = await repeat(ground)
const all = pointsOf(undisturbed).filter((point) => nameOf(point).includes(values.only ?? ''))
const points = values.sample === undefined ? all : spread(all, Number(values.sample))
const tally = new Map<string, number>()
say(`${points.length} of ${all.length} points, an undisturbed run takes ${undisturbed.seconds.toFixed(1)} s`)

await inHands(grouped(points, Number(values.together ?? '1')), Number(values.hands ?? '2'), async (group) => {
  const struck = await strike(ground, undisturbed.ending, group)
  add(struck.is, group.length)
  const missed = struck.is === 'equal' ? group.length - struck.kills : 0
  add('not reached', missed)
  say(
    `${struck.is}${missed > 0 ? `, ${missed} not reached` : ''}: ${group.map(nameOf).join('; ')}${'seconds' in struck ? ` (${struck.seconds.toFixed(1)} s)` : ''}`,
  )
  if (struck.is === 'different') for (const difference of struck.differences) say(`  ${difference}`)
  if (struck.is === 'broken') say(`  ${struck.because}`)
})

say(
  `${[...tally].map(([what, count]) => `${count} ${what}`).join(', ')}, in ${Math.round((Date.now() - begun) / 1000)} s`,
)
await server?.stop()
await rm(dirname(ground.template), { recursive: true, force: true })
const wrong = (tally.get('different') ?? 0) + (tally.get('broken') ?? 0)
process.exitCode = wrong === 0 && (tally.get('equal') ?? 0) > (tally.get('not reached') ?? 0) * 10 ? 0 : 1

function add(what: string, count: number): void {
  if (count > 0) tally.set(what, (tally.get(what) ?? 0) + count)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
