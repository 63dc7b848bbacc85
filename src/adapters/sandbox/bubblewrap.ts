import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sandbox, SandboxOutcome, SandboxProbe, SandboxRefusalRule, SandboxRequest } from '../../app/sandbox.ts'
import type { NetworkUse } from '../../domain/receipt.ts'
import { type Outside, theInternet } from './addresses.ts'
import { type Program, resolveProgram } from './binary.ts'
import type { Ways } from './dial.ts'
import { diskExcess } from './disk.ts'
import { type Ending, type Identity, launch } from './launch.ts'
import { identityOfCommands, lend, lendingFault } from './lend.ts'
import { listedHosts, PACKAGE_REGISTRY } from './listed-hosts.ts'
import { type Engine, findEngine, type Place } from './machine.ts'
import { judgeProbe, probeScript } from './probe.ts'
import { openProxy } from './proxy.ts'
import { registryOf } from './registry.ts'
import { faultOf } from './request.ts'
import { type Mount, nodeMounts } from './toolchain.ts'
import { pathEntries } from './view.ts'

/** The place as this process finds it. */
export function thisMachine(): Place {
  const { PATH = '', HOME = '', npm_config_registry: registry = null } = process.env
  return { path: PATH, home: HOME, registry, toolchain: [] }
}

/**
 * The sandbox of a Linux machine: bubblewrap, resource limits and a system call filter, all of them or none. `outside` is what
 * lies behind the proxy.
 */
export function bubblewrapSandbox(place: Place = thisMachine(), outside: Outside = theInternet): Sandbox {
  const site = { place, outside }
  return {
    probe: () => probe(site),
    run: (request, signal = new AbortController().signal) => run(site, request, signal),
  }
}

type Site = { readonly place: Place; readonly outside: Outside }

async function run({ place, outside }: Site, request: SandboxRequest, signal: AbortSignal): Promise<SandboxOutcome> {
  const fault = faultOf(request)
  if (fault !== null) return refuse('bad-request', fault, 'Mend the request.')
  const engine = await findEngine(place)
  if (engine.is === 'missing') return refuse('sandbox-missing', engine.because, engine.next)
  const registry = asksForPackages(request) ? await registryOf(place) : null
  const ways = waysOf(request, registry, outside)
  if (typeof ways === 'string') return refuse('bad-request', ways, 'Name whole hosts, such as registry.example.org.')
  const here = { ...request, checkout: realpathSync(request.checkout) }
  const toolchain = toolchainOf(place)
  const program = await resolveProgram(here, { path: pathEntries(toolchain), mounts: visible(toolchain) })
  if (typeof program === 'string') return refuse('no-such-binary', program, 'Name a program that the sandbox has.')
  if (signal.aborted) return refuse('cancelled', 'it was cancelled before it began', 'Ask again.')
  return runProgram({ engine, toolchain, registry, request: here, program, ways }, signal)
}

function asksForPackages({ network }: SandboxRequest): boolean {
  return network !== 'none' && network.hosts.includes(PACKAGE_REGISTRY)
}

function waysOf({ network }: SandboxRequest, registry: string | null, outside: Outside): Ways | null | string {
  if (network === 'none') return null
  const listed = listedHosts(network.hosts, registry)
  return typeof listed === 'string' ? listed : { listed, outside }
}

type Work = {
  readonly engine: Engine
  readonly toolchain: readonly Mount[]
  readonly registry: string | null
  readonly request: SandboxRequest
  readonly program: Program
  readonly ways: Ways | null
}

async function runProgram(work: Work, signal: AbortSignal): Promise<SandboxOutcome> {
  const { engine, request, program, ways } = work
  const identity = identityOfCommands()
  const { checkout, limits, network } = request
  const closed = lendingFault(checkout, identity)
  if (closed !== null)
    return refuse('bad-request', closed, 'Put the checkout into a folder that others may pass through.')
  const hosts = network === 'none' ? [] : network.hosts
  const lent = await lend(checkout, identity, (scratch) =>
    alongProxy(ways, { hosts, identity }, (proxyFolder) =>
      launch({ ...engine, identity, view: { ...work, proxyFolder }, program, scratch }, signal),
    ),
  )
  const { ending, use } = lent.result
  const haltedBy = ending.haltedBy ?? diskExcess(lent.scratch, lent.after, limits)
  return toOutcome({ ...ending, haltedBy }, program, use)
}

type Proxied = { readonly ending: Ending; readonly use: 'none' | NetworkUse }
type Client = { readonly hosts: readonly string[]; readonly identity: Identity }

/** Keeps the proxy for as long as the command runs, where it may go somewhere. */
async function alongProxy(
  ways: Ways | null,
  { hosts, identity }: Client,
  work: (folder: string | null) => Promise<Ending>,
): Promise<Proxied> {
  if (ways === null) return { ending: await work(null), use: 'none' }
  const proxy = await openProxy(ways, hosts, identity)
  try {
    return { ending: await work(proxy.folder), use: await proxy.close() }
  } catch (error) {
    await proxy.close()
    throw error
  }
}

function toolchainOf({ path, home, toolchain }: Place): readonly Mount[] {
  return [...toolchain.map((folder) => ({ host: folder, inside: folder })), ...nodeMounts(path, home)]
}

/** What lies under the system's own folders, or in the toolchain, has the same bytes in there. */
const visible = (toolchain: readonly Mount[]): readonly Mount[] => [
  ...['/usr', '/bin', '/sbin'].map((folder) => ({ host: folder, inside: folder })),
  ...toolchain,
]

/** A flood counts even when the command ended before anyone saw it, so that the outcome does not depend on speed. */
function toOutcome(ending: Ending, { binary }: Program, network: 'none' | NetworkUse): SandboxOutcome {
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
    network,
    survivors: 'survivors' in report ? report.survivors : 0,
  }
  if (ending.haltedBy !== null) return { is: 'stopped', by: ending.haltedBy, signal: 'SIGKILL', ...record }
  if (report.is === 'not-ready') return refuse('sandbox-missing', complaint(stderr.kept), 'See docs/sandbox.md.')
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
  diskBytes: 1024 ** 2,
  files: 100,
} as const

async function probe(site: Site): Promise<SandboxProbe> {
  const engine = await findEngine(site.place)
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
    return judgeProbe(await run(site, request, new AbortController().signal), engine.version)
  } finally {
    rmSync(checkout, { recursive: true, force: true })
  }
}
