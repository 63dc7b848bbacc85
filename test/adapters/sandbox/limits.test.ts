import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bubblewrapSandbox, thisMachine } from '../../../src/adapters/sandbox/bubblewrap.ts'
import type { Sandbox } from '../../../src/app/sandbox.ts'
import { sha256Hex } from './hashes.ts'
import { aCheckout, aRequest, inside, limits, processesWith, seen } from './trial.ts'

const MIB = 1024 ** 2

test('a command that hangs is stopped at its time, with all that it started', async () => {
  const mark = `hang-${process.pid}`
  const script = `if (!fork) { $SIG{TERM} = 'IGNORE'; sleep 600 } print "begun\\n"; $| = 1; print ''; sleep 600`
  const { end, stdout } = await inside(['perl', '-e', script, mark], { limits: { ...limits, wallMs: 1500 } })
  expect({ end, stdout }).toEqual({ end: 'stopped by wall-time', stdout: 'begun\n' })
  expect(processesWith(mark)).toEqual([])
})

test.each(['stdout', 'stderr'] as const)(
  'a flood on %s is stopped; what is kept is its exact beginning',
  async (stream) => {
    const descriptor = stream === 'stdout' ? 1 : 2
    const outcome = await bubblewrapSandbox().run(
      aRequest({ argv: ['sh', '-c', `yes 0123456 >&${descriptor}`], limits: { ...limits, outputBytes: 80_000 } }),
    )
    if (outcome.is !== 'stopped') throw new Error(`the flood was not stopped: ${outcome.is}`)
    expect(outcome.by).toBe('output')
    expect(Buffer.from(outcome[stream]).toString()).toBe('0123456\n'.repeat(10_000))
    expect(outcome[`${stream}Bytes`]).toBeGreaterThan(80_000)
    expect(outcome[`${stream}Sha256`]).toBe(sha256Hex('0123456\n'.repeat(10_000)))
  },
)

test('a flood is seen even when the command ended before it was read', async () => {
  const argv = ['sh', '-c', 'echo 0123456789']
  expect((await inside(argv, { limits: { ...limits, outputBytes: 10 } })).end).toBe('stopped by output')
  expect((await inside(argv, { limits: { ...limits, outputBytes: 11 } })).end).toBe('exit 0')
})

test('a command that takes too much memory is stopped', async () => {
  const hog = 'const kept = []; setInterval(() => kept.push(Buffer.alloc(16 * 2 ** 20, 1)), 5)'
  const over = { limits: { ...limits, memoryBytes: 300 * MIB } }
  expect((await inside(['node', '-e', hog], over)).end).toBe('stopped by memory')
})

test('memory is counted over all processes of a command', async () => {
  const eater = `my $x = "x" x (90 * 2 ** 20); sleep 600`
  const family = ['perl', '-e', `for (1 .. 4) { if (!fork) { ${eater} } } sleep 600`]
  expect((await inside(family, { limits: { ...limits, memoryBytes: 300 * MIB } })).end).toBe('stopped by memory')
})

test('the private folders hold no more than the memory limit', async () => {
  const fill = ['sh', '-c', 'for folder in /tmp /dev/shm "$HOME"; do head -c 20000000 /dev/zero > $folder/fill; done']
  const { end, stderr } = await inside(fill, { limits: { ...limits, memoryBytes: 16 * MIB } })
  expect(end).toBe('exit 1')
  expect(stderr.match(/No space left on device/g)).toHaveLength(3)
})

test('a command that computes without end is stopped at its processor time', async () => {
  expect((await inside(['perl', '-e', '1 while 1'], { limits: { ...limits, cpuSeconds: 1 } })).end).toBe(
    'stopped by cpu',
  )
})

test('processor time is counted over all processes of a command', async () => {
  const family = ['sh', '-c', 'for i in 1 2 3 4 5 6; do perl -e "1 while (times)[0] < 0.5"; done']
  expect((await inside(family, { limits: { ...limits, cpuSeconds: 2 } })).end).toBe('stopped by cpu')
})

test('no file grows past its limit', async () => {
  const over = { limits: { ...limits, fileBytes: 4096 } }
  expect((await inside(['head', '-c', '4096', '/dev/zero'], over)).end).toBe('exit 0')
  expect((await inside(['perl', '-e', 'open(F, ">big"); print F "x" x 5000'], over)).end).toBe('stopped by file-size')
})

test('a caller can cancel a command, before and while it runs', async () => {
  const early = AbortSignal.abort()
  expect((await inside(['sleep', '600'], {}, early)).end).toBe('refused: cancelled')
  const late = AbortSignal.timeout(700)
  expect((await inside(['sleep', '600'], {}, late)).end).toBe('stopped by cancelled')
})

/** A bubblewrap that makes its sandbox only when there is something to read, as on a machine with too much to do. */
function waitingFor(source: string, folder: string): Sandbox {
  const engine = execFileSync('which', ['bwrap'], { encoding: 'utf8' }).trim()
  const late = `[ "$1" = --version ] || exec ${engine} --block-fd 60 "$@" 60${source}`
  writeFileSync(join(folder, 'bwrap'), `#!/bin/bash\n${late}\nexec ${engine} --version\n`, { mode: 0o755 })
  return bubblewrapSandbox({ ...thisMachine(), path: `${folder}:${thisMachine().path}` })
}

test('a sandbox that is late to stand is not charged for what this machine holds', async () => {
  const late = waitingFor('< <(sleep 0.5)', aCheckout())
  const few = { ...limits, diskBytes: 4096, files: 1 }
  expect(seen(await late.run(aRequest({ argv: ['true'], limits: few }))).end).toBe('exit 0')
})

test('a sandbox that never stands is stopped by the time, and is not called missing', async () => {
  const folder = aCheckout()
  execFileSync('mkfifo', ['-m', '666', join(folder, 'never')])
  const never = waitingFor(`<>${join(folder, 'never')}`, folder)
  const short = { ...limits, wallMs: 300 }
  expect(seen(await never.run(aRequest({ argv: ['true'], limits: short }))).end).toBe('stopped by wall-time')
})
