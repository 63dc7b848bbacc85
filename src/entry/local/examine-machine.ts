import { accessSync, constants, existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { gitAt } from '../../adapters/git/git-process.ts'
import { bubblewrapSandbox, thisMachine } from '../../adapters/sandbox/bubblewrap.ts'
import { readEnvironment } from '../environment.ts'
import { examineReplay } from './examine-replay.ts'
import type { Finding } from './finding.ts'
import { dataDirOf } from './local-signer.ts'
import { rulesFrom } from './rules.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Looks at everything that commands and the server need, without changing any of it but an older ledger's form. */
export async function examineMachine(env: Env): Promise<readonly Finding[]> {
  return [
    node(),
    await git(),
    await sandbox(),
    await rules(),
    data(env),
    key(env),
    await database(env),
    server(env),
    model(env),
    await examineReplay(env),
  ]
}

function fine(part: string, says: string): Finding {
  return { part, is: 'fine', says, next: null }
}

function missing(part: string, says: string, next: string): Finding {
  return { part, is: 'missing', says, next }
}

const LEAST_NODE = 24

function node(): Finding {
  const { node } = process.versions
  if (Number(node.split('.')[0]) >= LEAST_NODE) return fine('node', node)
  return missing('node', `${node} is too old`, 'start AgentOS with npm run, which brings its own Node')
}

async function git(): Promise<Finding> {
  try {
    return fine('git', (await gitAt('/', { args: ['version'] })).stdout.toString('utf8').trim())
  } catch (error) {
    return missing('git', error instanceof Error ? error.message : 'it cannot be run', 'install git')
  }
}

async function sandbox(): Promise<Finding> {
  const probe = await bubblewrapSandbox(thisMachine()).probe()
  return probe.is === 'ready' ? fine('sandbox', probe.version) : missing('sandbox', probe.because, probe.next)
}

async function rules(): Promise<Finding> {
  const found = await rulesFrom({ policy: null, dir: null })
  if (!found.ok) return missing('policies', found.refusal.because, found.refusal.next)
  return fine('policies', `${found.value.manifest.policy.commands.length} command rules are shipped`)
}

function data(env: Env): Finding {
  const folder = resolve(dataDirOf(env))
  const place = nearestExisting(folder)
  try {
    accessSync(place, constants.W_OK)
    return fine('data', existsSync(folder) ? folder : `${folder} will be made on first use`)
  } catch {
    return missing('data', `${place} cannot be written`, 'set AGENTOS_DATA to a folder that can be written')
  }
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder))
}

function key(env: Env): Finding {
  const given = env['AGENTOS_SIGNING_KEY']?.trim() ?? ''
  const hasDatabase = (env['DATABASE_URL']?.trim() ?? '') !== ''
  const next = 'set AGENTOS_SIGNING_KEY to the base64 of 32 random bytes'
  if (given === '' && hasDatabase) return missing('key', 'with DATABASE_URL the server needs AGENTOS_SIGNING_KEY', next)
  if (given === '') return fine('key', 'kept in the data folder')
  return Buffer.from(given, 'base64').length === 32
    ? fine('key', 'from AGENTOS_SIGNING_KEY')
    : missing('key', 'AGENTOS_SIGNING_KEY is no key', next)
}

async function database(env: Env): Promise<Finding> {
  const url = env['DATABASE_URL']?.trim() ?? ''
  if (url === '')
    return {
      part: 'database',
      is: 'unused',
      says: 'DATABASE_URL is not set: the server uses the embedded store',
      next: null,
    }
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  try {
    await client.connect()
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return fine('database', `PostgreSQL ${rows[0]?.server_version ?? ''}`)
  } catch (error) {
    const because = error instanceof Error && error.message !== '' ? error.message : 'it does not answer'
    return missing('database', because, 'start PostgreSQL, or mend DATABASE_URL')
  } finally {
    await client.end().catch(() => undefined)
  }
}

const SERVER = ['APP_ID', 'PRIVATE_KEY', 'WEBHOOK_SECRET', 'PUBLIC_URL'] as const

function server(env: Env): Finding {
  const absent = SERVER.filter((name) => (env[name]?.trim() ?? '') === '')
  const next = `set ${absent.join(', ')} to run agentos serve`
  if (absent.length === SERVER.length)
    return { part: 'server', is: 'unused', says: 'no GitHub App is configured', next }
  if (absent.length > 0) return missing('server', `${absent.join(', ')} not set`, next)
  try {
    readEnvironment(env)
    return fine('server', 'the GitHub App is configured')
  } catch (error) {
    return missing(
      'server',
      error instanceof Error ? error.message : 'the environment is wrong',
      'mend these variables',
    )
  }
}

function model(env: Env): Finding {
  const isThere = ['OPENAI_API_KEY', 'OPENAI_BASE_URL'].some((name) => (env[name]?.trim() ?? '') !== '')
  if (isThere) return fine('model', env['OPENAI_BASE_URL']?.trim() ?? 'OpenAI')
  return { part: 'model', is: 'unused', says: 'no model: recipes and patches plan without one', next: null }
}
