import { GithubNotSetUp } from '../adapters/github/app.ts'
import type { Log } from '../app/worker.ts'
import type { SecretFilter } from '../domain/secrets/secret-filter.ts'
import { composeServer } from './compose.ts'
import { readEnvironment, WrongEnvironment } from './environment.ts'
import { dataDirOf } from './local/local-signer.ts'
import { filterFor, keptKeys } from './process-secrets.ts'

const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const

/** Runs the server until it is told to end. Returns the exit code: 5 where something that it needs is not there. */
export async function serve(
  given: Readonly<Record<string, string | undefined>>,
  options: { readonly paused: boolean },
): Promise<number> {
  try {
    const env = readEnvironment(given)
    const server = await composeServer({
      env,
      process: given,
      log: (filter) => jsonLog(env.LOG_LEVEL, filter),
      clock: { now: () => new Date().toISOString() },
      paused: options.paused,
    })
    const { log, url, keyid, notice } = server
    log('info', 'listening', { url, key: keyid })
    if (notice !== undefined) log('warn', notice, {})
    process.send?.({ is: 'listening', url })
    await ended()
    await server.close()
    if (process.connected) process.disconnect()
    return 0
  } catch (error) {
    if (!(error instanceof WrongEnvironment || error instanceof GithubNotSetUp || isTakenDirectory(error))) throw error
    process.stderr.write(`AgentOS did not start: ${filterFor(given, keptKeys(dataDirOf(given))).text(error.message)}\n`)
    return 5
  }
}

function isTakenDirectory(error: unknown): error is Error {
  return error instanceof Error && error.name === 'DirectoryTaken'
}

/** One JSON line an entry, without secrets, on stderr: stdout belongs to whoever asked for output. */
function jsonLog(least: (typeof LEVELS)[number], filter: SecretFilter): Log {
  return (level, message, about) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return
    process.stderr.write(`${filter.json(JSON.stringify({ at: new Date().toISOString(), level, message, ...about }))}\n`)
  }
}

function ended(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
    process.once('disconnect', () => resolve())
  })
}

if (import.meta.main) process.exitCode = await serve(process.env, { paused: false })
