import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { bubblewrapSandbox, thisMachine } from '../src/adapters/sandbox/bubblewrap.ts'
import { handedOver, withDescriptors } from '../src/adapters/sandbox/handed.ts'
import { discardScratch, scratchCopy, scratchFolder } from '../src/adapters/sandbox/scratch.ts'
import { snapshot } from '../src/adapters/sandbox/snapshot.ts'
import { nodeMounts } from '../src/adapters/sandbox/toolchain.ts'
import { bubblewrapOptions, environment, fd, generatedFiles, type View } from '../src/adapters/sandbox/view.ts'
import type { SandboxRequest } from '../src/app/sandbox.ts'
import type { Benchmark, Comparison } from './compare.ts'

const BUBBLEWRAP = 'bwrap'

const programs = [
  { about: 'true', argv: ['true'] },
  { about: 'node -e 0', argv: ['node', '-e', '0'] },
  { about: 'a program of one second', argv: ['sleep', '1'] },
] as const

export const sandbox: Benchmark = {
  says: 'the same program under bubblewrap alone with the same namespaces and mounts, in the sandbox, and bare',
  budgetMs: 60_000,
  async open() {
    const ours = bubblewrapSandbox()
    const probe = await ours.probe()
    if (probe.is === 'missing') throw new Error(`there is no sandbox: ${probe.because}`)
    const folder = scratchFolder()
    const checkout = join(folder, 'checkout')
    mkdirSync(checkout)
    const comparisons = programs.map(({ about, argv }) => startsOf(about, requestFor(argv, checkout)))
    return { comparisons: [...comparisons, copyOf(folder)], close: async () => discardScratch(folder) }
  },
}

function startsOf(about: string, request: SandboxRequest): Comparison {
  const ours = bubblewrapSandbox()
  return {
    about,
    unit: 'commands',
    items: 1,
    contenders: [
      { name: 'bare bubblewrap', run: () => bareBubblewrap(request) },
      {
        name: 'sandbox',
        async run() {
          const outcome = await ours.run(request)
          if (outcome.is !== 'exited' || outcome.code !== 0) throw new Error(`the command ${outcome.is}`)
        },
      },
      { name: 'bare spawn', run: () => succeed(request.argv[0] ?? '', request.argv.slice(1)) },
    ],
  }
}

/** What surrounds a step beside its command: the copy that it works on, and reading it afterwards. */
function copyOf(folder: string): Comparison {
  const sources = join(import.meta.dirname, '../src')
  const copy = join(folder, 'copy')
  return {
    about: 'the sources of this project',
    unit: 'trees',
    items: 1,
    contenders: [
      { name: 'scratch copy', ready: () => mkdirSync(copy, { recursive: true }), run: () => copied(sources, copy) },
      { name: 'snapshot', run: () => snapshot(sources) },
    ],
  }
}

function copied(from: string, to: string): void {
  discardScratch(to)
  if (scratchCopy(from, to).is !== 'copied') throw new Error('the sources cannot be copied')
}

/** Everything that the sandbox tells bubblewrap, without its filter, its first process and its reports. */
async function bareBubblewrap(request: SandboxRequest): Promise<void> {
  const { path, home, registry } = thisMachine()
  const view: View = { request, toolchain: nodeMounts(path, home), registry, proxyFolder: null }
  const env = Object.fromEntries(environment(view))
  const options = without(bubblewrapOptions(view), ['--seccomp', '--info-fd']).filter((word) => word !== '--as-pid-1')
  const shown = Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value])
  const files = generatedFiles.map((file) => () => handedOver(file.path, () => file.text))
  const child = withDescriptors(files, (handed) =>
    spawn(BUBBLEWRAP, [...options, ...shown, '--', ...request.argv], {
      stdio: ['ignore', 'pipe', 'pipe', ...Array.from({ length: fd.files - 3 }, () => 'ignore' as const), ...handed],
    }),
  )
  child.stdout?.resume()
  child.stderr?.resume()
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`bubblewrap ended with ${String(code)}`)
}

/** Takes these options out, each with its one argument. */
function without(options: readonly string[], names: readonly string[]): readonly string[] {
  return options.filter((word, at) => !names.includes(word) && !names.includes(options[at - 1] ?? ''))
}

function requestFor(argv: readonly string[], checkout: string): SandboxRequest {
  const MIB = 1024 ** 2
  const sizes = { outputBytes: MIB, memoryBytes: 1024 * MIB, fileBytes: 64 * MIB, diskBytes: 64 * MIB }
  const limits = { wallMs: 30_000, cpuSeconds: 20, processes: 128, files: 1000, ...sizes }
  return { argv, checkout, cwd: '', env: {}, network: 'none', limits }
}

async function succeed(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: 'ignore' })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}`)
}
