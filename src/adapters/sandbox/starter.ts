import { readFileSync } from 'node:fs'
import type { SandboxRequest } from '../../app/sandbox.ts'
import type { Program } from './binary.ts'
import { forwarder } from './forwarder.ts'
import { room } from './starter-file.ts'
import { environment, fd, type View } from './view.ts'

/**
 * The first process inside, which every orphan falls to: a program of our own (`starter-x64.ts`, `starter-arm64.ts`), because a
 * shell and bwrap both fold signals into exit codes, and starting an interpreter costs more than the sandbox. It reports the
 * true status, and how many processes the command left, on a descriptor that the command does not inherit. It waits for its
 * orders, so that the sandbox is known outside before anything of the command runs, and sets the limits on itself before it
 * starts anything.
 */
const STARTER = '/opt/starter'

/** Puts the starter into the sandbox; these come before the root is made read-only. */
export const starterOptions: readonly string[] = ['--perms', '0555', '--file', `${fd.starter}`, STARTER]

/** What bwrap starts. */
export const starterArgv: readonly string[] = [STARTER]

/** Room for what a process maps beyond what it touches; the memory limit itself is watched from outside. */
const DATA_SLACK = 1024 ** 3

type ResourceLimit = readonly [resource: number, soft: number, hard: number]

function resourceLimits({ limits }: SandboxRequest): readonly ResourceLimit[] {
  const own = readFileSync('/proc/self/limits', 'utf8')
  const upTo = (name: string, soft: number, hard = soft) => [most(own, name, soft), most(own, name, hard)] as const
  return [
    [0, ...upTo('Max cpu time', limits.cpuSeconds, limits.cpuSeconds + 1)],
    [1, ...upTo('Max file size', limits.fileBytes)],
    [2, ...upTo('Max data size', limits.memoryBytes + DATA_SLACK)],
    [4, 0, 0],
    [6, ...upTo('Max processes', limits.processes)],
  ]
}

/** The wanted limit, or this process's own hard one where that is lower and could not be raised. */
function most(own: string, name: string, wanted: number): number {
  const line = own.split('\n').find((text) => text.startsWith(`${name} `))
  const hard = /(\d+)\s+\w+\s*$/.exec(line ?? '')?.[1]
  return hard === undefined ? wanted : Math.min(wanted, Number(hard))
}

const WORD = 8
const HEADER_WORDS = 6

/**
 * The orders as they lie in the starter's memory: their length, limits, a helper that must succeed first (the forwarder, where
 * there is a network), the file to start, its arguments and its environment. Texts and lists are named by their address.
 */
export function startOrders(view: View, { start }: Program): Buffer {
  const { request } = view
  const limits = resourceLimits(request)
  const helper = request.network === 'none' ? [] : ['/usr/bin/perl', '-e', forwarder]
  const variables = environment(view).map(([name, value]) => `${name}=${value}`)
  const texts = [...helper, ...request.argv, ...variables, start].map((text) => Buffer.from(`${text}\0`))
  const helperAt = room.at + WORD * (HEADER_WORDS + limits.length * 3)
  const argvAt = helperAt + WORD * (helper.length + 1)
  const variablesAt = argvAt + WORD * (request.argv.length + 1)
  const addresses = addressesOf(texts, variablesAt + WORD * (variables.length + 1))
  const [helperEnd, argvEnd] = [helper.length, helper.length + request.argv.length]
  const lists = [addresses.slice(0, helperEnd), addresses.slice(helperEnd, argvEnd), addresses.slice(argvEnd, -2)]
  const [startAt = 0, end = 0] = addresses.slice(-2)
  return Buffer.concat([
    toWords([end - room.at, limits.length, helper.length === 0 ? 0 : helperAt, startAt, argvAt, variablesAt]),
    toWords(limits.flat()),
    ...lists.map((list) => toWords([...list, 0])),
    ...texts,
  ])
}

/** Where each text begins, and where the last one ends. */
function addressesOf(texts: readonly Buffer[], first: number): readonly number[] {
  const addresses = [first]
  let at = first
  for (const text of texts) {
    at += text.length
    addresses.push(at)
  }
  return addresses
}

function toWords(numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * WORD)
  for (const [index, number] of numbers.entries()) bytes.writeBigUInt64LE(BigInt(number), index * WORD)
  return bytes
}

/** What the starter said: `not-ready` when it never was, so that nothing of the command ran. */
export type Report =
  | { readonly is: 'exit' | 'signal' | 'unstarted'; readonly number: number; readonly survivors: number }
  | { readonly is: 'killed' }
  | { readonly is: 'not-ready' }

const READY = Buffer.from('ready\n')
const ENDED = 1
/** Everything that a starter has to say. */
export const REPORT_BYTES = READY.length + 12

export function parseReport(said: Buffer): Report {
  if (!said.subarray(0, READY.length).equals(READY)) return { is: 'not-ready' }
  if (said.length < REPORT_BYTES) return { is: 'killed' }
  const number = said.readUInt32LE(READY.length + 4)
  if (said.readUInt32LE(READY.length) !== ENDED) return { is: 'unstarted', number, survivors: 0 }
  const survivors = said.readInt32LE(READY.length + 8)
  const signal = number & 0x7f
  return signal === 0
    ? { is: 'exit', number: (number >> 8) & 0xff, survivors }
    : { is: 'signal', number: signal, survivors }
}
