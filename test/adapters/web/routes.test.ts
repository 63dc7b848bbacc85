import { afterEach, describe, expect, it } from 'vitest'
import { aStore, tellRun } from '../../app/queries/told-run.ts'
import { aWebServer } from './a-web-server.ts'

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

describe('every answer', () => {
  it.each(['/healthz', '/runs', '/api/runs', '/nowhere', '/api/github/webhooks', '/.well-known/agentos/keys.json'])(
    'of %s allows nothing to run, frame or leak',
    async (path) => {
      const { headers } = await (await started()).get(path)
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy.split('; ')).toEqual([
        "default-src 'none'",
        expect.stringMatching(/^style-src 'sha256-[A-Za-z0-9+/=]{44}'$/),
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
      ])
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    },
  )

  it('about runs is kept by no cache', async () => {
    const web = await started()
    for (const path of ['/runs', '/api/runs', '/metrics'])
      expect((await web.get(path)).headers.get('cache-control')).toBe('no-store')
  })

  it('goes to the webhook ingress before anything else', async () => {
    expect(await (await (await started()).get('/api/github/webhooks')).text()).toBe('kept')
  })

  it.each([
    ['/healthz', 'POST', 'GET, HEAD'],
    ['/runs', 'DELETE', 'GET, HEAD'],
    ['/api/runner/claim', 'GET', 'POST'],
    [`/api/runner/blobs/${'0'.repeat(64)}`, 'POST', 'GET, HEAD, PUT'],
  ])('of %s to %s names the methods that there are', async (path, method, allow) => {
    const web = await started()
    const answer = await fetch(web.url + path, { method })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe(allow)
  })

  it('to HEAD is that to GET without its body', async () => {
    const web = await started()
    const answer = await fetch(`${web.url}/healthz`, { method: 'HEAD' })
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('')
  })

  it('tells nothing of what broke, and the log tells no query and no header', async () => {
    const store = aStore()
    const broken = {
      ...store,
      queries: { ...store.queries, listRuns: async () => Promise.reject(new Error('the disk is full')) },
    }
    const web = await started({}, broken)
    const answer = await web.get('/api/runs?token=hush', { authorization: 'Bearer read-me' })
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('disk')
    expect(web.logged).toEqual([
      {
        level: 'error',
        message: 'a request could not be answered',
        fields: { method: 'GET', path: '/api/runs', error: 'Error: the disk is full' },
      },
    ])
    expect((await web.get('/runs')).status).toBe(500)
  })

  it('is 400 to an address that is no path', async () => {
    const web = await started()
    expect((await web.raw('/', { method: 'TRACE', headers: {} })).status).toBe(400)
  })
})

describe('probes and keys', () => {
  it('the process is up', async () => {
    expect(await (await (await started()).get('/healthz')).text()).toBe('ok\n')
  })

  it('the server is ready when its ledger answers, and only then', async () => {
    expect((await (await started()).get('/readyz')).status).toBe(200)
    const away = await started({ ledger: { head: async () => Promise.reject(new Error('away')) } })
    expect((await away.get('/readyz')).status).toBe(503)
    expect((await away.get('/healthz')).status).toBe(200)
  })

  it('a log that does not follow from its inputs is told by the probe and the metrics', async () => {
    const web = await started({ replayed: () => ({ divergences: 2, next: 31 }) })
    const ready = await web.get('/readyz')
    expect([ready.status, await ready.text()]).toEqual([200, expect.stringContaining('2 recorded decisions')])
    const text = await (await web.get('/metrics')).text()
    expect(text).toContain('agentos_replay_divergences 2\n')
    expect(text).toContain('agentos_replay_position 30\n')
  })

  it('the keys are public', async () => {
    const answer = await (await started()).get('/.well-known/agentos/keys.json', { 'x-forwarded-for': '8.8.8.8' })
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(await answer.json()).toEqual({ keys: [{ keyid: 'k' }] })
  })

  it('the metrics are Prometheus text', async () => {
    const web = await started()
    await tellRun(web.store).request()
    const answer = await web.get('/metrics')
    const text = await answer.text()
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(text).toContain('agentos_runs{phase="planning"} 1\n')
    expect(text).toContain('agentos_effects{status="due"} 3\n')
    expect(text).toContain('agentos_deliveries_waiting 3\n')
    expect(text).toMatch(/^process_resident_memory_bytes [1-9]\d+$/m)
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[a-z_]+"\})? \d+)$/)
  })
})

