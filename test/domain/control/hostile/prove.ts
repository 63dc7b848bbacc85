import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../../../src/adapters/sandbox/toolchain.ts'
import type { Escape, Places } from '../../../../src/domain/control/escapes/escape.ts'
import { knownEscapes } from '../../../../src/domain/control/escapes/index.ts'

const SECRET = 'canary-of-a-file-outside'
const SECONDS = 5

/**
 * A repository in a folder of its own, beside a folder that stands for the rest of the machine. All else on this machine
 * is read-only and there is no network, so that what is proven stays in here.
 */
export type Range = {
  readonly escapes: readonly Escape[]
  /** What the command did beyond the checkout, or null. */
  readonly prove: (escape: Escape) => Proof | null
  readonly close: () => void
}

export type Proof = 'ran a program' | 'wrote outside' | 'read outside'

export function openRange(): Range {
  const home = mkdtempSync(join(tmpdir(), 'agentos-argv-'))
  const outside = join(home, 'outside')
  const places: Places = {
    run: join(outside, 'evil'),
    code: `${join(outside, 'evil')} 1`,
    out: join(outside, 'out'),
    dir: outside,
    read: join(outside, 'secret'),
  }
  return {
    escapes: knownEscapes(places),
    prove: (escape) => attempt(home, places, escape),
    close: () => rmSync(home, { recursive: true, force: true }),
  }
}

const bwrap = findProgram('bwrap', (process.env['PATH'] ?? '').split(':')) ?? '/usr/bin/bwrap'

function attempt(home: string, places: Places, { argv }: Escape): Proof | null {
  layOut(home, places)
  const before = listing(home)
  const box = ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp', '--bind', home, home]
  const world = ['--unshare-net', '--unshare-pid', '--die-with-parent', '--chdir', join(home, 'work'), '--clearenv']
  const env = Object.entries({
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: join(home, 'home'),
    CANARY: join(home, 'canary'),
  })
  const ended = spawnSync(
    bwrap,
    [...box, ...world, ...env.flatMap(([name, value]) => ['--setenv', name, value]), '--', ...argv],
    { input: 'x\n', timeout: SECONDS * 1000, killSignal: 'SIGKILL', maxBuffer: 1 << 24, encoding: 'utf8' },
  )
  if (existsSync(join(home, 'canary'))) return 'ran a program'
  if (listing(home) !== before) return 'wrote outside'
  return `${ended.stdout}${ended.stderr}`.includes(SECRET) ? 'read outside' : null
}

/** A program for sh and for Node alike. */
const CANARY = `#!/bin/sh
':' //; touch "$CANARY"; exit 0
require('node:fs').writeFileSync(process.env.CANARY, '')
`

/** The same start for every attempt: a small repository with one commit, and a canary program outside. */
function layOut(home: string, places: Places): void {
  for (const name of ['outside', 'work', 'home', 'canary']) rmSync(join(home, name), { recursive: true, force: true })
  for (const name of ['outside', 'work/src', 'work/test', 'home']) mkdirSync(join(home, name), { recursive: true })
  writeFileSync(places.run, CANARY)
  chmodSync(places.run, 0o755)
  writeFileSync(places.read, `${SECRET}\n`)
  for (const [path, text] of Object.entries(FILES)) writeFileSync(join(home, 'work', path), text)
  const git = (...args: readonly string[]) =>
    spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], { cwd: join(home, 'work') })
  git('init', '-q')
  git('add', '-A')
  git('commit', '-qm', 'First')
  spawnSync('tar', ['-cf', 'x.tar', 'README.md'], { cwd: join(home, 'work') })
}

const FILES = {
  'README.md': '# TODO\nroot\n',
  Makefile: 'test:\n\t@echo tested\n',
  'package.json': '{"name":"x","version":"1.0.0","scripts":{"test":"echo tested","lint":"echo","build":"echo"}}\n',
  'src/index.ts': 'export {}\n',
  'test/index.test.js': '',
  'x.c': 'int main(void) { return 0; }\n',
} as const

/** Every file of the folder outside, with its bytes. */
function listing(home: string): string {
  const found = spawnSync('find', ['outside', 'home', '-path', '*/.npm', '-prune', '-o', '-printf', '%p %s\n'], {
    cwd: home,
  })
  const secret = join(home, 'outside/secret')
  return `${found.stdout.toString()}${existsSync(secret) ? readFileSync(secret, 'utf8') : ''}`
}
