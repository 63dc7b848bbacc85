import { expect, test } from 'vitest'
import { bubblewrapSandbox } from '../../../src/adapters/sandbox/bubblewrap.ts'
import { seccompProgram } from '../../../src/adapters/sandbox/seccomp.ts'
import { absentCalls, forbiddenCalls, watchedCalls } from '../../../src/adapters/sandbox/syscalls.ts'
import { aRequest, bare, inside } from './trial.ts'

const column = process.arch === 'x64' ? 0 : 1
const [EPERM, ENOSYS, EAFNOSUPPORT] = [1, 38, 97]

/** Makes each call with the arguments and prints its errno, 0 for success. */
const calls = (list: readonly (readonly number[])[]): readonly string[] => [
  'perl',
  '-e',
  list.map((call) => `$! = 0; syscall(${call.join(', ')}); print $! + 0, " ";`).join(''),
]

const numbersOf = (table: Readonly<Record<string, readonly (number | null)[]>>): readonly number[] =>
  Object.values(table).flatMap((numbers) => numbers[column] ?? [])

test('every forbidden call is answered with EPERM', async () => {
  const numbers = numbersOf(forbiddenCalls)
  const { stdout } = await inside(calls(numbers.map((number) => [number, -1, -1, -1, -1, -1])))
  expect(stdout.trim().split(' ').map(Number)).toEqual(numbers.map(() => EPERM))
})

test('every absent call is answered with ENOSYS, which the kernel here would not say', async () => {
  const attack = calls(numbersOf(absentCalls).map((number) => [number, 0, 0, 0, 0, 0, 0]))
  expect(bare(attack).stdout).not.toContain(`${ENOSYS}`)
  expect((await inside(attack)).stdout.trim().split(' ').map(Number)).toEqual(numbersOf(absentCalls).map(() => ENOSYS))
})

const [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_ALG, AF_VSOCK] = [1, 2, 10, 16, 17, 38, 40]
const [STREAM, RAW] = [1, 3]
const socket = (family: number, type: number, protocol: number) => [watchedCalls.socket[column], family, type, protocol]

test('only the families that programs need are known', async () => {
  const wanted = [socket(AF_INET, STREAM, 0), socket(AF_INET6, STREAM, 0), socket(AF_NETLINK, RAW, 0)]
  const strange = [
    socket(AF_NETLINK, RAW, 16),
    socket(AF_PACKET, RAW, 0),
    socket(AF_ALG, 5, 0),
    socket(AF_VSOCK, STREAM, 0),
  ]
  const { stdout } = await inside(calls([...wanted, socket(AF_UNIX, STREAM, 0), ...strange]))
  expect(stdout.trim().split(' ').map(Number)).toEqual([0, 0, 0, 0, ...strange.map(() => EAFNOSUPPORT)])
})

test('the address layout stays random, and clone makes no namespace', async () => {
  const NO_RANDOM = 0x0040000
  const NEW_USER = 0x10000000
  const attack = calls([
    [watchedCalls.personality[column], NO_RANDOM],
    [watchedCalls.clone[column], NEW_USER | 17, 0, 0, 0, 0],
    [watchedCalls.ioctl[column], 0, 0x5412, 0],
    [watchedCalls.personality[column], 0xffffffff],
  ])
  expect((await inside(attack)).stdout).toBe(`${EPERM} ${EPERM} ${EPERM} 0 `)
})

test.runIf(process.arch === 'x64')('a call in the x32 numbering kills the process', async () => {
  const GETPID = 39
  const outcome = await bubblewrapSandbox().run(aRequest({ argv: calls([[0x40000000 + GETPID]]) }))
  expect(outcome).toMatchObject({ is: 'stopped', by: 'signal', signal: 'SIGSYS' })
})

/** Runs a filter as the kernel would on one call. */
function verdict(
  program: Buffer,
  call: { readonly arch: number; readonly number: number; readonly args?: readonly number[] },
): number {
  const input = Buffer.alloc(64)
  input.writeUInt32LE(call.number, 0)
  input.writeUInt32LE(call.arch, 4)
  for (const [index, value] of (call.args ?? []).entries()) input.writeUInt32LE(value, 16 + 8 * index)
  let loaded = 0
  for (let at = 0; at < program.length; at += 8) {
    const operand = program.readUInt32LE(at + 4)
    const jump = (is: boolean) => (at += 8 * program.readUInt8(at + (is ? 2 : 3)))
    const code = program.readUInt16LE(at)
    if (code === 0x20) loaded = input.readUInt32LE(operand)
    else if (code === 0x15) jump(loaded === operand)
    else if (code === 0x35) jump(loaded >= operand)
    else if (code === 0x45) jump((loaded & operand) !== 0)
    else return operand
  }
  throw new Error('the filter has no end')
}

const [ALLOW, KILL, ERRNO] = [0x7fff0000, 0x80000000, 0x00050000]

test.each([
  ['x64', 0, 0xc000003e, 0xc00000b7],
  ['arm64', 1, 0xc00000b7, 0xc000003e],
] as const)('the filter for %s answers every call number as its tables say', (machine, column, arch, foreign) => {
  const program = seccompProgram(machine)
  const denied = new Set(Object.values(forbiddenCalls).map((numbers) => numbers[column]))
  const absent = new Set(Object.values(absentCalls).map((numbers) => numbers[column]))
  const watched = new Set<number>(Object.values(watchedCalls).map((numbers) => numbers[column]))
  for (let number = 0; number < 600; number += 1) {
    expect(verdict(program, { arch: foreign, number })).toBe(KILL)
    expect(verdict(program, { arch, number: number + 0x40000000 })).toBe(KILL)
    if (watched.has(number)) continue
    const expected = denied.has(number) ? ERRNO | EPERM : absent.has(number) ? ERRNO | ENOSYS : ALLOW
    expect([number, verdict(program, { arch, number })]).toEqual([number, expected])
  }
  const { clone, socket } = watchedCalls
  expect(verdict(program, { arch, number: clone[column], args: [0x3d0f00] })).toBe(ALLOW)
  expect(verdict(program, { arch, number: clone[column], args: [0x10000011] })).toBe(ERRNO | EPERM)
  expect(verdict(program, { arch, number: socket[column], args: [AF_VSOCK] })).toBe(ERRNO | EAFNOSUPPORT)
})
