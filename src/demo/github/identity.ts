import { createPublicKey, type KeyObject } from 'node:crypto'
import { jwtVerify } from 'jose'
import { type Actor, Refused } from './exchange.ts'
import type { Incoming } from './front.ts'
import type { TokenHolder } from './rows.ts'
import { ACTIONS_APP, APP, userByLogin, type World } from './world.ts'

export type Identities = {
  readonly world: World
  readonly tokens: Map<string, TokenHolder>
  readonly publicKey: KeyObject
}

export const publicHalf = (privateKey: string): KeyObject => createPublicKey(privateKey)

const badCredentials = (): Refused => new Refused(401, 'Bad credentials')

/** Who makes this request; a token that nobody was given is refused, never guessed. */
export async function identify(identities: Identities, incoming: Incoming): Promise<Actor> {
  const token = tokenIn(incoming)
  if (token === undefined) return { is: 'anonymous' }
  if (token.startsWith('eyJ')) return identifyApp(identities, token)
  const holder = identities.tokens.get(token)
  if (holder === undefined) throw badCredentials()
  if (holder.installation === undefined) {
    const user = userByLogin(identities.world, holder.login)
    if (user === undefined) throw badCredentials()
    return { is: 'user', user }
  }
  const { appId, permissions, repositoryIds, accountId } = holder.installation
  const slug = appId === APP.id ? APP.slug : ACTIONS_APP.slug
  const user = userByLogin(identities.world, `${slug}[bot]`)
  if (user === undefined) throw badCredentials()
  return { is: 'installation', user, permissions: { metadata: 'read', ...permissions }, repositoryIds, accountId }
}

/** The bearer token, or the password of git's basic authentication. */
export function tokenIn({ headers }: Pick<Incoming, 'headers'>): string | undefined {
  const [scheme = '', value = ''] = (headers['authorization'] ?? '').trim().split(/\s+/)
  if (/^(bearer|token)$/i.test(scheme)) return value
  if (!/^basic$/i.test(scheme)) return undefined
  const pair = Buffer.from(value, 'base64').toString('utf8')
  return pair.slice(pair.indexOf(':') + 1)
}

async function identifyApp({ publicKey }: Identities, token: string): Promise<Actor> {
  try {
    const { payload } = await jwtVerify<{ iss: unknown }>(token, publicKey, { algorithms: ['RS256'] })
    if (String(payload.iss) === String(APP.id)) return { is: 'app-itself' }
  } catch {
    throw new Refused(401, 'A JSON web token could not be decoded')
  }
  throw new Refused(401, "'Issuer' claim ('iss') must be an Integer")
}
