import { once } from 'node:events'
import { createServer } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { anInternet, aServer, portOf, reaching } from './proxied.ts'

const world = anInternet({ 'good.test': '127.0.0.1', 'other.test': '127.0.0.1' })

/** Opens a tunnel to `authority`, says the words inside, and prints what comes back. */
const tunnelling = (authority: string, words: string): readonly string[] => [
  'node',
  '-e',
  `const s = require('net').connect(3128, '127.0.0.1')
   s.write('CONNECT ${authority} HTTP/1.1\\r\\nhost: ${authority}\\r\\n\\r\\n')
   s.once('data', (d) => { console.log(String(d).split('\\r\\n')[0]); s.write(${JSON.stringify(words)}); s.pipe(process.stdout) })
   s.on('error', () => {})`,
]

const of = (host: string) => `GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`

test.each([
  ['plain HTTP to the same host', of('good.test')],
  ['plain HTTP to another host', of('other.test')],
  ['two plain requests at once, of which the first names the same host', `${of('good.test')}${of('other.test')}`],
  ['another protocol', 'SSH-2.0-x\r\n'],
  ['nothing but noise', '\u0000\u0001\u0002'],
])('a tunnel in which stands %s is cut before a byte of it is carried', async (_, words) => {
  const { port, heard } = await aListener()
  const authority = `good.test:${port}`
  const { stdout, use } = await reaching(tunnelling(authority, words), { hosts: [authority] }, { outside: world })
  expect(stdout).toBe('HTTP/1.1 200 Connection established\n')
  expect(use).toMatchObject({
    attempts: [{ host: 'good.test', outcome: 'refused', because: 'no TLS inside', sentBytes: 0 }],
  })
  expect(heard()).toBe('')
})

/** Says the words to the proxy, one behind the answer to the other, and prints what comes back. */
const saying = (...words: readonly string[]): readonly string[] => [
  'node',
  '-e',
  `const [first, ...rest] = ${JSON.stringify(words)}
   const s = require('net').connect(3128, '127.0.0.1'); s.write(first)
   s.on('data', (d) => { process.stdout.write(String(d)); const next = rest.shift(); next === undefined ? s.end() : s.write(next) })
   s.on('error', () => {})`,
]

test('a plain request later in a tunnel reaches nothing either, as the tunnel is gone', async () => {
  const { port, heard } = await aListener()
  const authority = `good.test:${port}`
  const words = [`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`, of('good.test'), of('other.test')]
  const { use } = await reaching(saying(...words), { hosts: [authority] }, { outside: world })
  expect(use).toMatchObject({ attempts: [{ outcome: 'refused', because: 'no TLS inside', times: 1, sentBytes: 0 }] })
  expect(heard()).toBe('')
})

test.each(['later', 'at once'])('each plain request of one connection is judged: the second comes %s', async (when) => {
  const asked: string[] = []
  const port = await aServer((request, response) => {
    asked.push(request.headers.host ?? '')
    response.end('reached')
  })
  const authority = `good.test:${port}`
  const plain = (host: string) => `GET http://${authority}/ HTTP/1.1\r\nhost: ${host}\r\n\r\n`
  const words = [plain(authority), plain('other.test')]
  const argv = when === 'later' ? saying(...words) : saying(words.join(''))
  const { stdout, use } = await reaching(argv, { hosts: [authority] }, { outside: world })
  expect(stdout).toContain('reached')
  expect(asked).toEqual([authority])
  expect(use).toMatchObject({
    attempts: [{ outcome: 'reached' }, { outcome: 'refused', because: 'named another host inside', sentBytes: 0 }],
  })
})

test('the body of a request stays its body, so that no second request lies in it', async () => {
  const asked: string[] = []
  const port = await aServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      asked.push(`${request.headers['transfer-encoding']} ${body}`)
      response.end('reached')
    })
  })
  const authority = `good.test:${port}`
  const hidden = of('other.test')
  const chunked = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`
  const words = `GET http://${authority}/ HTTP/1.1\r\nhost: ${authority}\r\ntransfer-encoding: chunked\r\n\r\n${chunked}`
  const { stdout } = await reaching(saying(words), { hosts: [authority] }, { outside: world })
  expect(stdout).toContain('reached')
  expect(asked).toEqual([`chunked ${hidden}`])
})

/** A listener that says nothing, its port, and what it heard. */
async function aListener() {
  let text = ''
  const server = createServer((socket) => socket.on('data', (chunk) => (text += chunk.toString('latin1'))))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { port: portOf(server.address()), heard: () => text }
}

test.each([
  ['an address', '127.0.0.1:PORT'],
  ['an address in another form', '2130706433:PORT'],
  ['an address of the newer kind', '[::1]:PORT'],
  ['a name with a dot behind it', 'good.test.:PORT'],
  ['a name in capitals', 'GOOD.test:PORT'],
  ['no port', 'good.test'],
])('%s is refused, though the host behind it is listed', async (_, authority) => {
  const port = await aServer((_request, response) => response.end('reached'))
  const target = authority.replace('PORT', `${port}`)
  const { stdout, use } = await reaching(tunnelling(target, ''), { hosts: [`good.test:${port}`] }, { outside: world })
  expect(stdout).toMatch(/^HTTP\/1.1 403 /)
  expect(use).toMatchObject({ attempts: [{ outcome: 'refused' }] })
})

const PSK = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const

test('the name in a TLS greeting must be the one of the tunnel', async () => {
  const server = createTlsServer({ ...PSK, pskCallback: () => Buffer.from('key') }, (socket) =>
    socket.end('secret hello'),
  )
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const authority = `good.test:${portOf(server.address())}`
  const greeting = (servername: string): readonly string[] => [
    'node',
    '-e',
    `const s = require('net').connect(3128, '127.0.0.1')
     s.write('CONNECT ${authority} HTTP/1.1\\r\\nhost: ${authority}\\r\\n\\r\\n')
     s.once('data', () => { const t = require('tls').connect({ socket: s, servername: ${JSON.stringify(servername)},
       ciphers: 'PSK', maxVersion: 'TLSv1.2', checkServerIdentity: () => undefined,
       pskCallback: () => ({ identity: 'me', psk: Buffer.from('key') }) })
       t.on('error', () => console.log('cut')); t.pipe(process.stdout) })`,
  ]
  const fine = await reaching(greeting('good.test'), { hosts: [authority] }, { outside: world })
  expect(fine.stdout).toBe('secret hello')
  expect(fine.use).toMatchObject({ attempts: [{ outcome: 'reached' }] })
  const fronted = await reaching(greeting('other.test'), { hosts: [authority] }, { outside: world })
  expect(fronted.stdout).toBe('cut\n')
  expect(fronted.use).toMatchObject({
    attempts: [{ outcome: 'refused', because: 'named another host inside', sentBytes: 0 }],
  })
  const unnamed = await reaching(greeting(''), { hosts: [authority] }, { outside: world })
  expect(unnamed.use).toMatchObject({ attempts: [{ outcome: 'refused', because: 'named no host inside' }] })
})
