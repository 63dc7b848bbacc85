import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { printed } from '../../../src/entry/cli/printed.ts'
import { ExecReceipt } from '../../../src/entry/local/exec-receipt.ts'
import { processesWith } from '../../adapters/sandbox/trial.ts'
import { canaries } from '../../support/canaries.ts'
import { deskForEachTest } from './a-cli.ts'

const desk = deskForEachTest({
  'a.txt': 'a\n',
  'say.sh': '#!/bin/sh\necho "own $NODE_ENV"\n',
  'wait.sh': '#!/bin/sh\nsleep 30\n',
  'stay.sh': '#!/bin/sh\nperl -e \'$SIG{TERM} = "IGNORE"; sleep 600\' "$MARK" & echo begun; wait\n',
  'leave.sh': '#!/bin/sh\nsleep 600 >/dev/null 2>&1 & echo left\n',
  '.agentos/policy.yml': `
version: 1
commands:
  - { id: say, decision: allow, runs: repository-code, program: ./say.sh, env: { NODE_ENV: test } }
  - { id: wait, decision: allow, runs: repository-code, program: ./wait.sh, limits: { wallMs: 300 } }
  - { id: stay, decision: allow, runs: repository-code, program: ./stay.sh, env: { MARK: agentos-exec-stay } }
  - { id: leave, decision: allow, runs: repository-code, program: ./leave.sh }
  - { id: far, decision: allow, runs: repository-code, program: ./far.sh, network: { hosts: [example.org] } }
  - { id: node, decision: allow, runs: repository-code, program: node, subcommand: [a.js] }
`,
  'far.sh': `#!/usr/bin/perl
use IO::Socket::INET;
my $proxy = IO::Socket::INET->new('127.0.0.1:3128') or die 'no proxy';
print $proxy "CONNECT other.example:443 HTTP/1.1\\r\\nHost: other.example:443\\r\\n\\r\\n";
print scalar <$proxy>;
`,
  'a.js': 'console.log(1)\n',
})

function receiptOf(file: string): ExecReceipt {
  const envelope: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const payload = typeof envelope === 'object' && envelope !== null && 'payload' in envelope ? envelope.payload : ''
  const statement: unknown = JSON.parse(Buffer.from(String(payload), 'base64').toString('utf8'))
  const predicate =
    typeof statement === 'object' && statement !== null && 'predicate' in statement && statement.predicate
  return ExecReceipt.parse(predicate)
}

async function exec(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const file = desk.at('receipt.json')
  const ended = await desk.agentos(['exec', '--repo', desk.clone, '--receipt', file, '--', ...argv], { env })
  return { ...ended, file }
}

const [form = ''] = canaries.map(({ value }) => value)
const own = { A_TOKEN: 'only-this-process-Knows-9x7' }
const hash = (text: string) => createHash('sha256').update(text).digest('hex')

it('prints no secret and keeps none, by form or by the value of its own variable, and the digests are over what is left', async () => {
  desk.write('both.txt', `form ${form}\nvalue ${Buffer.from(own.A_TOKEN).toString('base64')}\n`)
  desk.commit()
  const ran = await exec(['cat', 'both.txt'], own)
  expect(ran.stdout).toBe('form [secret removed: github-token]\nvalue [secret removed: A_TOKEN]\n')
  const { stdout } = receiptOf(ran.file).command
  expect(stdout).toEqual({ sha256: hash(ran.stdout), bytes: ran.stdout.length })
})

it.each([form, own.A_TOKEN])('starts nothing where the command line holds a secret', async (secret) => {
  const ran = await exec(['cat', secret], own)
  expect(ran).toMatchObject({ exit: 3, stdout: '', stderr: expect.stringContaining('[secrets]') })
  expect(ran.stderr).not.toContain(secret)
  expect(existsSync(ran.file)).toBe(false)
})

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

it('says with 3 that a commit cannot be written to disk, and starts nothing', async () => {
  desk.git('config', 'core.protectNTFS', 'false')
  desk.git('update-index', '--add', '--cacheinfo', `100644,${desk.git('rev-parse', 'HEAD:a.txt')},git~1/x`)
  desk.git('commit', '-q', '-m', 'odd')
  const ran = await exec(['node', 'a.js'])
  expect(ran).toMatchObject({ exit: 3, stderr: expect.stringMatching(/git~1.*leads into \.git; nothing was started/) })
  expect(existsSync(ran.file)).toBe(false)
})