describe('who may read', () => {
  const PRIVATE = ['/runs', `/runs/${RUN}`, '/api/runs', `/api/runs/${RUN}`, `/api/runs/${RUN}/evidence`, '/metrics']
  const token = { authorization: 'Bearer read-me' }

  it.each(PRIVATE)('%s is there for this machine', async (path) => {
    const web = await started()
    await tellRun(web.store).request()
    expect((await web.get(path)).status).toBe(200)
  })

  it.each(PRIVATE)('%s is not there for whoever comes through a proxy, and looks like nothing at all', async (path) => {
    const web = await started()
    await tellRun(web.store).request()
    const nothing = await web.get('/nowhere')
    const nothingText = await nothing.text()
    for (const header of ['x-forwarded-for', 'forwarded', 'x-forwarded-host', 'x-real-ip', 'via']) {
      const answer = await web.get(path, { [header]: '127.0.0.1' })
      expect([answer.status, await answer.text()]).toEqual([404, nothingText])
      expect([...answer.headers].filter(([name]) => name !== 'date')).toEqual(
        [...nothing.headers].filter(([name]) => name !== 'date'),
      )
    }
    expect((await fetch(web.url + path, { method: 'POST', headers: { 'x-forwarded-for': '1.2.3.4' } })).status).toBe(
      404,
    )
  })

  it.each(PRIVATE)('%s is there for the read token wherever it comes from', async (path) => {
    const web = await started()
    await tellRun(web.store).request()
    expect((await web.get(path, { ...token, 'x-forwarded-for': '8.8.8.8' })).status).toBe(200)
  })

  it.each(['Bearer wrong', 'Bearer read-m', 'Bearer read-mee', 'Basic read-me', 'read-me', 'Bearer', 'Bearer  '])(
    '%j opens nothing',
    async (authorization) => {
      expect((await (await started()).get('/runs', { authorization, via: '1.1 proxy' })).status).toBe(404)
    },
  )

  it('an empty token opens nothing', async () => {
    const web = await started({ readToken: '' })
    for (const authorization of ['', 'Bearer', 'Bearer '])
      expect((await web.get('/runs', { authorization, via: 'p' })).status).toBe(404)
  })

  it('a web page that had its own name point here reads nothing', async () => {
    const web = await started()
    expect((await web.raw('/runs', { method: 'GET', headers: { host: 'evil.example:80' } })).status).toBe(404)
    expect((await web.raw('/runs', { method: 'GET', headers: { host: 'localhost:3000' } })).status).toBe(200)
  })

  it.each(['/runs/', '//runs', '/runs/%2e%2e', '/RUNS', '/runs%2f0123456789', '/api//runs', '/runs/0123456789/'])(
    '%s is no way around',
    async (path) => {
      const web = await started()
      await tellRun(web.store).request()
      expect((await web.get(path, { via: 'p' })).status).toBe(404)
    },
  )
})

describe('runs', () => {
  it('are listed for programs', async () => {
    const web = await started()
    await tellRun(web.store).request()
    const { runs } = JSON.parse(await (await web.get('/api/runs')).text())
    expect(runs).toEqual(JSON.parse(JSON.stringify(await web.store.queries.listRuns())))
  })

  it('are told in full for programs, effects under their keys', async () => {
    const web = await started()
    await tellRun(web.store).toDelivered()
    const run = JSON.parse(await (await web.get(`/api/runs/${RUN}`)).text())
    expect(run).toEqual(JSON.parse(JSON.stringify(await web.store.queries.showRun(RUN))))
    for (const { key } of run.effects) expect(key).toMatch(/^0123456789\/\d+\/\d+$/)
  })

  it('hand out their evidence byte for byte', async () => {
    const web = await started()
    await tellRun(web.store).request()
    const answer = await web.get(`/api/runs/${RUN}/evidence`)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="agentos-${RUN}.evidence.json"`)
    expect(await answer.text()).toBe(`{"run":"${RUN}"}`)
  })

  it.each(['9999999999', 'x', '%00', '..%2f..', "'%20or%201=1", 'u'.repeat(5000)])(
    'named %j are not there',
    async (id) => {
      const web = await started()
      for (const path of [`/runs/${id}`, `/api/runs/${id}`, `/api/runs/${id}/evidence`])
        expect((await web.get(path)).status).toBe(404)
    },
  )
})
