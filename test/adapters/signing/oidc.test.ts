import { createServer, type Server } from 'node:http'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { oidcVerifier } from '../../../src/adapters/signing/oidc.ts'
import { TryLater } from '../../../src/app/ports.ts'

const publicUrl = 'http://127.0.0.1:1'
const now = Date.parse('2026-11-21T12:00:00.000Z')
const clock = { now: () => new Date(now).toISOString() }
let server: Server
let issuer = ''
let privateKey: CryptoKey

beforeAll(async () => {
  const pair = await generateKeyPair('RS256')
  privateKey = pair.privateKey
  const keys = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }] }
  server = createServer((request, response) => {
    if (request.url === '/.well-known/jwks') response.end(JSON.stringify(keys))
    else response.writeHead(500).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  issuer = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
})
afterAll(() => server.close())

const claims = {
  repository_id: '42',
  repository_owner_id: '7',
  job_workflow_ref: 'agentos-dev/agentos/.github/workflows/agentos.yml@refs/tags/v1',
  job_workflow_sha: 'a'.repeat(40),
  run_id: '99',
  run_attempt: '1',
  actor_id: '5',
  event_name: 'workflow_dispatch',
  ref: 'refs/heads/main',
  sha: 'b'.repeat(40),
}
const seconds = now / 1000
const times = { iat: seconds, nbf: seconds - 5, exp: seconds + 300 }
const good = () => ({ iss: issuer, aud: `${publicUrl}#abc`, ...times, ...claims })

function token(payload: object, key: CryptoKey | Uint8Array = privateKey, alg = 'RS256') {
  return new SignJWT({ ...payload }).setProtectedHeader({ alg, kid: 'one' }).sign(key)
}
const verify = (text: string) => oidcVerifier({ issuer, publicUrl, clock })(text)

describe('the OIDC verifier', () => {
  it('reads the claims of a token that the issuer signed', async () => {
    const job = await verify(await token(good()))
    expect(job).toMatchObject({
      ok: true,
      value: {
        eventName: 'workflow_dispatch',
        audience: `${publicUrl}#abc`,
        claims: { issuer, repositoryId: '42', repositoryOwnerId: '7', runId: '99', workflowSha: 'a'.repeat(40) },
      },
    })
    expect(job.ok && 'runnerEnvironment' in job.value.claims).toBe(false)
  })

  it('keeps whose machine the job ran on, where the token says so', async () => {
    const job = await verify(await token({ ...good(), runner_environment: 'github-hosted' }))
    expect(job).toMatchObject({ value: { claims: { runnerEnvironment: 'github-hosted' } } })
  })

  it.each([
    ['expired', { exp: seconds - 31 }, '"exp"'],
    ['not valid yet', { nbf: seconds + 31 }, '"nbf"'],
    ['of another issuer', { iss: 'http://127.0.0.1:2' }, '"iss"'],
    ['for another service', { aud: 'http://127.0.0.1:11#abc' }, 'another service'],
    ['for several audiences', { aud: [`${publicUrl}#abc`, 'x'] }, 'aud'],
    ['without the workflow', { job_workflow_ref: undefined }, 'job_workflow_ref'],
    ['without an end', { exp: undefined }, '"exp"'],
    ['with a number as repository', { repository_id: 42 }, 'repository_id'],
  ])('refuses a token that is %s', async (_name, change, says) => {
    const refused = await verify(await token({ ...good(), ...change }))
    expect(refused).toMatchObject({ ok: false, refusal: { rule: 'oidc-token' } })
    expect(!refused.ok && refused.refusal.because).toContain(says)
  })

  it('refuses a token that another key or another algorithm signed, and text that is no token', async () => {
    const foreign = await generateKeyPair('RS256')
    const strange = await generateKeyPair('PS256')
    const texts = [
      await token(good(), foreign.privateKey),
      await token(good(), strange.privateKey, 'PS256'),
      await token(good(), new Uint8Array(32), 'HS256'),
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(good())).toString('base64url')}.`,
      'x',
      '',
      'x'.repeat(20_000),
    ]
    for (const text of texts) expect((await verify(text)).ok).toBe(false)
  })

  it('asks to try later, and accepts nothing, while the issuer does not answer', async () => {
    const gone = oidcVerifier({ issuer: `${issuer}/gone`, publicUrl, clock })
    await expect(gone(await token({ ...good(), iss: `${issuer}/gone` }))).rejects.toThrow(TryLater)
  })
})
