import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { isPublic } from '../../../src/adapters/sandbox/addresses.ts'
import { hostNamedBy } from '../../../src/adapters/sandbox/first-flight.ts'
import { isHostName, listedHosts } from '../../../src/adapters/sandbox/listed-hosts.ts'
import { anInternet, aServer, portOf, reaching } from './proxied.ts'
import { aRequest, inside, seen } from './trial.ts'

const world = anInternet({ 'good.test': '127.0.0.1', 'other.test': '127.0.0.1', 'inner.test': '10.0.0.1' })

/** In a command: what the answer to one request says. Node’s own `http` asks the proxy for a plain address in absolute form. */
const get = `const get = (url, body = '') => new Promise((done, fail) => require('http')
  .request(url, { method: body === '' ? 'GET' : 'POST' }, async (r) => {
    const parts = []; try { for await (const part of r) parts.push(part) } catch (e) { return fail(e) }
    const bytes = Buffer.concat(parts); r.statusCode < 400 ? done([bytes, r.headers.location]) : fail(new Error(String(bytes))) })
  .on('error', fail).end(body))`

/** Asks for each address in turn, follows redirects, and prints what came or that nothing did. */
const fetching = (...urls: readonly string[]): readonly string[] => [
  'node',
  '-e',
  `${get}
   const follow = async (url) => { const [bytes, to] = await get(url); return to === undefined ? bytes : follow(to) }
   ;(async () => { for (const url of ${JSON.stringify(urls)}) console.log(
     await follow(url).then(String, () => 'failed')) })()`,
]

/** Asks the proxy in plain HTTP, as curl and npm do, and prints status and body. */
const asking = (url: string, headers: Readonly<Record<string, string>> = {}): readonly string[] => [
  'node',
  '-e',
  `require('http').get({ host: '127.0.0.1', port: 3128, path: ${JSON.stringify(url)}, headers: ${JSON.stringify({ host: new URL(url).host, ...headers })} },
     (r) => { console.log(r.statusCode); r.pipe(process.stdout) })`,
]

test('a listed host is reached, another one is not, and both are recorded', async () => {
  const port = await aServer((request, response) => response.end(`hello ${request.headers.host}`))
  const [good, other] = [`http://good.test:${port}/`, `http://other.test:${port}/`]
  const hosts = [`good.test:${port}`]
  const both = await reaching(fetching(good, other), { hosts }, { outside: world })
  expect(both).toMatchObject({ end: 'exit 0', stdout: `hello good.test:${port}\nfailed\n` })
  expect(both.use).toMatchObject({
    hosts,
    attempts: [
      { host: 'good.test', port, outcome: 'reached', because: 'listed', times: 1 },
      { host: 'other.test', port, outcome: 'refused', because: 'not listed', times: 1, sentBytes: 0, receivedBytes: 0 },
    ],
    more: 0,
  })
  const plain = await reaching(asking(good), { hosts }, { outside: world })
  expect(plain).toMatchObject({ end: 'exit 0', stdout: `200\nhello good.test:${port}` })
  expect(plain.use).toMatchObject({
    attempts: [{ host: 'good.test', outcome: 'reached', receivedBytes: expect.any(Number) }],
  })
  expect((await reaching(asking(other), { hosts }, { outside: world })).stdout).toBe('403\nnot listed\n')
})

test('a redirect to another host is another request', async () => {
  const port = await aServer((_, response) => response.writeHead(302, { location: `http://other.test:${port}/` }).end())
  const { stdout, use } = await reaching(
    fetching(`http://good.test:${port}/`),
    { hosts: [`good.test:${port}`] },
    { outside: world },
  )
  expect(stdout).toBe('failed\n')
  expect(use).toMatchObject({ attempts: [{ host: 'good.test' }, { host: 'other.test', outcome: 'refused' }] })
})

