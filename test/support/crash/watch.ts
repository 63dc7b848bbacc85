import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import type { Stage } from '../../../src/demo/stage.ts'
import { Shown, type ShownRun } from './shown-run.ts'

const Listed = z.looseObject({ run: z.string(), phase: z.string(), pullRequest: z.number().nullable() })
export type Listed = z.infer<typeof Listed>
const Runs = z.object({ runs: z.array(Listed) })

/** A busy machine takes long to start a server; what never comes is told by the effects that are open. */
const LONGEST_MS = 120_000

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + LONGEST_MS
  let last: unknown
  while (Date.now() < end) {
    const asked = performance.now()
    const found = await Promise.race([look(), delay(5000, undefined)]).catch((error: unknown) => {
      last = error
      return undefined
    })
    if (found !== undefined) return found
    // What is watched shall not be kept from its work by being watched.
    await delay(50 + 2 * (performance.now() - asked))
  }
  throw new Error(`it never came to this: ${what}`, { cause: last })
}

/** The phases that stories rest in, in order. */
const RESTS = ['blocked', 'proposed', 'delivered', 'merged', 'rolled_back', 'closed']

/** The one run that is not among the earlier ones, once it is in this phase or has passed it. */
export async function reach(stage: Stage, phase: string, earlier: readonly string[] = []): Promise<Listed> {
  let seen = 'no run'
  return until(phase, async () => {
    const { runs } = Runs.parse(await (await stage.ask('/api/runs')).json())
    const [run, ...more] = runs.filter((one) => !earlier.includes(one.run))
    if (run === undefined) return undefined
    seen = more.length > 0 ? `${more.length + 1} runs` : run.phase
    return more.length === 0 && RESTS.indexOf(run.phase) >= RESTS.indexOf(phase) ? run : undefined
  }).catch((error: unknown) => {
    throw new Error(`it never was ${phase}, but ${seen}`, { cause: error })
  })
}

/** Resolves when nothing is under way any more. */
export async function settled(stage: Stage, run: string): Promise<ShownRun> {
  let open = ''
  return until('settled', async () => {
    await stage.github.webhooksSettled()
    await stage.runner.settled()
    const shown = Shown.parse(await (await stage.ask(`/api/runs/${run}`)).json())
    const pending = shown.effects.filter(
      ({ kind, status }) => kind !== 'timer' && (status === 'due' || status === 'attempted'),
    )
    const unheard = unheardDeliveries(stage)
    open = JSON.stringify({ pending, unheard })
    return pending.length === 0 && unheard.length === 0 ? shown : undefined
  }).catch((error: unknown) => {
    throw new Error(`it never settled: ${open}`, { cause: error })
  })
}

function unheardDeliveries(stage: Stage): readonly string[] {
  const heard = new Set(
    stage.github.deliveries.filter(({ statusCode }) => statusCode !== null && statusCode < 300).map(({ guid }) => guid),
  )
  return stage.github.deliveries
    .filter(({ guid }) => !heard.has(guid))
    .map(({ event, guid, statusCode }) => `${event} ${guid} ${statusCode}`)
}
