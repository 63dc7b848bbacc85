import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { aRunnerWorld, type RunnerWorld } from '../test/demo/runner-world.ts'
import type { Benchmark, Contender } from './compare.ts'

/** From the start of a job's process, as the runner starts it, with a real controller's checks on the same machine. */
export const action: Benchmark = {
  says: 'the start of the built Action until its claim is granted, and until its first step (ls, in the sandbox) is on record, against the start of a bare Node',
  budgetMs: 20_000,
  async open() {
    const start: Start = { begun: () => undefined }
    const world = await aRunnerWorld({
      claims: () => {
        start.begun()
        return {}
      },
    })
    return {
      comparisons: [
        {
          about: 'dry run',
          unit: 'starts',
          items: 1,
          contenders: [
            { name: 'bare Node', run: bareNode },
            job(world, start, 'claim', world.desk.claimed),
            job(world, start, 'first step', world.desk.stepped),
          ],
        },
      ],
      async close() {
        await world.runner.settled()
        await world.close()
      },
    }
  },
}

async function bareNode(): Promise<void> {
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit')
}

type Start = { begun: () => void }

/** The clock starts with the job's process: dispatching it is made ready before, when the job before it has ended. */
function job(world: RunnerWorld, start: Start, name: string, reached: (grant: string) => Promise<void>): Contender {
  let there = Promise.resolve()
  return {
    name,
    async ready() {
      await world.runner.settled()
      const one = await world.dryRun([{ id: 'look', is: 'verify', argv: ['ls'], criteria: [] }])
      there = reached(one.grant.id)
      const begun = new Promise<void>((resolve) => {
        start.begun = resolve
      })
      void world.dispatch(one)
      await begun
    },
    run: () => there,
  }
}