test('without the proxy there is no way: no address, no name, no datagram', async () => {
  const port = await aServer((_, response) => response.end('reached'))
  const attempts = `
    const [net, dns, udp] = ['net', 'dns', 'dgram'].map(require)
    const say = (what) => (e) => console.log(what, e ? e.code : 'reached')
    const tcp = (host, port) => { const s = net.connect({ host, port }, () => say(host)()); s.on('error', say(host)) }
    tcp('127.0.0.1', ${port}); tcp('1.1.1.1', 443); tcp('2606:4700:4700::1111', 443)
    dns.lookup('good.test', say('lookup'))
    const socket = udp.createSocket('udp4')
    socket.send('x', 53, '1.1.1.1', (e) => { say('udp')(e); socket.close() })`
  const { stdout, use } = await reaching(['node', '-e', attempts], { hosts: [`good.test:${port}`] }, { outside: world })
  expect(stdout.trim().split('\n').sort()).toEqual([
    '1.1.1.1 ENETUNREACH',
    '127.0.0.1 ECONNREFUSED',
    '2606:4700:4700::1111 ENETUNREACH',
    expect.stringMatching(/^lookup E/),
    'udp ENETUNREACH',
  ])
  expect(use).toMatchObject({ attempts: [] })
})

test('a listed name that leads to a private address is not reached', async () => {
  const { stdout, use } = await reaching(
    fetching('http://inner.test:80/', 'http://nowhere.test:80/'),
    { hosts: ['inner.test:80', 'nowhere.test:80'] },
    { outside: world },
  )
  expect(stdout).toBe('failed\nfailed\n')
  expect(use).toMatchObject({
    attempts: [
      { host: 'inner.test', outcome: 'refused', because: 'an address that is not public' },
      { host: 'nowhere.test', outcome: 'failed', because: 'no such host' },
    ],
  })
})

test('without anything injected a name that leads to this machine is not reached', async () => {
  const port = await aServer((_, response) => response.end('reached'))
  const outcome = await (await import('../../../src/adapters/sandbox/bubblewrap.ts')).bubblewrapSandbox().run(
    aRequest({
      argv: asking(`http://localhost.localdomain:${port}/`),
      network: { hosts: [`localhost.localdomain:${port}`] },
    }),
  )
  expect(seen(outcome).stdout).not.toContain('reached')
  expect(outcome).toMatchObject({ network: { attempts: [{ outcome: expect.stringMatching(/^(refused|failed)$/) }] } })
})

test('what a command may carry is bounded, in both directions together', async () => {
  const port = await aServer((request, response) => {
    request.resume()
    response.end(Buffer.alloc(2 ** 20))
  })
  const outside = anInternet({ 'good.test': '127.0.0.1' }, 2 ** 21 + 2 ** 19)
  const url = `http://good.test:${port}/`
  const many = `${get}; (async () => { let n = 0; try { for (;;) { await get('${url}'); n++ } } catch { console.log(n) } })()`
  const { stdout, use } = await reaching(['node', '-e', many], { hosts: [`good.test:${port}`] }, { outside })
  expect(stdout).toBe('2\n')
  expect(use).toMatchObject({
    attempts: expect.arrayContaining([expect.objectContaining({ outcome: 'refused', because: 'too many bytes' })]),
  })
})

test('attempts beyond those that are named are counted', async () => {
  const many = `${get}; (async () => { for (let i = 0; i < 50; i++) await get('http://h' + i + '.test/').catch(() => 0) })()`
  const { use } = await reaching(['node', '-e', many], { hosts: [] }, { outside: world })
  if (use === null || use === 'none') throw new Error('nothing was recorded')
  expect(use.attempts).toHaveLength(40)
  expect(use.more).toBe(10)
})

test('many connections at once carry every byte, both ways', async () => {
  const port = await aServer((request, response) => void request.pipe(response))
  const body = 'const body = Buffer.alloc(300000, 7)'
  const many = `${get}; ${body}; (async () => { const all = await Promise.all(Array.from({ length: 40 }, async () => { const [bytes] = await get('http://good.test:${port}/', body); return bytes.length })); console.log(all.reduce((a, b) => a + b)) })()`
  const { stdout, stderr, use } = await reaching(
    ['node', '-e', many],
    { hosts: [`good.test:${port}`] },
    { outside: anInternet({ 'good.test': '127.0.0.1' }, 2 ** 30) },
  )
  expect({ stdout, stderr }).toEqual({ stdout: '12000000\n', stderr: '' })
  expect(use).toMatchObject({ attempts: [{ outcome: 'reached' }] })
})

