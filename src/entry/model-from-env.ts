import type { ModelPlanner } from '../app/planning/model-planner.ts'

const TIMEOUT_MS = 120_000
const DEFAULT_MODEL = 'gpt-5-mini'

/** The model that the environment names; null where neither a key nor an address is given. Its library is loaded on first use. */
export function openaiFromEnv(env: Readonly<Record<string, string | undefined>>): ModelPlanner | null {
  const given = (name: string) => {
    const value = env[name]?.trim()
    return value === undefined || value === '' ? null : value
  }
  const apiKey = given('OPENAI_API_KEY')
  const baseURL = given('OPENAI_BASE_URL')
  if (apiKey === null && baseURL === null) return null
  const model = given('AGENTOS_MODEL') ?? DEFAULT_MODEL
  return {
    name: model,
    plan: async (request) => {
      const { openaiPlanner } = await import('../adapters/planners/openai-planner.ts')
      return openaiPlanner({ apiKey, baseURL, model, timeoutMs: TIMEOUT_MS }).plan(request)
    },
  }
}
