import { chmodSync, lstatSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bubblewrapSandbox, thisMachine } from '../../../src/adapters/sandbox/bubblewrap.ts'
import { sha256Hex } from './hashes.ts'
import { aCheckout, aRequest, inside, limits, seen } from './trial.ts'

test('the sandbox of this machine is ready', async () => {
  expect(await bubblewrapSandbox().probe()).toMatchObject({ is: 'ready' })
})

test('a command sees the environment it was given, and nothing else', async () => {
  const env = { B_SECOND: 'two words', A_FIRST: '', TZ: 'Europe/Berlin' }
  const { stdout } = await inside(['env'], { env })
  const lines = stdout.trimEnd().split('\n')
  expect(lines.filter((line) => !line.startsWith('PATH='))).toEqual([
    'A_FIRST=',
    'B_SECOND=two words',
    'CI=true',
    'HOME=/home/sandbox',
    'LANG=C.UTF-8',
    'TMPDIR=/tmp',
    'TZ=Europe/Berlin',
  ])
  expect(lines).toHaveLength(8)
  expect((await inside(['env'], { env })).stdout).toBe(stdout)
})

test.each([
  [['node', '-e', 'console.log(6 * 7)'], '42\n'],
  [['npm', '--version'], /^\d+\.\d+\.\d+\n$/],
  [['git', '--version'], /^git version /],
  [['python3', '-c', 'print(6 * 7)'], '42\n'],
  [['sh', '-c', 'echo out > /dev/stdout; echo more | cat'], 'out\nmore\n'],
  [['node', '-p', 'Object.keys(require("os").networkInterfaces())'], "[ 'lo' ]\n"],
  [['node', '-p', 'require("os").userInfo().username'], 'sandbox\n'],
  [['pwd'], '/work\n'],
] as const)('%j works', async (argv, expected) => {
  const { end, stdout, stderr } = await inside(argv)
  expect({ end, stderr }).toEqual({ end: 'exit 0', stderr: '' })
  expect(stdout).toMatch(expected)
})

const tinyPackage = {
  'package.json': '{"name":"tiny","version":"1.0.0","scripts":{"test":"node --test"}}',
  'index.js': 'exports.double = (n) => n * 2\n',
  'index.test.js': `const test = require('node:test'); const assert = require('node:assert')
test('doubles', () => assert.equal(require('./index.js').double(21), 42))\n`,
}

test('npm test runs a package, and says so when it fails', async () => {
  const green = await inside(['npm', 'test'], { checkout: aCheckout(tinyPackage) })
  expect(green.end).toBe('exit 0')
  expect(green.stdout).toContain('pass 1')
  const broken = { ...tinyPackage, 'index.js': 'exports.double = (n) => n + 2\n' }
  const red = await inside(['npm', 'test'], { checkout: aCheckout(broken) })
  expect(red.end).toBe('exit 1')
  expect(red.stdout).toContain('fail 1')
})

test('a server inside can be reached from inside, by name, address and socket file', async () => {
  const script = `const net = require('net'); const s = net.createServer((c) => c.end('hello'))
    const via = (to, then) => net.connect(to).on('data', (d) => console.log(String(d))).on('close', then)
    s.listen(0, () => via({ port: s.address().port, host: 'localhost' }, () => { s.close(); const u = net.createServer((c) => c.end('unix'))
      u.listen('/tmp/socket', () => via('/tmp/socket', () => u.close())) }))`
  expect(await inside(['node', '-e', script])).toEqual({ end: 'exit 0', stdout: 'hello\nunix\n', stderr: '' })
})

test.each([0, 1, 3, 126, 127, 129, 137, 153, 255])('the exit code %i is reported as it is', async (code) => {
  expect((await inside(['sh', '-c', `exit ${code}`])).end).toBe(`exit ${code}`)
})

test.each(['SEGV', 'KILL', 'TERM', 'ABRT', 'PIPE'])('the signal %s is reported as it is', async (name) => {
  const outcome = await bubblewrapSandbox().run(aRequest({ argv: ['perl', '-e', `kill '${name}', $$; sleep 5`] }))
  expect(outcome).toMatchObject({ is: 'stopped', by: 'signal', signal: `SIG${name}` })
})

test('a command that kills everything it can reach does not reach who reports its end', async () => {
  expect((await inside(['perl', '-e', 'kill 9, 1; kill 9, -1; exit 7'])).end).toBe('exit 7')
})

