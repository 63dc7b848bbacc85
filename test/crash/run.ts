import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { grouped, inHands, nameOf, pointsOf, spread, strike } from '../support/crash/points.ts'
import { makeTemplate, repeat } from '../support/crash/repetition.ts'
import { type CrashStory, stories } from '../support/crash/stories.ts'
import { startPostgres } from '../support/postgres.ts'

/**
 * The whole sweep: each story once for every request to GitHub and every commit, the server killed before and after it.
 * `--story` one of them, `--hands` repetitions at a time, `--sample` of the points of each, `--only` those whose name holds
 * a text, `--together` so many points in one repetition, `--postgres` on a PostgreSQL server instead of the embedded database.
 */
const { values } = parseArgs({
  options: {
    story: { type: 'string' },
    hands: { type: 'string' },
    sample: { type: 'string' },
    only: { type: 'string' },
    together: { type: 'string' },
    postgres: { type: 'boolean' },
  },
})
const begun = Date.now()
const server = values.postgres === true ? await startPostgres() : undefined
const template = await makeTemplate()
const tally = new Map<string, number>()
const chosen = stories.filter(({ name }) => values.story === undefined || values.story === name)
for (const story of chosen) await sweep(story)
say(
  `${[...tally].map(([what, count]) => `${count} ${what}`).join(', ')}, in ${Math.round((Date.now() - begun) / 1000)} s`,
)
await server?.stop()
await rm(dirname(template), { recursive: true, force: true })
const wrong = (tally.get('different') ?? 0) + (tally.get('broken') ?? 0)
process.exitCode = wrong === 0 && (tally.get('equal') ?? 0) > (tally.get('not reached') ?? 0) * 10 ? 0 : 1

async function sweep(story: CrashStory): Promise<void> {
  const ground = { story, template, database: server?.database ?? null }
  const undisturbed = await repeat(ground)
  const all = pointsOf(undisturbed).filter((point) => nameOf(point).includes(values.only ?? ''))
  const points = values.sample === undefined ? all : spread(all, Number(values.sample))
  const took = undisturbed.seconds.toFixed(1)
  say(`${story.name}: ${points.length} of ${all.length} points, an undisturbed run takes ${took} s`)
  await inHands(grouped(points, Number(values.together ?? '1')), Number(values.hands ?? '2'), async (group) => {
    const struck = await strike(ground, undisturbed.ending, group)
    add(struck.is, group.length)
    if (struck.is === 'equal') add('kills', struck.kills)
    const missed = struck.is === 'equal' ? Math.max(0, group.length - struck.kills) : 0
    add('not reached', missed)
    const seconds = 'seconds' in struck ? ` (${struck.seconds.toFixed(1)} s)` : ''
    say(`${struck.is}${missed > 0 ? `, ${missed} not reached` : ''}: ${group.map(nameOf).join('; ')}${seconds}`)
    if (struck.is === 'different') for (const difference of struck.differences) say(`  ${difference}`)
    if (struck.is === 'broken') say(`  ${struck.because}`)
  })
}

function add(what: string, count: number): void {
  if (count > 0) tally.set(what, (tally.get(what) ?? 0) + count)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
