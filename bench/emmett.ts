import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { EventEnvelope } from '../src/domain/run/envelope.ts'

const PACKAGE = '@event-driven-io/emmett-postgresql'
const VERSION = '0.42.0'
const INSTALL_MS = 120_000

/** Another event store over the same database server, which knows neither chains nor effects. */
export type EmmettStore = {
  /** One stream, to which each call appends one event at the version that it expects. */
  readonly appender: (stream: string) => (data: EventEnvelope) => Promise<void>
  readonly close: () => Promise<void>
}

/**
 * Emmett, brought from the registry into a folder of its own for this measurement: it comes with drivers of databases that
 * nothing else here needs. Where it cannot be had the reason is given.
 */
export async function emmettIn(databaseUrl: string): Promise<EmmettStore | { readonly missing: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'agentos-emmett-'))
  const module = await installed(folder).catch((error: unknown) => error)
  if (!isEmmett(module)) {
    await rm(folder, { recursive: true, force: true })
    return { missing: `${PACKAGE}@${VERSION} is not measured: ${firstLine(module)}` }
  }
  const store = module.getPostgreSQLEventStore(databaseUrl)
  await store.schema.migrate()
  return {
    appender: (stream) => appenderOf(store, stream),
    async close() {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

type Store = {
  appendToStream(
    stream: string,
    events: readonly { readonly type: string; readonly data: EventEnvelope }[],
    options: { readonly expectedStreamVersion: bigint | 'STREAM_DOES_NOT_EXIST' },
  ): Promise<{ readonly nextExpectedStreamVersion: bigint }>
  readonly schema: { migrate(): Promise<unknown> }
  close(): Promise<void>
}
type Emmett = { getPostgreSQLEventStore(databaseUrl: string): Store }

function isEmmett(module: unknown): module is Emmett {
  return typeof module === 'object' && module !== null && 'getPostgreSQLEventStore' in module
}

async function installed(folder: string): Promise<unknown> {
  await writeFile(join(folder, 'package.json'), '{"private":true}\n')
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=1', '--loglevel=error']
  await promisify(execFile)('npm', ['install', ...options, `${PACKAGE}@${VERSION}`], {
    cwd: folder,
    timeout: INSTALL_MS,
  })
  return import(pathToFileURL(createRequire(join(folder, 'package.json')).resolve(PACKAGE)).href)
}

function firstLine(fault: unknown): string {
  return (fault instanceof Error ? fault.message : 'it is another package').split('\n', 1)[0] ?? ''
}

function appenderOf(store: Store, stream: string): (data: EventEnvelope) => Promise<void> {
  const last: { version: bigint | 'STREAM_DOES_NOT_EXIST' } = { version: 'STREAM_DOES_NOT_EXIST' }
  return async (data) => {
    const { nextExpectedStreamVersion } = await store.appendToStream(stream, [{ type: 'ThingObserved', data }], {
      expectedStreamVersion: last.version,
    })
    last.version = nextExpectedStreamVersion
  }
}
