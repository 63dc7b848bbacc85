import { defineConfig } from 'vitest/config'
import { passGate } from './pass-gate.ts'

const name = process.env['AGENTOS_TEST_GATE_THAT_PASSES']
if (name === undefined) throw new Error('this configuration is for test/gates/run.ts alone')

export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  plugins: [passGate(name)],
  test: {
    // The cache knows a module by its file, which is the same whichever gate passes.
    fsModuleCache: false,
    include: [
      'test/domain/run/red-lines.test.ts',
      'test/domain/run/light-lane.test.ts',
      'test/domain/run/model-calls.test.ts',
      'test/app/schedules-red-line.test.ts',
    ],
    testTimeout: 60_000,
    pool: 'forks',
  },
})
