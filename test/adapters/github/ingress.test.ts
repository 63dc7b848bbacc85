import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer, request as httpRequest, type Server } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { GithubNotSetUp, githubApp } from '../../../src/adapters/github/app.ts'
import { githubIngress, MAX_BODY_BYTES, WEBHOOK_PATH } from '../../../src/adapters/github/ingress.ts'
import { bodyReader } from '../../../src/adapters/web/body.ts'
import type { Delivery, Inbox } from '../../../src/app/ledger.ts'
import { plainFilter } from '../../support/plain-filter.ts'
import { checkRun, issueComment, issues, ping, pullRequest, push, review } from './payloads.ts'

const SECRET = 'not the default'
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
})

/** An inbox in memory, with the same rule as the ledger's: known by id or by meaning. */
function anInbox(): Pick<Inbox, 'receive'> & { readonly kept: Delivery[]; broken: boolean } {
  const kept: Delivery[] = []
  const inbox = {
    kept,
    broken: false,
    receive: (delivery: Delivery) => {
      if (inbox.broken) return Promise.reject(new Error('the database password is hunter2'))
      const known = kept.some(
        (one) => one.deliveryId === delivery.deliveryId || one.semanticKey === delivery.semanticKey,
      )
      if (!known) kept.push(delivery)
      return Promise.resolve(known ? ('duplicate' as const) : ('new' as const))
    },
  }
  return inbox
}

let inbox = anInbox()
let woken = 0
let faults: unknown[] = []
let server: Server
let port = 0

