import { shadowLedger } from '../src/app/shadow.ts'
import { governedWith, shippedPolicy } from '../test/support/builders.ts'
import type { Benchmark } from './compare.ts'
import { peaksOf } from './peaks.ts'
import { ledgerWithRuns } from './recorded-runs.ts'

const stricter = governedWith({ approve: { ...shippedPolicy.approve, role: 'admin' }, protectedPaths: ['src/**'] })
const standard = governedWith()

export const shadow: Benchmark = {
  says: 'all runs of a ledger in PostgreSQL (AGENTOS_BENCH_RUNS runs, 10,000 unless said) decided under other rules',
  budgetMs: 1,
  async open() {
    const { url, ledger, runs, events, close } = await ledgerWithRuns(10_000)
    const under = (rules: typeof standard) => async () => {
      let flips = 0
      for await (const one of shadowLedger(ledger, rules, null)) flips += one.shadow.flips.length
      console.log(`  ${flips} flips`)
      if (rules === stricter && flips === 0) throw new Error('rules that forbid what was done flipped nothing')
    }
    return {
      comparisons: [
        {
          about: `${runs} runs, ${events} events`,
          unit: 'runs',
          items: runs,
          clock: 'processor',
          rounds: 1,
          contenders: [
            { name: 'the standard rules', run: under(standard) },
            { name: 'stricter rules', run: under(stricter) },
          ],
        },
      ],
      peaks: () => peaksOf('shadow', url, runs),
      close,
    }
  },
}
