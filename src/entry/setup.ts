import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { basename, join } from 'node:path'

/** Started by itself, and not as a part of a bundle. */
const isProgram = import.meta.main && basename(import.meta.filename) === 'setup.ts'

/** The imports come after this, because the step runs before every test and demo and must not be felt. */
if (isProgram) enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/compile'))
const { bubblewrapSandbox, thisMachine } = await import('../adapters/sandbox/bubblewrap.ts')
const { neededPrograms } = await import('../adapters/sandbox/machine.ts')
const { findProgram, machinePath } = await import('../adapters/sandbox/toolchain.ts')

/** The exit code of every command that lacks a part it needs. */
const PART_MISSING = 5

/** What the setup step finds around it. `isAgreed` is `--yes` or `CI=true`; `ask` is null where nobody can answer. */
export type Surroundings = {
  readonly platform: string
  readonly path: string
  readonly isRoot: boolean
  readonly isAgreed: boolean
  readonly ask: ((question: string) => Promise<boolean>) | null
  readonly say: (line: string) => void
  /** Where the kernel says whether AppArmor keeps ordinary programs from making user namespaces. */
  readonly namespaceRule: string
  readonly profiles: string
}

/** Whether this machine can execute; where it cannot, one sentence for people. */
export type MachineState = { readonly is: 'ready' } | { readonly is: 'unready'; readonly because: string }

/** Makes this machine able to execute, or says why it is not: there is no weaker way to go on. */
export async function ensureMachine(around: Surroundings = ourSurroundings()): Promise<MachineState> {
  if (around.platform !== 'linux') return unready(elsewhere)
  const packages = missingPackages(around.path)
  const fault = packages.length === 0 ? null : await perform(installation(packages, around), around)
  return fault === null ? ensureSandbox(around) : unready(fault)
}

const elsewhere =
  'Planning and verifying work here, but executing, the demo and the tests need Linux: use a Linux machine or virtual machine.'

const ready: MachineState = { is: 'ready' }

const unready = (because: string): MachineState => ({ is: 'unready', because })

async function ensureSandbox(around: Surroundings): Promise<MachineState> {
  const sandbox = bubblewrapSandbox({ ...thisMachine(), path: around.path })
  const first = await sandbox.probe()
  if (first.is === 'ready') return ready
  if (!isRestricted(around)) return unready(`The sandbox cannot work here: ${first.because}. ${first.next}`)
  const fault = await perform(permission(around), around)
  if (fault !== null) return unready(fault)
  const second = await sandbox.probe()
  return second.is === 'ready'
    ? ready
    : unready(`The sandbox still cannot work here: ${second.because}. ${second.next}`)
}

function missingPackages(path: string): readonly string[] {
  const named = [
    { program: 'bwrap', debian: 'bubblewrap' },
    { program: 'git', debian: 'git' },
  ].filter(({ program }) => findProgram(program, machinePath(path)) === null)
  const fixed = neededPrograms.filter(({ file }) => !existsSync(file))
  return [...new Set([...named, ...fixed].map(({ debian }) => debian))]
}

/** A change of the machine: why it is needed, and the exact commands, with what they read. */
type Change = { readonly why: string; readonly commands: readonly Command[] }
type Command = { readonly argv: readonly string[]; readonly input: string }

function installation(packages: readonly string[], { path }: Surroundings): Change {
  const why = `AgentOS needs ${packages.join(' and ')}`
  if (findProgram('apt-get', machinePath(path)) === null) return { why, commands: [] }
  return {
    why,
    commands: [
      { argv: ['apt-get', 'update', '-qq'], input: '' },
      { argv: ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages], input: '' },
    ],
  }
}

function isRestricted({ namespaceRule }: Surroundings): boolean {
  return existsSync(namespaceRule) && readFileSync(namespaceRule, 'utf8').trim() === '1'
}

/** Lets bubblewrap alone make user namespaces; the machine's rule stays for every other program. */
function permission({ path, profiles }: Surroundings): Change {
  const bwrap = findProgram('bwrap', machinePath(path)) ?? '/usr/bin/bwrap'
  const file = join(profiles, 'agentos-bwrap')
  const profile = [
    'abi <abi/4.0>,',
    'include <tunables/global>',
    `profile agentos-bwrap ${bwrap} flags=(unconfined) {`,
    '  userns,',
    '}',
    '',
  ]
  return {
    why: 'AppArmor keeps bubblewrap from making the user namespace that the sandbox needs',
    commands: [
      { argv: ['tee', file], input: profile.join('\n') },
      { argv: ['apparmor_parser', '-r', file], input: '' },
    ],
  }
}

/** Makes a change when that is allowed, or says in one sentence what a person has to do. */
async function perform({ why, commands }: Change, around: Surroundings): Promise<string | null> {
  if (commands.length === 0)
    return `${why}, and this system has no apt-get: install what is missing with its own package manager.`
  const raised = commands.map(({ argv, input }) => ({ argv: [...raise(around), ...argv], input }))
  const shown = raised.map(toShell).join(' && ')
  if (!(await isAllowed(`${why}. Run this now?\n  ${shown}\n`, around)))
    return `${why}; run this, or start again with --yes: ${shown}`
  around.say(`${why}: ${shown}`)
  const failed = raised.find((command) => !hasRun(command, around))
  return failed === undefined ? null : `${why}, but this failed: ${toShell(failed)}`
}

async function isAllowed(question: string, { isRoot, isAgreed, ask }: Surroundings): Promise<boolean> {
  return isRoot || isAgreed || (ask !== null && (await ask(question)))
}

function raise({ isRoot, isAgreed }: Surroundings): readonly string[] {
  if (isRoot) return []
  return isAgreed ? ['sudo', '-n'] : ['sudo']
}

function toShell({ argv, input }: Command): string {
  return input === '' ? argv.join(' ') : `printf '${input.replaceAll('\n', '\\n')}' | ${argv.join(' ')}`
}

/** What a command prints goes to stderr, because stdout is for programs. */
function hasRun({ argv: [file = '', ...rest], input }: Command, { path }: Surroundings): boolean {
  const env = { ...process.env, PATH: path, DEBIAN_FRONTEND: 'noninteractive' }
  const { status } = spawnSync(file, rest, {
    input,
    env,
    stdio: ['pipe', file === 'tee' || rest.includes('tee') ? 'ignore' : 2, 2],
  })
  return status === 0
}

function ourSurroundings(): Surroundings {
  return {
    platform: process.platform,
    path: process.env['PATH'] ?? '',
    isRoot: process.getuid?.() === 0,
    isAgreed: process.env['CI'] === 'true' || process.argv.includes('--yes'),
    ask: process.stdin.isTTY && process.stderr.isTTY ? askAtTerminal : null,
    say: (line) => console.error(line),
    namespaceRule: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    profiles: '/etc/apparmor.d',
  }
}

async function askAtTerminal(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question}[y/N] `)).trim())
  } finally {
    terminal.close()
  }
}

if (isProgram) {
  const state = await ensureMachine()
  if (state.is === 'unready') {
    console.error(state.because)
    process.exitCode = PART_MISSING
  }
}
