import { afterEach, describe, expect, it } from 'vitest'
import { WillNotWork } from '../../../src/app/ports.ts'
import { sha256Hex } from '../../../src/domain/hash.ts'
import { aDesk, aWebServer } from './a-web-server.ts'

const RUN = '0123456789'
const open: { close(): Promise<void> }[] = []

async function started(...given: Parameters<typeof aWebServer>) {
  const web = await aWebServer(...given)
  open.push(web)
  return web
}

afterEach(async () => {
  for (const web of open.splice(0)) await web.close()
})

describe('the runner’s routes', () => {
  const claim = JSON.stringify({ grant: `${RUN}-1`, effect: `${RUN}/4/0`, publicKey: `${'A'.repeat(43)}=` })

  it('take a claim with a bearer token and give the desk’s answer', async () => {
    const web = await started()
    const answer = await web.post('/api/runner/claim', claim, 'good')
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ subject: '', manifest: '', contents: [] })
    expect(web.asked).toEqual([JSON.parse(claim)])
  })

  it('take steps and deliveries', async () => {
    const web = await started()
    const envelope = {
      payload: '',
      payloadType: 'application/vnd.in-toto+json',
      signatures: [{ keyid: '0'.repeat(64), sig: '' }],
    }
    for (const [path, body] of [
      ['steps', { grant: `${RUN}-1`, receipt: envelope }],
      ['deliver', { grant: `${RUN}-1`, delivery: envelope }],
    ] as const) {
      const answer = await web.post(`/api/runner/${path}`, JSON.stringify(body), 'good')
      expect(await answer.json()).toEqual({ accepted: true })
    }
  })

  it('pass on the desk’s refusal with its status and its rule', async () => {
    const answer = await (await started()).post('/api/runner/claim', claim, 'bad')
    expect(answer.status).toBe(403)
    expect(await answer.json()).toEqual({
      error: { rule: 'job-actor', because: 'another job', next: 'let AgentOS dispatch' },
    })
  })

  it('tell a job for good what can never be recorded, so that it does not try again', async () => {
    const never = () => Promise.reject(new WillNotWork('what was about to be recorded holds a secret (npm-token)'))
    const web = await started({ desk: { ...aDesk().desk, claim: never } })
    const answer = await web.post('/api/runner/claim', claim, 'good')
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({ error: { because: expect.stringContaining('npm-token') } })
  })

  it.each(['claim', 'steps', 'deliver'])('answer 401 to %s without a token and ask nobody', async (path) => {
    const web = await started()
    const answer = await web.post(`/api/runner/${path}`, claim)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect(web.asked).toEqual([])
  })

  it.each([
    ['{', 400, 'not-json'],
    ['', 400, 'not-json'],
    [Uint8Array.of(0x22, 0xff, 0x22), 400, 'not-json'],
    ['{}', 422, 'shape'],
    ['null', 422, 'shape'],
    [JSON.stringify({ ...JSON.parse(claim), more: 1 }), 422, 'shape'],
    [JSON.stringify({ ...JSON.parse(claim), grant: '../1' }), 422, 'shape'],
  ])('refuse the claim %j with %i', async (body, status, rule) => {
    const web = await started()
    const answer = await web.post('/api/runner/claim', body, 'good')
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ error: { rule } })
    expect(web.asked).toEqual([])
  })

  it('keep bytes under their own hash alone', async () => {
    const web = await started()
    const bytes = Uint8Array.of(0, 255, 10, 13)
    const headers = { authorization: 'Bearer good' }
    const named = `${web.url}/api/runner/blobs/${sha256Hex(bytes)}`
    expect((await fetch(named, { headers })).status).toBe(404)
    expect((await fetch(named, { method: 'PUT', headers, body: Uint8Array.from([1]) })).status).toBe(422)
    expect(await (await fetch(named, { method: 'PUT', headers, body: bytes })).json()).toEqual({ accepted: true })
    const back = await fetch(named, { headers })
    expect(back.headers.get('content-type')).toBe('application/octet-stream')
    expect(new Uint8Array(await back.arrayBuffer())).toEqual(bytes)
    expect((await fetch(named)).status).toBe(401)
  })

  it.each(['x', '0'.repeat(63), 'A'.repeat(64), '..%2fkey'])('know no blob named %s', async (name) => {
    const web = await started()
    expect((await web.get(`/api/runner/blobs/${name}`, { authorization: 'Bearer good' })).status).toBe(422)
  })

  it.each([
    ['/api/runner/claim', 'POST', 1024 * 1024],
    ['/api/runner/steps', 'POST', 1024 * 1024],
    ['/api/runner/deliver', 'POST', 24 * 1024 * 1024],
    [`/api/runner/blobs/${'0'.repeat(64)}`, 'PUT', 64 * 1024 * 1024],
  ])('read no more of %s %s than %i bytes', async (path, method, most) => {
    const web = await started()
    const answer = await web.raw(path, {
      method,
      headers: { authorization: 'Bearer good', 'content-length': String(most + 1) },
    })
    expect(answer.status).toBe(413)
    expect(answer.text).toContain('body-too-large')
  })

  it('count the bytes of a body that does not say how long it is', async () => {
    const web = await started()
    const headers = { authorization: 'Bearer good', 'transfer-encoding': 'chunked' }
    const answer = await web.raw('/api/runner/claim', { method: 'POST', headers, begin: ' '.repeat(1024 * 1024 + 1) })
    expect(answer.status).toBe(413)
  })

  it('do not wait for a body that does not come', async () => {
    const web = await started({ bodyTimeoutMs: 50 })
    const answer = await web.raw('/api/runner/claim', {
      method: 'POST',
      headers: { authorization: 'Bearer good', 'content-length': '100' },
      begin: '{',
    })
    expect(answer.status).toBe(408)
  })

  it('survive a body that breaks off', async () => {
    const web = await started()
    await expect(
      web.raw('/api/runner/claim', {
        method: 'POST',
        headers: { authorization: 'Bearer good', 'content-length': '100' },
        begin: '{',
        hangUp: true,
      }),
    ).rejects.toThrow()
    expect((await web.get('/healthz')).status).toBe(200)
    expect(web.asked).toEqual([])
  })
})
