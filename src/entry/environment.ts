import { z } from 'zod'
import { Retention } from '../domain/redaction.ts'

const text = z.string().trim().min(1)
const optional = text.optional()

/** The server's environment. Empty counts as absent. */
export const Environment = z.object({
  DATABASE_URL: optional,
  AGENTOS_DATA: text.default('.agentos-data'),
  APP_ID: optional,
  PRIVATE_KEY: optional,
  WEBHOOK_SECRET: optional,
  GITHUB_API_URL: optional,
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  AGENTOS_OIDC_ISSUER: z.url({ protocol: /^https?$/ }).default('https://token.actions.githubusercontent.com'),
  AGENTOS_SIGNING_KEY: optional,
  /** The key before it, to sign the announcement of the new one. */
  AGENTOS_PREVIOUS_SIGNING_KEY: optional,
  AGENTOS_READ_TOKEN: optional,
  /** The reusable workflow whose jobs may claim Grants, `owner/repo/.github/workflows/agentos.yml@<40 hex>`, comma separated. */
  AGENTOS_RUNNER_WORKFLOW: z.string().default(''),
  /** For how many days after a run's end this server keeps what, at most: `text=365,model=30,output=90,file=90`. */
  AGENTOS_RETENTION: z.string().default('').transform(toRetention).pipe(Retention),
  AGENTOS_GITHUB_THROTTLE: z.enum(['on', 'off']).default('on'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'fatal']).default('info'),
})
function toRetention(given: string): Readonly<Record<string, number>> {
  const parts = given.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.split('=')]))
  return Object.fromEntries(parts.map(([kind = '', days = '']) => [kind.trim(), Number(days)]))
}

export type Environment = z.infer<typeof Environment>

/** The environment does not let the server start. The message names the variables and never their values. */
export class WrongEnvironment extends Error {
  override readonly name = 'WrongEnvironment'
}

export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  )
  const parsed = Environment.safeParse(present)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new WrongEnvironment(faults.join('; '))
}
