import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'

/** The claims of one job's token, as GitHub names them; the issuer adds `iss`, `aud`, `iat`, `nbf`, `exp` and `jti`. */
export type JobTokenClaims = Readonly<Record<string, string>>

/** What a job with `id-token: write` finds in its environment. */
export type TokenEndpoint = { readonly requestUrl: string; readonly requestToken: string }

/** An OIDC issuer on this machine that does what the one of Actions does: discovery, keys, and a token for each job. */
export type LocalOidc = {
  readonly issuer: string
  /** Lets one job ask for tokens with these claims until `forget`. */
  admit(claims: JobTokenClaims): TokenEndpoint
  forget(endpoint: TokenEndpoint): void
  close(): Promise<void>
}

const KEY_ID = 'local-1'
const LIFETIME_SECONDS = 300

export async function startLocalOidc(): Promise<LocalOidc> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: KEY_ID, alg: 'RS256', use: 'sig' }] }
  const jobs = new Map<string, JobTokenClaims>()
  let issuer = ''
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', issuer)
    if (url.pathname === '/.well-known/jwks') return send(response, 200, keys)
    if (url.pathname === '/.well-known/openid-configuration') return send(response, 200, discovery(issuer))
    if (url.pathname !== '/token') return send(response, 404, { message: 'Not Found' })
    giveToken({ issuer, privateKey, jobs }, request, url).then(
      ([status, body]) => send(response, status, body),
      () => send(response, 500, { message: 'the token cannot be made' }),
    )
  })
  issuer = await listening(server)
  return {
    issuer,
    admit: (claims) => {
      const requestToken = randomBytes(24).toString('base64url')
      jobs.set(requestToken, claims)
      return { requestUrl: `${issuer}/token?api-version=2.0`, requestToken }
    },
    forget: ({ requestToken }) => {
      jobs.delete(requestToken)
    },
    close: () => closed(server),
  }
}

type Issuing = {
  readonly issuer: string
  readonly privateKey: CryptoKey
  readonly jobs: ReadonlyMap<string, JobTokenClaims>
}

async function giveToken(
  { issuer, privateKey, jobs }: Issuing,
  { headers }: IncomingMessage,
  { searchParams }: URL,
): Promise<readonly [number, object]> {
  const claims = jobs.get((headers.authorization ?? '').replace(/^Bearer /, ''))
  const audience = searchParams.get('audience')
  if (claims === undefined) return [401, { message: 'the request token is not known' }]
  if (audience === null) return [400, { message: 'an audience is needed' }]
  const now = Math.floor(Date.now() / 1000)
  const value = await new SignJWT({ ...claims, jti: randomBytes(16).toString('hex') })
    .setProtectedHeader({ alg: 'RS256', kid: KEY_ID, typ: 'JWT' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(now)
    .setNotBefore(now - 5)
    .setExpirationTime(now + LIFETIME_SECONDS)
    .sign(privateKey)
  return [200, { count: value.length, value }]
}

function discovery(issuer: string): object {
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public', 'pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('the issuer has no port')
  return `http://127.0.0.1:${address.port}`
}

async function closed(server: Server): Promise<void> {
  const done = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await done
}
