import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { SandboxStop } from '../../app/sandbox.ts'
import type { Program } from './binary.ts'
import { type Captured, capture } from './capture.ts'
import { handedOver, withDescriptors } from './handed.ts'
import { type OutputPipes, outputPipes } from './pipes.ts'
import { isOver, type Root, rootOf } from './process-tree.ts'
import { seccompProgram } from './seccomp.ts'
import { parseReport, REPORT_BYTES, type Report, starterArgv, starterOptions, startOrders } from './starter.ts'
import { starterFile } from './starter-file.ts'
import type { Machine } from './syscalls.ts'
import type { Scratch } from './tally.ts'
import { bubblewrapOptions, fd, generatedFiles, type View } from './view.ts'
import { watch } from './watch.ts'

/** Who a command is out here. For root it is another user, so that limits on processes hold and root's files stay closed. */
export type Identity = { readonly uid: number; readonly gid: number } | null

export type Launch = {
  readonly bwrap: string
  readonly machine: Machine
  readonly identity: Identity
  readonly view: View
  readonly program: Program
  readonly scratch: Scratch
}

/** How a launch ended: what the starter reported, who halted it first, and what was printed. */
export type Ending = {
  readonly report: Report
  readonly haltedBy: SandboxStop | null
  readonly stdout: Captured
  readonly stderr: Captured
  readonly durationMs: number
}

/** A sandbox that the kernel did not end. Its command may still run, so nothing that it touched can be used. */
class SandboxOutlived extends Error {
  override readonly name = 'SandboxOutlived'
}

/** Starts one command and returns when no process of it is left. */
export async function launch(work: Launch, signal: AbortSignal): Promise<Ending> {
  const startedAt = performance.now()
  const pipes = await outputPipes()
  const child = await start(work, pipes)
  const exited = once(child, 'exit')
  const halting = halter(child)
  const { outputBytes } = work.view.request.limits
  const output = Promise.all(
    [pipes.stdout, pipes.stderr].map((stream) => capture(stream, outputBytes, () => halting.halt('output'))),
  )
  const report = await govern(child, work, { signal, halting })
  await halting.end(exited)
  const [stdout, stderr] = await output
  if (stdout === undefined || stderr === undefined) throw new SandboxOutlived('the output of a command was not read')
  const durationMs = Math.round(performance.now() - startedAt)
  return { report, haltedBy: halting.cause(), stdout, stderr, durationMs }
}

async function start(work: Launch, pipes: OutputPipes): Promise<ChildProcess> {
  const { bwrap, identity, view } = work
  try {
    const child = withDescriptors(handedTo(work), (handed) =>
      spawn(bwrap, ['--args', `${fd.options}`, '--', ...starterArgv], {
        stdio: ['ignore', ...pipes.ends, 'pipe', 'pipe', 'pipe', 'pipe', ...handed],
        env: {},
        cwd: '/',
        ...identity,
      }),
    )
    feed(child, fd.options, [...starterOptions, ...bubblewrapOptions(view)].join('\0').concat('\0'))
    await once(child, 'spawn')
    return child
  } catch (error) {
    pipes.stdout.destroy()
    pipes.stderr.destroy()
    throw error
  } finally {
    pipes.closeEnds()
  }
}

/** What stays the same for every command, in the order of its descriptors. */
function handedTo({ machine }: Launch): readonly (() => number)[] {
  const filter = () => handedOver(`seccomp ${machine}`, () => seccompProgram(machine))
  return [
    filter,
    () => handedOver(`starter ${machine}`, () => starterFile(machine)),
    ...generatedFiles.map(
      ({ path, text }) =>
        () =>
          handedOver(path, () => text),
    ),
  ]
}

type Governing = { readonly signal: AbortSignal; readonly halting: Halter }

/** Waits until the sandbox stands, notes its first process, and only then lets the command begin. */
async function govern(child: ChildProcess, work: Launch, { signal, halting }: Governing): Promise<Report> {
  const { limits } = work.view.request
  const status = readable(child, fd.status)
  const placement = await readUntil(readable(child, fd.placement), (bytes) => bytes.includes('}'))
  const pid = Number(/"child-pid": (\d+)/.exec(placement.toString('latin1'))?.[1] ?? '0')
  if (!halting.claim(pid)) return { is: 'not-ready' }
  const watching = watch({ pid, limits, scratch: work.scratch, signal, halt: halting.halt })
  feed(child, fd.orders, startOrders(work.view, work.program))
  try {
    const greeting = await readUntil(status, ({ length }) => length > 0)
    watching.look()
    const rest = await readUntil(status, ({ length }) => greeting.length + length >= REPORT_BYTES)
    return parseReport(Buffer.concat([greeting, rest]))
  } finally {
    watching.end()
  }
}

type Halter = {
  readonly claim: (pid: number) => boolean
  readonly halt: (by: SandboxStop) => void
  readonly end: (exited: Promise<unknown>) => Promise<void>
  readonly cause: () => SandboxStop | null
}

/** Ends a sandbox through its first process, with which the kernel ends every other. The first cause is the one that counts. */
function halter(child: ChildProcess): Halter {
  let root: Root | null = null
  let cause: SandboxStop | null = null
  const kill = () => {
    if (root === null) child.kill('SIGKILL')
    else if (!isOver(root)) killIfAlive(root.pid)
  }
  return {
    claim: (pid) => {
      root = pid > 0 ? rootOf(pid) : null
      return root !== null
    },
    halt: (by) => {
      cause ??= by
      kill()
    },
    end: async (exited) => {
      kill()
      await Promise.race([exited, delay(PATIENCE_MS, undefined, { ref: false })])
      if (root !== null) await untilOver(root)
    },
    cause: () => cause,
  }
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

const PATIENCE_MS = 20_000

async function untilOver(root: Root): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!isOver(root)) {
    if (performance.now() > deadline) throw new SandboxOutlived(`process ${root.pid} outlived its sandbox`)
    await delay(1)
  }
}

/** A child that died early cannot read; its report says so, not this write. */
function feed(child: ChildProcess, descriptor: number, content: string | Buffer): void {
  const stream = child.stdio[descriptor]
  if (!(stream instanceof Writable)) throw new TypeError(`descriptor ${descriptor} of the sandbox cannot be written`)
  stream.on('error', () => undefined)
  stream.end(content)
}

function readable(child: ChildProcess, descriptor: number): Readable {
  const stream = child.stdio[descriptor]
  if (!(stream instanceof Readable)) throw new TypeError(`descriptor ${descriptor} of the sandbox cannot be read`)
  return stream
}

/** The bytes until there are enough, or to the end of the stream; the stream stays usable. */
async function readUntil(stream: Readable, isEnough: (bytes: Buffer) => boolean): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0)
  if (isEnough(bytes)) return bytes
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    bytes = Buffer.concat([bytes, chunk])
    if (isEnough(bytes)) break
  }
  return bytes
}
