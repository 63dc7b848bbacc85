import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Machine } from './syscalls.ts'
import { findProgram, machinePath } from './toolchain.ts'

/** Where a sandbox looks for its own parts and for the machine's Node. */
export type Place = {
  readonly path: string
  readonly home: string
  /** Where this machine's package managers get packages; null where npm has to be asked. */
  readonly registry: string | null
  /** Read-only folders that commands see beside /usr, each under its own name; their `bin` comes first on PATH. */
  readonly toolchain: readonly string[]
}

/** The parts of a machine that can start sandboxes. */
export type Engine = {
  readonly is: 'engine'
  readonly bwrap: string
  readonly version: string
  readonly machine: Machine
}

export type Missing = { readonly is: 'missing'; readonly because: string; readonly next: string }

/** What a sandbox is made of, and the packages of Debian and Ubuntu that bring it. */
export const neededPrograms = [
  { file: '/usr/bin/perl', debian: 'perl-base' },
  { file: '/usr/bin/mkfifo', debian: 'coreutils' },
] as const

const OLDEST = [0, 8] as const

/** Finds the parts, or names the first that is missing and what to do about it. */
export async function findEngine({ path }: Place): Promise<Engine | Missing> {
  const machine = knownMachine()
  if (process.platform !== 'linux' || machine === null) {
    return missing(`there is no sandbox for ${process.platform} on ${process.arch}`, 'Use Linux on x86-64 or arm64.')
  }
  const bwrap = findProgram('bwrap', machinePath(path))
  if (bwrap === null)
    return missing('bubblewrap (bwrap) is not on the PATH', 'Install it, for example: apt-get install bubblewrap')
  const absent = neededPrograms.find(({ file }) => !existsSync(file))
  if (absent !== undefined)
    return missing(`${absent.file} is missing`, `Install it, for example: apt-get install ${absent.debian}`)
  const version = await versionOf(bwrap)
  if (version === null || isOlder(version)) {
    return missing(
      `bubblewrap is ${version ?? 'of an unknown version'}`,
      `Install version ${OLDEST.join('.')} or newer.`,
    )
  }
  return { is: 'engine', bwrap, version, machine }
}

const missing = (because: string, next: string): Missing => ({ is: 'missing', because, next })

function knownMachine(): Machine | null {
  return process.arch === 'x64' || process.arch === 'arm64' ? process.arch : null
}

const versions = new Map<string, Promise<string | null>>()

function versionOf(bwrap: string): Promise<string | null> {
  const known = versions.get(bwrap) ?? askVersion(bwrap)
  versions.set(bwrap, known)
  return known
}

async function askVersion(bwrap: string): Promise<string | null> {
  const { stdout } = await promisify(execFile)(bwrap, ['--version'], { env: {}, cwd: '/' })
  return /^bubblewrap (\d+\.\d+(?:\.\d+)?)\s*$/.exec(stdout)?.[1] ?? null
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
}