test('a command that ends in the middle of a request leaves neither its proxy nor a connection', async () => {
  const open = new Set<unknown>()
  const port = await aServer((request, response) => {
    open.add(request.socket)
    request.socket.on('close', () => open.delete(request.socket))
    response.write('begun')
  })
  const hanging = `require('http').get('http://good.test:${port}/', () => process.exit(4))`
  const { end, use } = await reaching(['node', '-e', hanging], { hosts: [`good.test:${port}`] }, { outside: world })
  expect(end).toBe('exit 4')
  expect(use).toMatchObject({ attempts: [{ host: 'good.test', outcome: 'reached' }] })
  await expect.poll(() => open.size).toBe(0)
})

test.each(['127.0.0.1', '*.example.org', 'example.org:0', 'example.org:70000', 'a:b:c', 'localhost', ''])(
  'a request that lists %j is refused',
  async (host) => {
    expect((await inside(['true'], { network: { hosts: [host] } })).end).toBe('refused: bad-request')
  },
)

test('the registry of packages is the machine’s own', () => {
  expect(listedHosts(['package-registry', 'a.example'], 'http://npm.example:4873/x/')).toEqual([
    { name: 'npm.example', port: 4873 },
    { name: 'a.example', port: 443 },
  ])
  expect(listedHosts(['package-registry'], 'http://127.0.0.1:4873/')).toBe('"package-registry" is not a host to reach')
  expect(listedHosts(['package-registry'], 'nonsense')).toBe('"package-registry" is not a host to reach')
})

test.each([
  ['8.8.8.8', true],
  ['2606:4700:4700::1111', true],
  ['127.0.0.1', false],
  ['10.1.2.3', false],
  ['172.31.255.255', false],
  ['192.168.1.1', false],
  ['169.254.169.254', false],
  ['100.100.100.200', false],
  ['0.0.0.0', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['::1', false],
  ['::', false],
  ['fe80::1', false],
  ['fd00:ec2::254', false],
  ['::ffff:127.0.0.1', false],
  ['::ffff:8.8.8.8', false],
  ['64:ff9b::7f00:1', false],
  ['2002:7f00:1::', false],
  ['2001:db8::1', false],
  ['ff02::1', false],
  ['nonsense', false],
])('the address %s is public: %s', (address, isOpen) => {
  expect(isPublic(address)).toBe(isOpen)
})

test.each([
  'a',
  '1.2.3.4',
  '0x7f.1',
  'a..b',
  '-a.test',
  'a-.test',
  'a.test.',
  'A.test',
  'a_b.test',
  `${'a'.repeat(64)}.test`,
])('%j is no name of a host', (name) => {
  expect(isHostName(name)).toBe(false)
})

test('the name in a real TLS greeting is found at whatever point its bytes are cut', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = { port: portOf(server.address()) }
  const client = connectTls({ socket: connect(port, '127.0.0.1'), servername: 'good.test' })
  client.on('error', () => undefined)
  const [socket] = await once(server, 'connection')
  const [hello] = await once(socket, 'data')
  client.destroy()
  socket.destroy()
  server.close()
  expect(hostNamedBy(hello)).toEqual({ is: 'name', name: 'good.test' })
  for (let end = 1; end < hello.length; end += 1) expect(hostNamedBy(hello.subarray(0, end))).toEqual({ is: 'more' })
  const halves = [hello.subarray(5, 60), hello.subarray(60)].map((part) =>
    Buffer.concat([Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part]),
  )
  expect(hostNamedBy(Buffer.concat(halves))).toEqual({ is: 'name', name: 'good.test' })
})