test('output is captured to the byte', async () => {
  const outcome = await bubblewrapSandbox().run(
    aRequest({ argv: ['perl', '-e', 'print "\\xff\\0\\r\\n"; print STDERR "e"'] }),
  )
  if (outcome.is !== 'exited') throw new Error(`it did not exit: ${outcome.is}`)
  expect(Buffer.from(outcome.stdout)).toEqual(Buffer.from([0xff, 0, 13, 10]))
  expect(outcome).toMatchObject({ stdoutBytes: 4, stderrBytes: 1, stderrSha256: sha256Hex('e') })
  expect(outcome.stdoutSha256).toBe(sha256Hex(outcome.stdout))
})

test('the outcome names the file that was started', async () => {
  const outcome = await bubblewrapSandbox().run(aRequest({ argv: ['sh', '-c', ':'] }))
  const shell = realpathSync('/bin/sh')
  expect(outcome).toMatchObject({ binary: { path: shell, sha256: sha256Hex(readFileSync(shell)) } })
})

test('a program of the checkout can be started, from its working folder', async () => {
  const checkout = aCheckout({ 'tools/run': '#!/bin/sh\necho "$0" in $(pwd)\n', 'tools/sub/file': '' })
  chmodSync(join(checkout, 'tools/run'), 0o755)
  expect((await inside(['tools/run'], { checkout })).stdout).toBe('/work/tools/run in /work\n')
  expect((await inside(['../run'], { checkout, cwd: 'tools/sub' })).stdout).toBe('/work/tools/run in /work/tools/sub\n')
})

test('what a command writes stays in the checkout and belongs to its owner again', async () => {
  const checkout = aCheckout()
  const owner = lstatSync(checkout)
  symlinkSync('/etc/passwd', join(checkout, 'link'))
  const { end } = await inside(['sh', '-c', 'mkdir -p a/b && echo text > a/b/file && mkdir -m 700 closed'], {
    checkout,
  })
  expect(end).toBe('exit 0')
  expect(readFileSync(join(checkout, 'a/b/file'), 'utf8')).toBe('text\n')
  for (const path of ['', 'a', 'a/b/file', 'closed', 'link']) {
    expect(lstatSync(join(checkout, path))).toMatchObject({ uid: owner.uid, gid: owner.gid })
  }
  expect(lstatSync('/etc/passwd').uid).toBe(0)
})

test('sandboxes run beside each other', async () => {
  const all = [1, 2, 3, 4].map((n) =>
    inside(['sh', '-c', `echo ${n} > file; cat file; ps -e | wc -l; exit ${n}`], { limits }),
  )
  expect((await Promise.all(all)).map(({ end }) => end)).toEqual(['exit 1', 'exit 2', 'exit 3', 'exit 4'])
})

test('the first Node on the machine’s PATH is the one commands get, wherever it lives', async () => {
  const folder = aCheckout({ 'node_modules/.bin/node': '#!/bin/sh\nexit 9\n' })
  chmodSync(join(folder, 'node_modules/.bin/node'), 0o755)
  mkdirSync(join(folder, 'bin'))
  symlinkSync(process.execPath, join(folder, 'bin/node'))
  const path = `${folder}/node_modules/.bin:${folder}/bin:${thisMachine().path}`
  const outcome = await bubblewrapSandbox({ ...thisMachine(), path }).run(aRequest({ argv: ['node', '--version'] }))
  expect(seen(outcome)).toEqual({ end: 'exit 0', stdout: `${process.version}\n`, stderr: '' })
  if (process.execPath.startsWith('/usr/')) return
  expect(outcome).toMatchObject({ binary: { path: expect.stringMatching(/^\/opt\/node\//) } })
})

test('a toolchain folder is seen read-only under its own name, and its programs come first', async () => {
  const tools = aCheckout({ 'bin/git': '#!/bin/sh\necho mine; echo x > $(dirname $0)/written\n' })
  chmodSync(join(tools, 'bin/git'), 0o755)
  for (const folder of [tools, join(tools, 'bin')]) chmodSync(folder, 0o755)
  const sandbox = bubblewrapSandbox({ ...thisMachine(), toolchain: [tools] })
  const outcome = await sandbox.run(aRequest({ argv: ['git'] }))
  expect(seen(outcome)).toMatchObject({ stdout: 'mine\n', stderr: expect.stringContaining('Read-only file system') })
  expect(outcome).toMatchObject({ binary: { path: join(tools, 'bin/git') } })
})
