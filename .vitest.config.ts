import { availableParallelism } from 'node:os'
import { relative } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * What takes longest where nothing is known of earlier runs: whole stories with servers, then command lines and the local
 * GitHub, each file a process at a time. A long file that begins last is waited for alone.
 */
const LONGEST_FIRST = [
  'test/e2e/crash',
  'test/e2e/rollback.',
  'test/e2e/local.',
  'test/e2e/bad-input',
  'test/e2e/',
  'test/entry/cli/',
  'test/demo/',
  'test/domain/run/any-history',
  'test/adapters/ledger/',
  'test/adapters/planners/',
  'test/adapters/github/',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    if (files.every((file) => this.ctx.cache.getTestSpecificationResult(file) !== undefined)) return sorted
    return sorted.toSorted((one, other) => this.#place(one) - this.#place(other))
  }

  #place({ moduleId }: TestSpecification): number {
    const path = relative(this.ctx.config.root, moduleId)
    const place = LONGEST_FIRST.findIndex((start) => path.startsWith(start))
    return place < 0 ? LONGEST_FIRST.length : place
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Vitest would leave a core to itself, and of two cores use one; a story waits for its server half of the time.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
  },
})
