import { json, text } from './answers.ts'
import type { Route } from './exchange.ts'
import type { WebOptions } from './web-options.ts'

/** What anyone may ask: whether the server lives, whether it can work, and whose signature to expect. */
export function publicRoutes({
  ledger,
  keys,
  log,
  replayed,
}: Pick<WebOptions, 'ledger' | 'keys' | 'log' | 'replayed'>): readonly Route[] {
  return [
    { path: '/healthz', methods: { GET: () => text('ok\n') } },
    {
      path: '/readyz',
      methods: {
        GET: async () =>
          (await isReachable(ledger, log))
            ? text(readyText(replayed().divergences))
            : text('the ledger cannot be reached\n', 503),
      },
    },
    {
      path: '/.well-known/agentos/keys.json',
      methods: { GET: async () => json(await keys(), 200, { 'cache-control': 'public, max-age=300' }) },
    },
  ]
}

/** The server can work all the same; what does not follow is named in its log. */
function readyText(divergences: number): string {
  return divergences === 0
    ? 'ready\n'
    : `ready, but ${divergences} recorded decisions do not follow from their inputs: see the log, or agentos replay\n`
}

const PATIENCE_MS = 3000

async function isReachable(ledger: WebOptions['ledger'], log: WebOptions['log']): Promise<boolean> {
  const { promise: tooLong, resolve } = Promise.withResolvers<false>()
  const limit = setTimeout(() => resolve(false), PATIENCE_MS)
  const answered = ledger.head().then(
    () => true,
    (error: unknown) => {
      log('warn', 'the ledger cannot be reached', { error: error instanceof Error ? error.name : 'unknown' })
      return false
    },
  )
  try {
    return await Promise.race([answered, tooLong])
  } finally {
    clearTimeout(limit)
  }
}
