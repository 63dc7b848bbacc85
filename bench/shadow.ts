import { shadowLedger } from '../src/app/shadow.ts'
import { governedWith, shippedPolicy } from '../test/support/builders.ts'
import type { Benchmark } from './compare.ts'
import { ledgerWithRuns } from './recorded-runs.ts'

const stricter = governedWith({ approve: { ...shippedPolicy.approve, role: 'admin' }, protectedPaths: ['src/**'] })
const standard = governedWith()

export const shadow: Benchmark = {
  says: 'all runs of a ledger in PostgreSQL (AGENTOS_BENCH_RUNS runs, 10,000 unless said) decided under other rules',
  budgetMs: 1,
  async open() {
    const { ledger, runs, events, close } = await ledgerWithRuns(10_000)
    const under = (rules: typeof standard) => async () => {
      let [flips, heap] = [0, 0]
      for await (const one of shadowLedger(ledger, rules, null)) {
        flips += one.shadow.flips.length
        heap = Math.max(heap, process.memoryUsage().heapUsed / 1_048_576)
      }
      console.log(`  ${flips} flips, heap at most ${heap.toFixed(0)} MiB`)
      if (rules === stricter && flips === 0) throw new Error('rules that forbid what was done flipped nothing')
    }
    return {
      comparisons: [
        {
          about: `${runs} runs, ${events} events`,
          unit: 'runs',
          items: runs,
          clock: 'processor',
          contenders: [
            { name: 'the standard rules', run: under(standard) },
            { name: 'stricter rules', run: under(stricter) },
          ],
        },
      ],
      close,
    }
  },
}
