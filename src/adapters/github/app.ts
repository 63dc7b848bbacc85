import { Probot, ProbotOctokit } from 'probot'
import type { SecretFilter } from '../../domain/secrets/secret-filter.ts'
import { discreetFetch } from './discreet-fetch.ts'

const REQUEST_TIMEOUT_MS = 10_000

/** The App cannot start like this. The message says what is missing. */
export class GithubNotSetUp extends Error {
  override readonly name = 'GithubNotSetUp'
}

export type GithubSetup = {
  readonly appId: string | undefined
  readonly privateKey: string | undefined
  readonly webhookSecret: string | undefined
  /** Where GitHub's API answers; absent means github.com. */
  readonly baseUrl?: string
  /** `off` lets requests go out without spacing, for tests. */
  readonly throttle: 'on' | 'off'
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'fatal'
  readonly fetch?: typeof fetch
  readonly filter: SecretFilter
}

/**
 * Probot, for App authentication, installation clients and webhook signatures. Octokit never repeats a request by itself: a
 * repeated attempt must first look for the trace of the one before, and only a performer can do that.
 */
export async function githubApp(setup: GithubSetup): Promise<Probot> {
  const { appId, privateKey, secret } = completed(setup)
  const probot = new Probot({
    appId,
    privateKey,
    secret,
    logFormat: 'json',
    logLevel: setup.logLevel ?? 'fatal',
    Octokit: octokitWith(setup.throttle),
    request: { fetch: discreetFetch(impatient(setup.fetch ?? fetch), setup.filter) },
    ...(setup.baseUrl === undefined ? {} : { baseUrl: setup.baseUrl }),
  })
  return probot.ready()
}

function completed(setup: GithubSetup): { appId: string; privateKey: string; secret: string } {
  const { appId, privateKey, webhookSecret: secret } = setup
  if (secret === undefined || secret === '')
    throw new GithubNotSetUp('WEBHOOK_SECRET is missing: anyone could send commands')
  if (secret === 'development')
    throw new GithubNotSetUp('WEBHOOK_SECRET is the word "development", which everyone knows')
  if (appId === undefined || !/^[1-9][0-9]{0,15}$/.test(appId))
    throw new GithubNotSetUp('APP_ID is missing or not a number')
  if (privateKey === undefined || privateKey === '') throw new GithubNotSetUp('PRIVATE_KEY is missing')
  return { appId, privateKey, secret }
}

/** Given as a function, because Probot lays its own throttle options over those given as an object. */
function octokitWith(throttle: 'on' | 'off'): typeof ProbotOctokit {
  return ProbotOctokit.defaults((options: { readonly throttle?: object }) => ({
    ...options,
    retry: { enabled: false },
    throttle: { ...options.throttle, enabled: throttle === 'on', onRateLimit: never, onSecondaryRateLimit: never },
  }))
}

function impatient(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return (input, init) => {
    const limit = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    const signal = init?.signal instanceof AbortSignal ? AbortSignal.any([init.signal, limit]) : limit
    return fetch(input, { ...init, signal })
  }
}

function never(): boolean {
  return false
}
