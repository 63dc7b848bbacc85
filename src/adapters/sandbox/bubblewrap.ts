import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sandbox, SandboxOutcome, SandboxProbe, SandboxRefusalRule, SandboxRequest } from '../../app/sandbox.ts'
import { type Program, resolveProgram } from './binary.ts'
import { type Ending, launch } from './launch.ts'
import { identityOfCommands, lend, lendingFault } from './lend.ts'
import { type Engine, findEngine, type Place } from './machine.ts'
import { judgeProbe, probeScript } from './probe.ts'
import { faultOf } from './request.ts'
import { type Mount, nodeMounts } from './toolchain.ts'
import { pathEntries, type View } from './view.ts'

/** The place as this process finds it. */
export function thisMachine(): Place {
  return { path: process.env['PATH'] ?? '', home: process.env['HOME'] ?? '', toolchain: [] }
}

/** The sandbox of a Linux machine: bubblewrap, resource limits and a system call filter, all of them or none. */
export function bubblewrapSandbox(place: Place = thisMachine()): Sandbox {
  return {
    probe: () => probe(place),
    run: (request, signal = new AbortController().signal) => run(place, request, signal),
  }
}

async function run(place: Place, request: SandboxRequest, signal: AbortSignal): Promise<SandboxOutcome> {
  const fault = faultOf(request)
  if (fault !== null) return refuse('bad-request', fault, 'Mend the request.')
  const engine = await findEngine(place)
  if (engine.is === 'missing') return refuse('sandbox-missing', engine.because, engine.next)
  const view = { request: { ...request, checkout: realpathSync(request.checkout) }, toolchain: toolchainOf(place) }
  const program = await resolveProgram(view.request, { path: pathEntries(view.toolchain), mounts: visible(view) })
  if (typeof program === 'string') return refuse('no-such-binary', program, 'Name a program that the sandbox has.')
  if (signal.aborted) return refuse('cancelled', 'it was cancelled before it began', 'Ask again.')
  return runProgram({ engine, view, program }, signal)
}

type Work = { readonly engine: Engine; readonly view: View; readonly program: Program }

async function runProgram({ engine, view, program }: Work, signal: AbortSignal): Promise<SandboxOutcome> {
  const identity = identityOfCommands()
  const { checkout } = view.request
  const closed = lendingFault(checkout, identity)
  if (closed !== null)
    return refuse('bad-request', closed, 'Put the checkout into a folder that others may pass through.')
  const ending = await lend(checkout, identity, () => launch({ ...engine, identity, view, program }, signal))
  return toOutcome(ending, program)
}

function toolchainOf({ path, home, toolchain }: Place): readonly Mount[] {
  return [...toolchain.map((folder) => ({ host: folder, inside: folder })), ...nodeMounts(path, home)]
}

/** What lies under the system's own folders, or in the toolchain, has the same bytes in there. */
const visible = ({ toolchain }: View): readonly Mount[] => [
  ...['/usr', '/bin', '/sbin'].map((folder) => ({ host: folder, inside: folder })),
  ...toolchain,
]

/** A flood counts even when the command ended before anyone saw it, so that the outcome does not depend on speed. */
function toOutcome(ending: Ending, { binary }: Program): SandboxOutcome {
  const { report, stdout, stderr, durationMs } = ending
  const record = {
    binary,
    durationMs,
    stdout: stdout.kept,
    stderr: stderr.kept,
    stdoutBytes: stdout.bytes,
    stderrBytes: stderr.bytes,
    stdoutSha256: stdout.sha256,
    stderrSha256: stderr.sha256,
  }
  if (report.is === 'not-ready') return refuse('sandbox-missing', complaint(stderr.kept), 'See docs/sandbox.md.')
  if (ending.haltedBy !== null) return { is: 'stopped', by: ending.haltedBy, signal: 'SIGKILL', ...record }
  if (report.is === 'killed') return { is: 'stopped', by: 'signal', signal: 'SIGKILL', ...record }
  if (report.is === 'unstarted')
    return refuse(
      'not-startable',
      `the system refused to start ${binary.path} (${errnoName(report.number)})`,
      'Check the file.',
    )
  if (report.is === 'exit') return { is: 'exited', code: report.number, ...record }
  const signal = signalName(report.number)
  return { is: 'stopped', by: causeOf(signal), signal, ...record }
}

function causeOf(signal: string): 'cpu' | 'file-size' | 'signal' {
  if (signal === 'SIGXCPU') return 'cpu'
  return signal === 'SIGXFSZ' ? 'file-size' : 'signal'
}

function complaint(stderr: Buffer): string {
  const [line = ''] = stderr.toString('utf8').trim().split('\n')
  return line === '' ? 'bubblewrap ended without starting anything' : `bubblewrap could not start: ${line}`
}

function signalName(number: number): string {
  return nameIn(constants.signals, number) ?? `signal ${number}`
}

function errnoName(number: number): string {
  return nameIn(constants.errno, number) ?? `error ${number}`
}

function nameIn(table: Readonly<Record<string, number>>, number: number): string | null {
  return Object.entries(table).find(([, value]) => value === number)?.[0] ?? null
}

function refuse(rule: SandboxRefusalRule, because: string, next: string): SandboxOutcome {
  return { is: 'refused', rule, because, next }
}

const trialLimits = {
  wallMs: 20_000,
  cpuSeconds: 10,
  outputBytes: 64 * 1024,
  memoryBytes: 256 * 1024 ** 2,
  processes: 32,
  fileBytes: 1024 ** 2,
} as const

async function probe(place: Place): Promise<SandboxProbe> {
  const engine = await findEngine(place)
  if (engine.is === 'missing') return engine
  const checkout = mkdtempSync(join(tmpdir(), 'agentos-probe-'))
  try {
    const request = {
      argv: ['sh', '-c', probeScript],
      checkout,
      cwd: '',
      env: {},
      network: 'none',
      limits: trialLimits,
    } as const
    return judgeProbe(await run(place, request, new AbortController().signal), engine.version)
  } finally {
    rmSync(checkout, { recursive: true, force: true })
  }
}