beforeAll(async () => {
  const probot = await githubApp({
    appId: '1',
    privateKey,
    webhookSecret: SECRET,
    throttle: 'off',
    filter: plainFilter,
  })
  const ingress = githubIngress({
    probot,
    inbox: { receive: (delivery) => inbox.receive(delivery) },
    clock: { now: () => '2026-11-21T20:00:00.000Z' },
    readBody: bodyReader(10_000),
    onPersisted: () => {
      woken += 1
    },
    onFault: (error) => faults.push(error),
  })
  server = createServer((request, response) => {
    ingress(request, response).then(
      (mine) => {
        if (!mine) response.writeHead(404).end()
      },
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  inbox = anInbox()
  woken = 0
  faults = []
})

type Sent = { readonly event?: string; readonly headers?: Record<string, string | undefined>; readonly guid?: string }
const sign = (body: string) => `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`

async function deliver(body: string, { event = 'issue_comment', headers = {}, guid = randomUUID() }: Sent = {}) {
  const all: Record<string, string | undefined> = {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': guid,
    'x-hub-signature-256': sign(body),
    ...headers,
  }
  const given = Object.entries(all).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  )
  const answer = await fetch(`http://127.0.0.1:${port}${WEBHOOK_PATH}`, { method: 'POST', headers: given, body })
  return { status: answer.status, text: await answer.text() }
}
const comment = (more: object = {}) => JSON.stringify(issueComment(more))

describe('a delivery from GitHub', () => {
  test('is kept as it came before GitHub hears 200, and wakes the worker', async () => {
    const guid = randomUUID()
    expect(await deliver(comment(), { guid })).toEqual({ status: 200, text: 'kept' })
    expect(woken).toBe(1)
    expect(inbox.kept).toMatchObject([
      { deliveryId: guid, repository: '501', event: 'issue_comment', receivedAt: '2026-11-21T20:00:00.000Z' },
    ])
    expect(new TextDecoder().decode(inbox.kept[0]?.payload)).toBe(comment())
  })

  test.each([
    ['issues', issues()],
    ['pull_request', pullRequest()],
    ['pull_request_review', review()],
    ['push', push()],
    ['check_run', checkRun()],
  ])('of %s is kept', async (event, payload) => {
    expect(await deliver(JSON.stringify(payload), { event })).toMatchObject({ status: 200, text: 'kept' })
  })

  test('that only asks whether somebody listens is answered and not kept', async () => {
    expect(await deliver(JSON.stringify(ping()), { event: 'ping' })).toEqual({ status: 200, text: 'pong' })
    expect(inbox.kept).toEqual([])
  })

  test.each(['star', 'member', 'constructor', 'workflow_dispatch'])(
    'of %s is not kept, and GitHub hears so',
    async (event) => {
      expect(await deliver(comment(), { event })).toEqual({ status: 202, text: 'ignored' })
      expect(inbox.kept).toEqual([])
    },
  )
})

describe('news that was heard before', () => {
  test('is known by its delivery id, in whatever case', async () => {
    const guid = randomUUID()
    await deliver(comment(), { guid })
    const other = comment({ comment: { ...issueComment().comment, id: 5 } })
    expect(await deliver(other, { guid: guid.toUpperCase() })).toEqual({ status: 200, text: 'known already' })
    expect([inbox.kept.length, woken]).toEqual([1, 1])
  })

  test('is known by its meaning under a fresh delivery id', async () => {
    await deliver(comment())
    expect(await deliver(comment())).toEqual({ status: 200, text: 'known already' })
    expect(inbox.kept).toHaveLength(1)
  })

  test.each([
    ['an edit', 'issue_comment', issueComment({ action: 'edited' })],
    ['another comment', 'issue_comment', issueComment({ comment: { ...issueComment().comment, id: 4 } })],
    ['the same comment elsewhere', 'issue_comment', issueComment({ installation: { id: 2 } })],
    ['another text', 'issue_comment', issueComment({ comment: { ...issueComment().comment, body: 'x' } })],
  ])('is told from %s', async (_what, event, payload) => {
    await deliver(comment())
    await deliver(JSON.stringify(payload), { event })
    expect(inbox.kept).toHaveLength(2)
  })

  test('the same commits pushed again later are news', async () => {
    const first = push()
    await deliver(JSON.stringify(first), { event: 'push' })
    const later = push({ repository: { ...first.repository, pushed_at: first.repository.pushed_at + 60 } })
    await deliver(JSON.stringify(later), { event: 'push' })
    expect(inbox.kept).toHaveLength(2)
  })
})

describe('what is refused', () => {
  const valid: Record<string, unknown> = {
    issue_comment: issueComment({ action: 'edited' }),
    issues: issues({ action: 'edited' }),
    pull_request: pullRequest({ action: 'edited' }),
    pull_request_review: review({ action: 'edited' }),
    push: push(),
    check_run: checkRun(),
    ping: ping(),
  }
  const swaps = Object.keys(valid).flatMap((body) =>
    Object.keys(valid).flatMap((event) => (event === body ? [] : [[body, event] as const])),
  )
  test.each(swaps)('the signed body of %s under the name of %s', async (body, event) => {
    expect((await deliver(JSON.stringify(valid[body]), { event })).status).toBe(400)
    expect(inbox.kept).toEqual([])
  })

  test.each([
    ['no event', { 'x-github-event': undefined }, 400],
    ['an event that is a word of the language', { 'x-github-event': '__proto__' }, 202],
    ['an event that is no word', { 'x-github-event': 'issue comment' }, 400],
    ['no delivery id', { 'x-github-delivery': undefined }, 400],
    ['a delivery id that is no GUID', { 'x-github-delivery': '1795291709123' }, 400],
    ['no signature', { 'x-hub-signature-256': undefined }, 401],
    ['an old signature alone', { 'x-hub-signature-256': undefined, 'x-hub-signature': 'sha1=aaaa' }, 401],
    ['another signature', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }, 401],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['text', { 'content-type': 'text/plain' }, 415],
  ])('%s', async (_what, headers, status) => {
    expect((await deliver(comment(), { headers })).status).toBe(status)
    expect(inbox.kept).toEqual([])
  })

  test('a body that was changed after it was signed', async () => {
    const headers = { 'x-hub-signature-256': sign(comment()) }
    expect((await deliver(comment().replace('plan', 'stop'), { headers })).status).toBe(401)
  })

  test('a body signed with the secret that Probot would take by default', async () => {
    const signature = createHmac('sha256', 'development').update(comment()).digest('hex')
    expect((await deliver(comment(), { headers: { 'x-hub-signature-256': `sha256=${signature}` } })).status).toBe(401)
  })

  test.each([
    ['not JSON', '{"action":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['an empty object', '{}'],
    ['a member named twice', comment().replace('{"action"', '{"action":"deleted","action"')],
    ['a member named twice, once escaped', comment().replace('{"action"', '{"\\u0061ction":"deleted","action"')],
    ['no installation', comment({ installation: undefined })],
    ['an id that is no id', comment({ installation: { id: 1.5 } })],
    ['an id of text with a path in it', comment({ installation: { id: '1/../2' } })],
    ['a commit that is no commit', JSON.stringify(push({ after: 'main' }))],
  ])('%s', async (_what, body) => {
    expect((await deliver(body)).status).toBe(400)
    expect(inbox.kept).toEqual([])
  })

  test('an empty body', async () => {
    expect((await deliver('')).status).toBe(401)
  })

  test('a member that would change every object is refused, and changes none', async () => {
    const body = comment().replace('{"action"', '{"__proto__":{"polluted":true},"action"')
    expect((await deliver(body)).status).toBe(400)
    expect('polluted' in {}).toBe(false)
  })

  test('another method, while another path is none of its business', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}${WEBHOOK_PATH}`)
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await fetch(`http://127.0.0.1:${port}/other`)).status).toBe(404)
  })
})