it('prints what a command printed byte for byte, and on a terminal so that nothing acts', async () => {
  const odd = Buffer.from('a\tb\r\n\u001b]52;c;x\u0007\u202e\xff\n', 'utf8').subarray(0, -1)
  const bytes = Buffer.concat([odd, Buffer.from([0xff, 0x00])])
  desk.write('a.js', `process.stdout.write(Buffer.from('${bytes.toString('hex')}', 'hex'))\n`)
  desk.commit()
  const cli = join(import.meta.dirname, '../../../src/entry/cli.ts')
  const args = [cli, 'exec', '--repo', desk.clone, '--receipt', desk.at('r.json'), '--', 'node', 'a.js']
  expect(execFileSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })).toEqual(bytes)
  expect(printed(bytes, { isTTY: true })).toBe('a\tb\r\n<U+001B>]52;c;x<U+0007><U+202E>\u00ff\ufffd<U+0000>')
})

it('gives a command the variables of its rule, and the receipt names them with the bytes that ran', async () => {
  chmodSync(desk.at('clone/say.sh'), 0o755)
  desk.commit()
  const ran = await exec(['./say.sh'])
  expect(ran).toMatchObject({ exit: 0, stdout: 'own test\n' })
  expect(receiptOf(ran.file).command).toMatchObject({
    env: { NODE_ENV: 'test' },
    binary: { path: '/work/say.sh', sha256: sha256(desk.at('clone/say.sh')) },
  })
})

it('ends a command at the time limit of its rule', async () => {
  chmodSync(desk.at('clone/wait.sh'), 0o755)
  desk.commit()
  const ran = await exec(['./wait.sh'])
  expect(ran.exit).toBe(1)
  expect(receiptOf(ran.file).command).toMatchObject({
    ended: 'stopped by wall-time (SIGKILL)',
    limits: { wallMs: 300 },
  })
})

it('starts the system’s own program, whatever of the same name stands first on PATH or in the checkout', async () => {
  const first = desk.at('first')
  mkdirSync(first)
  for (const path of [`${first}/cat`, desk.at('clone/cat')]) {
    writeFileSync(path, '#!/bin/sh\necho hijacked\n')
    chmodSync(path, 0o755)
  }
  desk.commit()
  const ran = await exec(['cat', 'a.txt'], { PATH: `${first}:${process.env['PATH'] ?? ''}` })
  expect(ran.stdout).toBe('a\n')
  const { binary } = receiptOf(ran.file).command
  expect(binary).toEqual({ path: '/usr/bin/cat', sha256: sha256('/usr/bin/cat') })
})

it('lets a command reach the hosts of its rule and no others, and the receipt tells each attempt', async () => {
  chmodSync(desk.at('clone/far.sh'), 0o755)
  desk.commit()
  const ran = await exec(['./far.sh'])
  expect(ran).toMatchObject({ exit: 0, stdout: 'HTTP/1.1 403 not listed\r\n' })
  expect(receiptOf(ran.file).command.network).toEqual({
    hosts: ['example.org'],
    attempts: [
      expect.objectContaining({ host: 'other.example', port: 443, outcome: 'refused', because: 'not listed' }),
    ],
    more: 0,
  })
})

it('tells of a process that the command left, and that is gone', async () => {
  chmodSync(desk.at('clone/leave.sh'), 0o755)
  desk.commit()
  const ran = await exec(['./leave.sh'])
  expect(ran).toMatchObject({ exit: 0, stdout: 'left\n' })
  expect(receiptOf(ran.file).command).toMatchObject({ exitCode: 0, survivors: 1 })
})

it.each(['SIGKILL', 'SIGTERM'] as const)(
  'leaves no process and no receipt when %s ends it half-way',
  async (signal) => {
    chmodSync(desk.at('clone/stay.sh'), 0o755)
    desk.commit()
    const file = desk.at('receipt.json')
    const cli: { pid?: number } = {}
    const ended = desk.agentos(['exec', '--repo', desk.clone, '--receipt', file, '--', './stay.sh'], {
      started: (pid) => {
        cli.pid = pid
      },
    })
    await expect.poll(() => processesWith('agentos-exec-stay'), { timeout: 90_000 }).toHaveLength(1)
    process.kill(cli.pid ?? 0, signal)
    expect((await ended).exit).not.toBe(0)
    await expect.poll(() => processesWith('agentos-exec-stay'), { timeout: 60_000 }).toEqual([])
    expect(existsSync(file)).toBe(false)
  },
)

it.each([
  [[], 2],
  [['no-such-program'], 3],
  [['./absent.sh'], 3],
  [['cat', '../outside'], 3],
  [['cat', 'a.txt', '\u0007'], 3],
] as const)('starts nothing for %j, and writes no receipt', async (argv, exit) => {
  const ran = await exec(argv)
  expect(ran.exit).toBe(exit)
  if (exit !== 2) expect(ran.stderr).toMatch(/; nothing was started \[[a-z.-]+\]\nNext: \S/)
  expect(existsSync(ran.file)).toBe(false)
  expect(readdirSync(desk.home).filter((name) => name.startsWith('receipt'))).toEqual([])
})
