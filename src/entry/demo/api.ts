import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import type { Stage } from '../../demo/stage.ts'

/** What the demo reads of a run over the server's own API. */
export const RunSeen = z.looseObject({
  run: z.string(),
  phase: z.string(),
  pullRequest: z.looseObject({ number: z.int(), branch: z.string() }).nullable(),
  standing: z.looseObject({ headline: z.string(), next: z.string() }),
  verdicts: z.array(z.looseObject({ at: z.string(), gate: z.string(), is: z.string(), because: z.string() })),
  timeline: z.array(z.looseObject({ seq: z.int(), type: z.string(), says: z.string() })),
  plan: z.looseObject({ hash: z.string(), document: z.looseObject({}).nullable() }).nullable(),
  proposed: z.looseObject({ commit: z.string().nullable() }).nullable(),
  effects: z.array(z.looseObject({ key: z.string(), kind: z.string(), status: z.string() })),
  diff: z.looseObject({ text: z.string() }).nullable(),
})
export type RunSeen = z.infer<typeof RunSeen>

const List = z.looseObject({
  runs: z.array(z.looseObject({ run: z.string(), issue: z.int().nullable(), phase: z.string() })),
})

/** The run did not come where the story needs it in time. */
export class StoryStuck extends Error {
  override readonly name = 'StoryStuck'
}

const ENDED: ReadonlySet<string> = new Set(['refused', 'failed', 'cancelled', 'expired', 'closed'])
const PATIENCE_MS = 10 * 60_000
const LOOK_MS = 150

/** Waits until the newest run of an issue stands in one of the phases, or has ended. */
export async function runOf(stage: Stage, issue: number, phases: readonly string[]): Promise<RunSeen> {
  return waitFor(stage, `issue #${issue}`, async () => {
    const { runs } = List.parse(await (await stage.ask('/api/runs')).json())
    const row = runs.find((one) => one.issue === issue)
    if (row === undefined || !(phases.includes(row.phase) || ENDED.has(row.phase))) return undefined
    return showRun(stage, row.run)
  })
}

/** Waits until a run's timeline holds an event of this type behind the first `after` events, or the run has ended. */
export async function runWith(stage: Stage, run: string, type: string, after = 0): Promise<RunSeen> {
  return waitFor(stage, `${type} of run ${run}`, async () => {
    const seen = await showRun(stage, run)
    return seen.timeline.slice(after).some((event) => event.type === type) || ENDED.has(seen.phase) ? seen : undefined
  })
}

export async function showRun(stage: Stage, run: string): Promise<RunSeen> {
  return RunSeen.parse(await (await stage.ask(`/api/runs/${run}`)).json())
}

async function waitFor(stage: Stage, what: string, look: () => Promise<RunSeen | undefined>): Promise<RunSeen> {
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
    const seen = await look()
    if (seen !== undefined) return seen
    await delay(LOOK_MS)
  }
  throw new StoryStuck(
    `${what} did not come in ${PATIENCE_MS / 60_000} minutes; the server said:\n${stage.serverLog().slice(-1500)}`,
  )
}
