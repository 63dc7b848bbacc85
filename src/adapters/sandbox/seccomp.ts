import { absentCalls, auditArch, forbiddenCalls, type Machine, watchedCalls } from './syscalls.ts'

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number]

const LOAD = 0x20
const JUMP_EQUAL = 0x15
const JUMP_AT_LEAST = 0x35
const JUMP_ANY_BIT = 0x45
const RETURN = 0x06

const ALLOW = 0x7fff0000
const KILL = 0x80000000
const EPERM = 1
const ENOSYS = 38
const EAFNOSUPPORT = 97

const NUMBER_AT = 0
const ARCH_AT = 4
const X32_BIT = 0x40000000
/** Every CLONE_NEW* flag that `clone` can carry. */
const NEW_NAMESPACES = 0x7e020000
const TIOCSTI = 0x5412
const TIOCLINUX = 0x541c
const PERSONALITY_QUERY = 0xffffffff

const LARGE_SEGMENT = 1024 ** 2 + 1

const AF_UNIX = 1
const AF_INET = 2
const AF_INET6 = 10
const AF_NETLINK = 16

/**
 * The seccomp program of a machine, as bytes for `bwrap --seccomp`. A foreign architecture and x32 calls kill the process.
 * Unix sockets are allowed: abstract ones belong to the sandbox's own network, and socket files to what it sees.
 */
export function seccompProgram(machine: Machine): Buffer {
  const column = machine === 'x64' ? 0 : 1
  return toBytes([
    ...guardArchitecture(machine),
    ...Object.values(forbiddenCalls).flatMap((numbers) => onCall(numbers[column], [refuse(EPERM)])),
    ...Object.values(absentCalls).flatMap((numbers) => onCall(numbers[column], [refuse(ENOSYS)])),
    ...onCall(watchedCalls.clone[column], [argument(0), ...whenAnyBit(NEW_NAMESPACES, refuse(EPERM)), allow]),
    ...onCall(watchedCalls.ioctl[column], [
      argument(1),
      ...whenEqual(TIOCSTI, refuse(EPERM)),
      ...whenEqual(TIOCLINUX, refuse(EPERM)),
      allow,
    ]),
    ...onCall(watchedCalls.personality[column], [
      argument(0),
      ...whenEqual(0, allow),
      ...whenEqual(PERSONALITY_QUERY, allow),
      refuse(EPERM),
    ]),
    ...onCall(watchedCalls.shmget[column], sharedMemoryRules),
    ...onCall(watchedCalls.socket[column], socketRules),
    allow,
  ])
}

function guardArchitecture(machine: Machine): readonly Instruction[] {
  return [
    [LOAD, 0, 0, ARCH_AT],
    [JUMP_EQUAL, 1, 0, auditArch[machine]],
    [RETURN, 0, 0, KILL],
    [LOAD, 0, 0, NUMBER_AT],
    [JUMP_AT_LEAST, 0, 1, X32_BIT],
    [RETURN, 0, 0, KILL],
  ]
}

/** The block must end every path with a return, because it overwrites the call's number with an argument. */
function onCall(number: number | null, block: readonly Instruction[]): readonly Instruction[] {
  return number === null ? [] : [[JUMP_EQUAL, 0, block.length, number], ...block]
}

function whenEqual(value: number, then: Instruction): readonly Instruction[] {
  return [[JUMP_EQUAL, 0, 1, value], then]
}

function whenAnyBit(bits: number, then: Instruction): readonly Instruction[] {
  return [[JUMP_ANY_BIT, 0, 1, bits], then]
}

/** The low 32 bits of an argument; both machines are little-endian. */
function argument(index: number): Instruction {
  return [LOAD, 0, 0, 16 + 8 * index]
}

function highHalf(index: number): Instruction {
  return [LOAD, 0, 0, 20 + 8 * index]
}

function refuse(errno: number): Instruction {
  return [RETURN, 0, 0, 0x00050000 | errno]
}

const allow: Instruction = [RETURN, 0, 0, ALLOW]

/** Small segments alone, as databases lock with: what no process has attached is in nobody's memory. */
const sharedMemoryRules: readonly Instruction[] = [
  highHalf(1),
  [JUMP_EQUAL, 1, 0, 0],
  refuse(EPERM),
  argument(1),
  [JUMP_AT_LEAST, 0, 1, LARGE_SEGMENT],
  refuse(EPERM),
  allow,
]

/** Netlink is allowed for reading routes and interfaces only; every other family is unknown to the command. */
const socketRules: readonly Instruction[] = [
  argument(0),
  ...[AF_UNIX, AF_INET, AF_INET6].flatMap((family) => whenEqual(family, allow)),
  [JUMP_EQUAL, 1, 0, AF_NETLINK],
  refuse(EAFNOSUPPORT),
  argument(2),
  ...whenEqual(0, allow),
  refuse(EAFNOSUPPORT),
]

function toBytes(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8)
  for (const [index, [code, ifTrue, ifFalse, operand]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8)
    bytes.writeUInt8(ifTrue, index * 8 + 2)
    bytes.writeUInt8(ifFalse, index * 8 + 3)
    bytes.writeUInt32LE(operand, index * 8 + 4)
  }
  return bytes
}
