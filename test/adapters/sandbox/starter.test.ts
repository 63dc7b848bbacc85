import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { parseReport, startOrders } from '../../../src/adapters/sandbox/starter.ts'
import { codeOf, instructionsOf, starterFile, starterListings } from '../../../src/adapters/sandbox/starter-file.ts'
import type { Machine } from '../../../src/adapters/sandbox/syscalls.ts'
import { aCheckout, aRequest } from './trial.ts'

/** What turns assembler into bytes, and what runs the other machine's programs. Those that are not here are not asked. */
const machines = [
  { machine: 'x64', prefix: process.arch === 'x64' ? '' : 'x86_64-linux-gnu-', emulator: '/usr/bin/qemu-x86_64' },
  { machine: 'arm64', prefix: process.arch === 'arm64' ? '' : 'aarch64-linux-gnu-', emulator: '/usr/bin/qemu-aarch64' },
] as const satisfies readonly { readonly machine: Machine; readonly prefix: string; readonly emulator: string }[]

const assembled = machines.filter(({ prefix }) => existsSync(`/usr/bin/${prefix}as`))

test.runIf(process.env['CI'] === 'true')(
  'an assembler for this machine is here, where nobody would notice that it is not',
  () => {
    expect(assembled.map(({ machine }) => machine)).toContain(process.arch)
  },
)

const runnable = machines.filter(({ machine, emulator }) => machine === process.arch || existsSync(emulator))

test.each(assembled)('the bytes of the starter for $machine are its instructions', ({ machine, prefix }) => {
  const folder = aCheckout()
  const lines = instructionsOf(starterListings[machine]).map((line) => (typeof line === 'string' ? line : line.text))
  const dialect = machine === 'x64' ? '.intel_syntax noprefix\n' : ''
  writeFileSync(join(folder, 'starter.s'), `${dialect}${lines.join('\n')}\n`)
  execFileSync(`${prefix}as`, ['-o', 'starter.o', 'starter.s'], { cwd: folder })
  execFileSync(`${prefix}objcopy`, ['-O', 'binary', '-j', '.text', 'starter.o', 'starter'], { cwd: folder })
  expect(codeOf(machine).toString('hex')).toBe(readFileSync(join(folder, 'starter')).toString('hex'))
})

test.each(runnable)('the starter for $machine tells a signal from an exit code that looks like one', async (host) => {
  expect(await started(host, ['sh', '-c', 'exit 137'])).toMatchObject({ report: { is: 'exit', number: 137 } })
  expect(await started(host, ['sh', '-c', 'kill -9 $$'])).toMatchObject({ report: { is: 'signal', number: 9 } })
})

test.each(runnable)('the starter for $machine hands over each word and variable as it is', async (host) => {
  const words = ['', 'a b', 'ü\n', '$x']
  const { said } = await started(host, ['sh', '-c', 'printf "<%s>" "$LANG" "$@"', ...words])
  expect(said).toBe('<C.UTF-8><a b><ü\n><$x>')
})

/** An emulator's child does not share its parent's memory, through which the reason comes. */
const native = runnable.filter(({ machine }) => machine === process.arch)

test.each(native)('the starter for $machine reports why a command did not start', async (host) => {
  expect(await started(host, ['none'], { start: '/nonexistent' })).toMatchObject({
    report: { is: 'unstarted', number: 2 },
  })
})

test.each(runnable)('the starter for $machine starts nothing by orders that are not whole', async (host) => {
  for (const change of [() => Buffer.alloc(0), (whole: Buffer) => whole.subarray(0, -1), withMore])
    expect(await started(host, ['echo', 'begun'], { change })).toEqual({
      report: { is: 'killed' },
      said: '',
      code: 125,
    })
})

const withMore = (whole: Buffer): Buffer => Buffer.concat([whole, Buffer.from('x')])

type Trial = { readonly start?: string; readonly change?: (orders: Buffer) => Buffer }

async function started(
  { machine, emulator }: (typeof machines)[number],
  argv: readonly string[],
  { start = `/usr/bin/${argv[0]}`, change = (orders) => orders }: Trial = {},
) {
  const file = join(aCheckout(), 'starter')
  writeFileSync(file, starterFile(machine), { mode: 0o755 })
  const view = { request: aRequest({ argv }), toolchain: [], proxyFolder: null, registry: null }
  const orders = change(startOrders(view, { start, binary: { path: start, sha256: '' } }))
  const [program, words] = machine === process.arch ? [file, []] : [emulator, [file]]
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit', 'ignore', 'ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  const [reported, said] = [buffer(end(child, 5, Readable)), buffer(end(child, 1, Readable))]
  end(child, 6, Writable)
    .on('error', () => undefined)
    .end(orders)
  const [code] = await ended
  return { report: parseReport(await reported), said: (await said).toString(), code }
}

function end<T>(child: ChildProcess, descriptor: number, kind: new () => T): T {
  const stream = child.stdio[descriptor]
  if (!(stream instanceof kind)) throw new TypeError(`descriptor ${descriptor} is none`)
  return stream
}
