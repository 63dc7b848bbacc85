import type { Model } from '../app/planning/model.ts'
import { ModelName } from '../domain/control/model-policy.ts'
import { WrongEnvironment } from './environment.ts'

const TIMEOUT_MS = 120_000
const DEFAULT_MODEL = 'gpt-5-mini'
/** What a header can hold: of anything else an error of the HTTP client would quote the whole key. */
const KEY = /^[!-~]+$/
const DEFAULT_ADDRESS = 'https://api.openai.com/v1'

/**
 * The model that the environment names; null where neither a key nor an address is given. Its library is loaded on first
 * use. Throws WrongEnvironment on an address or a name that no model can have.
 */
export function openaiFromEnv(env: Readonly<Record<string, string | undefined>>): Model | null {
  const given = (name: string) => {
    const value = env[name]?.trim()
    return value === undefined || value === '' ? null : value
  }
  const apiKey = given('OPENAI_API_KEY')
  const address = given('OPENAI_BASE_URL')
  if (apiKey === null && address === null) return null
  if (apiKey !== null && !KEY.test(apiKey)) throw new WrongEnvironment('OPENAI_API_KEY: holds what no key can hold')
  const baseURL = address ?? DEFAULT_ADDRESS
  const model = given('AGENTOS_MODEL') ?? DEFAULT_MODEL
  if (!ModelName.safeParse(model).success) throw new WrongEnvironment('AGENTOS_MODEL: is not the name of a model')
  return {
    host: hostOf(baseURL),
    name: model,
    ask: async (call) => {
      const { openaiModel } = await import('../adapters/planners/openai-model.ts')
      return openaiModel({ apiKey, baseURL, model, timeoutMs: TIMEOUT_MS }).ask(call)
    },
  }
}

/** What is wrong with the model that the environment names; undefined where it names one or none. */
export function faultInModel(env: Readonly<Record<string, string | undefined>>): string | undefined {
  try {
    openaiFromEnv(env)
    return undefined
  } catch (error) {
    if (error instanceof WrongEnvironment) return error.message
    throw error
  }
}

function hostOf(address: string): string {
  if (URL.canParse(address)) {
    const { protocol, host, username } = new URL(address)
    if ((protocol === 'https:' || protocol === 'http:') && username === '') return host
  }
  throw new WrongEnvironment('OPENAI_BASE_URL: is not the http or https address of a server')
}
