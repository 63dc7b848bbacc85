import { starterArm64 } from './starter-arm64.ts'
import { starterX64 } from './starter-x64.ts'
import type { Machine } from './syscalls.ts'

/** Where the starter reads its orders, the room for them, and what it needs beside that. The listings know these numbers. */
export const room = { at: 0x1000_0000, ordersBytes: 0x80_0000, scratchBytes: 0x1_0000 } as const

export const starterListings: Readonly<Record<Machine, string>> = { x64: starterX64, arm64: starterArm64 }

/** One line of a listing that is an instruction. */
export type Instruction = { readonly bytes: Buffer; readonly text: string }

/** The instructions of a listing, and its labels in their places. */
export function instructionsOf(listing: string): readonly (Instruction | string)[] {
  return listing
    .split('\n')
    .map((line) => line.split('  # ')[0] ?? '')
    .filter((line) => line !== '')
    .map((line) => {
      const [, hex, text] = /^ {2}([0-9a-f]+) +(\S.*)$/.exec(line) ?? []
      return hex === undefined || text === undefined ? line : { bytes: Buffer.from(hex, 'hex'), text }
    })
}

export function codeOf(machine: Machine): Buffer {
  const lines = instructionsOf(starterListings[machine])
  return Buffer.concat(lines.flatMap((line) => (typeof line === 'string' ? [] : [line.bytes])))
}

const ELF_HEADER = 64
const PROGRAM_HEADER = 56
const EXECUTABLE = 2
const ELF_MACHINE: Readonly<Record<Machine, number>> = { x64: 62, arm64: 183 }
const LOAD = 1
const STACK = 0x6474e551
const [READ_WRITE, READ_EXECUTE] = [6, 5]
const CODE_AT = 0x40_0000
/** The largest page of either machine. */
const ALIGNMENT = 0x1_0000

type Segment = { readonly type: number; readonly flags: number; readonly at: number; readonly bytes: readonly number[] }

/** The starter as a program that needs nothing of the machine: code that nobody writes, and room that nobody executes. */
export function starterFile(machine: Machine): Buffer {
  const code = codeOf(machine)
  const headers = ELF_HEADER + 3 * PROGRAM_HEADER
  const whole = headers + code.length
  return Buffer.concat([
    elfHeader(machine, CODE_AT + headers),
    segment({ type: LOAD, flags: READ_EXECUTE, at: CODE_AT, bytes: [whole, whole] }),
    segment({ type: LOAD, flags: READ_WRITE, at: room.at, bytes: [0, room.ordersBytes + room.scratchBytes] }),
    segment({ type: STACK, flags: READ_WRITE, at: 0, bytes: [0, 0] }),
    code,
  ])
}

function elfHeader(machine: Machine, entry: number): Buffer {
  const header = Buffer.alloc(ELF_HEADER)
  header.write('\x7fELF\x02\x01\x01', 'latin1')
  header.writeUInt16LE(EXECUTABLE, 16)
  header.writeUInt16LE(ELF_MACHINE[machine], 18)
  header.writeUInt32LE(1, 20)
  header.writeUInt32LE(entry, 24)
  header.writeUInt32LE(ELF_HEADER, 32)
  header.writeUInt16LE(ELF_HEADER, 52)
  header.writeUInt16LE(PROGRAM_HEADER, 54)
  header.writeUInt16LE(3, 56)
  return header
}

function segment({ type, flags, at, bytes: [inFile = 0, inMemory = 0] }: Segment): Buffer {
  const header = Buffer.alloc(PROGRAM_HEADER)
  header.writeUInt32LE(type, 0)
  header.writeUInt32LE(flags, 4)
  header.writeUInt32LE(at, 16)
  header.writeUInt32LE(at, 24)
  header.writeUInt32LE(inFile, 32)
  header.writeUInt32LE(inMemory, 40)
  header.writeUInt32LE(ALIGNMENT, 48)
  return header
}
