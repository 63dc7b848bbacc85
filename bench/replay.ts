import { z } from 'zod'
import { walkLog } from '../src/app/redecide/walk-log.ts'
import { sha256Hex } from '../src/domain/hash.ts'
import type { Benchmark } from './compare.ts'
import { peaksOf } from './peaks.ts'
import { ledgerWithRuns } from './recorded-runs.ts'

const PAGE = 500
const Body = z.object({ body: z.string() })

export const replayLedger: Benchmark = {
  says: 'a whole ledger in PostgreSQL decided again (AGENTOS_BENCH_RUNS runs, 1,000 unless said), against JSON.parse of its events',
  budgetMs: 1,
  async open() {
    const { url, database, ledger, runs, events, close } = await ledgerWithRuns(1000)
    const parse = async () => {
      for (let from = 1; from <= events; from += PAGE) {
        const rows = await database.query('select body from agentos.event where pos >= $1 order by pos limit $2', [
          from,
          PAGE,
        ])
        for (const row of rows) JSON.parse(Body.parse(row).body)
      }
    }
    const replay = async () => {
      for await (const { found } of walkLog(ledger, { from: 1, writer: null, digest: sha256Hex('engine') }))
        if (found.length > 0) throw new Error(`the replay differs: ${JSON.stringify(found[0])}`)
    }
    return {
      comparisons: [
        {
          about: `${runs} runs, ${events} events`,
          unit: 'events',
          items: events,
          clock: 'processor',
          rounds: 1,
          contenders: [
            { name: 'read and JSON.parse', run: parse },
            { name: 'replay', run: replay },
          ],
        },
      ],
      peaks: () => peaksOf('replay', url, events),
      close,
    }
  },
}
