import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { aCheckout, bare, inside, limits, processesWith } from './trial.ts'

/** A word that nothing else on the machine holds. */
const unique = (name: string): string => `${name}-${process.pid}-${performance.now().toString(36)}`

async function listening(server: Server, at: string | number): Promise<void> {
  server.listen(typeof at === 'number' ? { port: at, host: '127.0.0.1' } : { path: at })
  await once(server, 'listening')
  onTestFinished(() => void server.close())
}

function aFolder(parent: string): string {
  const folder = mkdtempSync(join(parent, 'agentos-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

const connectTo = (target: string): readonly string[] => [
  'node',
  '-e',
  `const s = require('net').connect(${target}); s.on('connect', () => { console.log('reached'); s.destroy() });` +
    `s.on('error', (e) => { console.log(e.code); process.exit(3) })`,
]

/** A test server answers in this process, so the bare command must not block it. */
async function bareAlongside(argv: readonly string[]): Promise<string> {
  const [file = '', ...rest] = argv
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [output] = await Promise.all([child.stdout.toArray(), once(child, 'exit')])
  return Buffer.concat(output).toString('utf8')
}

test('a server on the loopback of the machine is out of reach', async () => {
  const server = createServer((socket) => socket.end())
  await listening(server, 0)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const attack = connectTo(`${port}, '127.0.0.1'`)
  expect(await bareAlongside(attack)).toBe('reached\n')
  expect(await inside(attack)).toMatchObject({ end: 'exit 3', stdout: 'ECONNREFUSED\n' })
})

test('an abstract socket of the machine is out of reach, also of a command that may reach hosts', async () => {
  const path = `\0${unique('agentos')}`
  await listening(
    createServer((socket) => socket.end()),
    path,
  )
  const attack = connectTo(JSON.stringify(path))
  expect(await bareAlongside(attack)).toBe('reached\n')
  expect((await inside(attack)).end).toBe('exit 3')
  expect((await inside(attack, { network: { hosts: ['registry.example'] } })).end).toBe('exit 3')
})

test('a socket file of the machine is out of reach', async () => {
  const path = join(aFolder(tmpdir()), 'socket')
  await listening(
    createServer((socket) => socket.end()),
    path,
  )
  const attack = connectTo(JSON.stringify(path))
  expect(await bareAlongside(attack)).toBe('reached\n')
  expect(await inside(attack)).toMatchObject({ end: 'exit 3', stdout: 'ENOENT\n' })
})

test('the environment of another process cannot be read', async () => {
  const secret = unique('secret')
  const holder = spawn('sleep', ['600'], { env: { SECRET: secret } })
  onTestFinished(() => void holder.kill('SIGKILL'))
  await once(holder, 'spawn')
  const attack = ['sh', '-c', 'cat /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n"']
  expect(bare(attack).stdout).toContain(secret)
  const caught = await inside(attack)
  expect(caught.stdout).not.toContain(secret)
  expect(caught.stdout).toContain('HOME=/home/sandbox')
})

test('the environment of the caller is not passed on', async () => {
  const secret = unique('secret')
  process.env['AGENTOS_TEST_SECRET'] = secret
  onTestFinished(() => void delete process.env['AGENTOS_TEST_SECRET'])
  expect(bare(['env']).stdout).toContain(secret)
  expect((await inside(['env'])).stdout).not.toContain(secret)
})

test.each([
  ['home folder', homedir()],
  ['temporary folder', tmpdir()],
])('a file in the %s of the machine cannot be read', async (_, parent) => {
  const file = join(aFolder(parent), 'secret')
  writeFileSync(file, 'a secret')
  expect(bare(['cat', file]).stdout).toBe('a secret')
  expect(await inside(['cat', file])).toMatchObject({ end: 'exit 1', stdout: '' })
})

test('nothing can be written outside the checkout', async () => {
  const folder = aFolder(tmpdir())
  const attack = ['sh', '-c', `echo x > ${folder}/written`]
  expect(bare(attack).end).toBe('exit 0')
  expect(existsSync(`${folder}/written`)).toBe(true)
  rmSync(`${folder}/written`)
  expect((await inside(attack)).end).not.toBe('exit 0')
  expect(existsSync(`${folder}/written`)).toBe(false)
})

test.each(['/', '/usr', '/etc', '/dev', '/opt', '/proc/sys/kernel', '/home'])(
  '%s cannot be written',
  async (folder) => {
    const { end, stderr } = await inside(['sh', '-c', `echo x > ${folder}/written`])
    expect(end).not.toBe('exit 0')
    expect(stderr).toMatch(/Read-only file system|Permission denied|nonexistent/)
  },
)

test('a link in the checkout does not lead to a file of the machine', async () => {
  const file = join(aFolder(tmpdir()), 'victim')
  writeFileSync(file, 'before')
  const checkout = aCheckout()
  symlinkSync(file, join(checkout, 'link'))
  const attack = ['sh', '-c', 'echo after > link']
  expect(bare(attack, checkout).end).toBe('exit 0')
  expect(readFileSync(file, 'utf8')).toBe('after\n')
  writeFileSync(file, 'before')
  expect((await inside(attack, { checkout })).end).not.toBe('exit 0')
  expect(readFileSync(file, 'utf8')).toBe('before')
})

const machineCalls = process.arch === 'x64' ? { ptrace: 101 } : { ptrace: 117 }

test.each([
  ['tracing', ['perl', '-e', `exit(syscall(${machineCalls.ptrace}, 0, 0, 0, 0) == 0 ? 0 : 9)`]],
  ['a new user namespace', ['bwrap', '--unshare-user', '--ro-bind', '/', '/', 'true']],
  ['a mount', ['bwrap', '--unshare-user', '--ro-bind', '/', '/', '--tmpfs', '/tmp', 'true']],
])('%s is refused', async (_, attack) => {
  expect(bare(attack).end).toBe('exit 0')
  expect((await inside(attack)).end).not.toBe('exit 0')
})

test('a background process does not survive, also in a session of its own', async () => {
  const mark = unique('survivor')
  const detached = ['node', '-e', detachedSleeper(mark)]
  expect(bare(detached).end).toBe('exit 0')
  const left = processesWith(mark)
  expect(left).toHaveLength(1)
  for (const pid of left) process.kill(pid, 'SIGKILL')
  const other = unique('survivor')
  expect((await inside(['node', '-e', detachedSleeper(other)])).end).toBe('exit 0')
  expect(processesWith(other)).toEqual([])
})

/** Starts a process that outlives its parent, and returns when it runs. */
const detachedSleeper = (mark: string): string =>
  `const c = require('child_process').spawn('perl', ['-e', '$SIG{HUP} = "IGNORE"; sleep 600', '${mark}'],` +
  `{ detached: true, stdio: 'ignore' }); c.on('spawn', () => { c.unref(); process.exit(0) })`

test('a fork bomb stops at the limit and leaves nothing', async () => {
  const mark = unique('bomb')
  const forks = `$| = 1; my $n = 0; for (1 .. 200) { my $p = fork; last unless defined $p; if (!$p) { sleep 600; exit } $n++ } print $n;`
  const bomb = ['perl', '-e', forks, mark]
  expect(bare(['setsid', '-w', 'perl', '-e', `${forks} kill 9, -getpgrp`, mark]).stdout).toBe('200')
  const { end, stdout } = await inside(bomb, { limits: { ...limits, processes: 40 } })
  expect(end).toBe('exit 0')
  expect(Number(stdout)).toBeGreaterThan(20)
  expect(Number(stdout)).toBeLessThan(40)
  expect(processesWith(mark)).toEqual([])
})

test('a command does not inherit open files of this process', async () => {
  const { stdout } = await inside(['sh', '-c', 'echo /proc/self/fd/*'])
  expect(stdout.trim().split(' ')).toEqual(['/proc/self/fd/0', '/proc/self/fd/1', '/proc/self/fd/2', '/proc/self/fd/3'])
})

test('the sockets of docker and of the system are not there', async () => {
  const { stdout } = await inside(['sh', '-c', 'ls -d /run /var /root /sys /boot /home/* 2>/dev/null'])
  expect(stdout).toBe('/home/sandbox\n')
})

test('a command dies with the process that started it', async () => {
  const mark = unique('orphan')
  const adapter = JSON.stringify(join(import.meta.dirname, '../../../src/adapters/sandbox/bubblewrap.ts'))
  const request = {
    argv: ['perl', '-e', 'sleep 600', mark],
    checkout: aCheckout(),
    cwd: '',
    env: {},
    network: 'none',
    limits,
  }
  const script = `import { bubblewrapSandbox } from ${adapter}; await bubblewrapSandbox().run(${JSON.stringify(request)})`
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' })
  await expect.poll(() => processesWith(mark).length, { timeout: 20_000 }).toBeGreaterThan(1)
  starter.kill('SIGKILL')
  await expect.poll(() => processesWith(mark).filter((pid) => pid !== starter.pid), { timeout: 20_000 }).toEqual([])
})
