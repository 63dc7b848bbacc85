import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bubblewrapSandbox } from '../../../src/adapters/sandbox/bubblewrap.ts'
import { type Arena, type Escape, escapes } from './escapes.ts'
import { portOf } from './proxied.ts'
import { aCheckout, aRequest, limits, processesWith, seen } from './trial.ts'

const closing: (() => unknown)[] = []
const state: { arena?: Arena } = {}
const GITHUB_FILES = ['GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY']

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentos-arena-'))
  chmodSync(folder, 0o755)
  closing.push(() => rmSync(folder, { recursive: true }))
  const secret = `secret-${process.pid}-${performance.now().toString(36)}`
  const holder = spawn('sleep', ['600'], { env: { SECRET: secret }, cwd: folder })
  closing.push(() => holder.kill('SIGKILL'))
  await once(holder, 'spawn')
  const [tcp, abstract, socket] = [0, `\0agentos-${secret}`, join(folder, 'socket')]
  const ports = await Promise.all([
    listening({ port: tcp, host: '127.0.0.1' }),
    listening({ path: abstract }),
    listening({ path: socket }),
  ])
  const echo = createSocket('udp4')
  echo.on('message', (words, from) => echo.send(words, from.port, from.address))
  echo.bind(0, '127.0.0.1')
  await once(echo, 'listening')
  closing.push(() => echo.close())
  const victim = join(folder, 'victim')
  copyFileSync('/usr/bin/id', join(folder, 'setuid-id'))
  chmodSync(join(folder, 'setuid-id'), 0o4755)
  state.arena = {
    folder,
    victim,
    secret,
    holder: holder.pid ?? 0,
    tcp: ports[0],
    udp: echo.address().port,
    abstract,
    socket,
    mark: '',
  }
  process.env['AGENTOS_TEST_SECRET'] = secret
  for (const name of GITHUB_FILES) process.env[name] = join(folder, name)
  closing.push(() => ['AGENTOS_TEST_SECRET', ...GITHUB_FILES].forEach((name) => delete process.env[name]))
})

afterAll(() => closing.toReversed().forEach((close) => close()))

async function listening(
  at: { readonly port: number; readonly host: string } | { readonly path: string },
): Promise<number> {
  const server = createServer((client) => client.end()).listen(at)
  await once(server, 'listening')
  closing.push(() => server.close())
  return portOf(server.address())
}

/** The arena with a victim as it was, and a mark that is new. */
function anArena(): Arena {
  if (state.arena === undefined) throw new Error('there is no arena')
  writeFileSync(state.arena.victim, 'before')
  return { ...state.arena, mark: `mark-${process.pid}-${performance.now().toString(36)}` }
}

/** A test server answers in this process, so that the bare attempt must not block it. */
async function bareAttempt({ attack, around = [] }: Escape, arena: Arena): Promise<string> {
  const [file = '', ...rest] = [...around, ...attack(arena)]
  const child = spawn(file, rest, { cwd: aCheckout(), stdio: ['ignore', 'pipe', 'ignore'], detached: true })
  const printed = child.stdout.toArray()
  await once(child, 'exit')
  for (const pid of processesWith(arena.mark)) process.kill(pid, 'SIGKILL')
  return Buffer.concat(await printed).toString()
}

const rows = Object.entries(escapes).flatMap(([family, all]) =>
  all.map((escape: Escape) => [family, escape.about, escape] as const),
)

/** Root can show every way that the kernel has; where it has none, or somebody else tests, the row is not counted. */
const isRoot = process.getuid?.() === 0

test.for(rows)('%s: %s', async ([, about, escape], { skip }) => {
  const bare = await bareAttempt(escape, anArena())
  if (!bare.includes('ESCAPED') && (escape.mayLack === true || !isRoot)) skip(`${about} cannot be shown here: ${bare}`)
  expect(bare, 'it must succeed without the sandbox').toContain('ESCAPED')
  const arena = anArena()
  const outcome = await bubblewrapSandbox().run(
    aRequest({ argv: escape.attack(arena), limits: { ...limits, ...escape.limits } }),
  )
  const { end, stdout } = seen(outcome)
  if (escape.says !== undefined) expect(stdout.trim()).toMatch(escape.says)
  expect(end).toBe(escape.ends ?? 'exit 0')
  expect('survivors' in outcome ? outcome.survivors : null).toBe(escape.survivors ?? 0)
  expect(processesWith(arena.mark)).toEqual([])
  expect(readFileSync(arena.victim, 'utf8')).toBe('before')
})