const head = (more: string) =>
  [
    `POST ${WEBHOOK_PATH} HTTP/1.1`,
    'host: x',
    'content-type: application/json',
    'x-github-event: push',
    `x-github-delivery: ${randomUUID()}`,
    `x-hub-signature-256: sha256=${'0'.repeat(64)}`,
    more,
    '\r\n',
  ].join('\r\n')

describe('a body that is too large', () => {
  test('is refused by what it declares, before a byte of it is read', async () => {
    const answered = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(head(`content-length: ${MAX_BODY_BYTES + 1}`)))
      socket.once('data', (data) => {
        resolve(data.toString('utf8'))
        socket.destroy()
      })
      socket.once('error', reject)
    })
    expect(answered).toMatch(/^HTTP\/1\.1 413 /)
    expect(answered.toLowerCase()).toContain('connection: close')
  })

  test('is refused while it streams, however it is declared', async () => {
    const { status, sent } = await new Promise<{ status: number | undefined; sent: number }>((resolve) => {
      const chunk = Buffer.alloc(1024 * 1024, 0x20)
      let sent = 0
      const headers = {
        'content-type': 'application/json',
        'x-github-event': 'push',
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': `sha256=${'0'.repeat(64)}`,
        'transfer-encoding': 'chunked',
      }
      const request = httpRequest(
        { port, host: '127.0.0.1', path: WEBHOOK_PATH, method: 'POST', headers },
        (response) => {
          resolve({ status: response.statusCode, sent })
          request.destroy()
        },
      )
      request.on('error', () => undefined)
      const pump = () => {
        while (sent < 80 * chunk.length) {
          sent += chunk.length
          if (!request.write(chunk)) return
        }
      }
      request.on('drain', pump)
      pump()
    })
    expect(status).toBe(413)
    expect(sent).toBeLessThan(80 * 1024 * 1024)
  })

  test('of the largest size that GitHub sends is kept', async () => {
    const padding = 'x'.repeat(200_000)
    const body = comment({ padding: Array.from({ length: 120 }, () => padding) })
    expect(await deliver(body)).toEqual({ status: 200, text: 'kept' })
  })
})

test('a fault of ours says nothing to the sender, and is told to whoever runs the server', async () => {
  inbox.broken = true
  expect(await deliver(comment())).toEqual({ status: 500, text: '' })
  expect(woken).toBe(0)
  expect(faults).toHaveLength(1)
})

test('a fault is not remembered: the delivery is kept when it comes again', async () => {
  const guid = randomUUID()
  inbox.broken = true
  await deliver(comment(), { guid })
  inbox.broken = false
  expect(await deliver(comment(), { guid })).toEqual({ status: 200, text: 'kept' })
})

describe('the App does not start', () => {
  const setup = { appId: '1', privateKey, webhookSecret: SECRET, throttle: 'off' } as const
  test.each([
    ['without a webhook secret', { webhookSecret: undefined }, 'WEBHOOK_SECRET'],
    ['with an empty webhook secret', { webhookSecret: '' }, 'WEBHOOK_SECRET'],
    ['with the secret that everyone knows', { webhookSecret: 'development' }, 'WEBHOOK_SECRET'],
    ['without its id', { appId: undefined }, 'APP_ID'],
    ['with an id that is no number', { appId: 'Iv1.x' }, 'APP_ID'],
    ['without its key', { privateKey: undefined }, 'PRIVATE_KEY'],
  ])('%s', async (_what, more, names) => {
    const starting = githubApp({ ...setup, ...more, filter: plainFilter })
    await expect(starting).rejects.toBeInstanceOf(GithubNotSetUp)
    await expect(starting).rejects.toThrow(names)
  })
})
