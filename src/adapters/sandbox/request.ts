import { realpathSync, statSync } from 'node:fs'
import { isAbsolute, join, normalize } from 'node:path'
import type { SandboxRequest } from '../../app/sandbox.ts'
import { ownNames } from './view.ts'

/** What is wrong with a request, in words, or null. */
export function faultOf(request: SandboxRequest): string | null {
  return commandFault(request) ?? placeFault(request) ?? environmentFault(request.env) ?? limitsFault(request)
}

function commandFault({ argv }: SandboxRequest): string | null {
  if (argv.length === 0) return 'the command is empty'
  return argv.some(hasNul) ? 'an argument holds a NUL byte' : null
}

function placeFault({ checkout, cwd }: SandboxRequest): string | null {
  if (!isAbsolute(checkout) || hasNul(checkout) || !isFolder(checkout)) return 'the checkout is not an absolute folder'
  if (isAbsolute(cwd) || hasNul(cwd) || normalize(cwd).split('/').includes('..'))
    return 'the working folder leaves the checkout'
  const folder = join(checkout, cwd)
  if (!isFolder(folder)) return 'the working folder does not exist'
  const [root, real] = [realpathSync(checkout), realpathSync(folder)]
  return real === root || real.startsWith(`${root}/`) ? null : 'the working folder is a link out of the checkout'
}

function environmentFault(env: SandboxRequest['env']): string | null {
  const name = Object.keys(env).find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || ownNames.includes(name))
  if (name !== undefined) return `the variable ${JSON.stringify(name)} may not be set`
  return Object.values(env).some(hasNul) ? 'a variable holds a NUL byte' : null
}

function limitsFault({ limits }: SandboxRequest): string | null {
  const { wallMs, cpuSeconds, outputBytes, memoryBytes, processes, fileBytes, diskBytes, files } = limits
  const all = { wallMs, cpuSeconds, outputBytes, memoryBytes, processes, fileBytes, diskBytes, files }
  const wrong = Object.entries(all).find(([, value]) => !Number.isSafeInteger(value) || value < 1)
  if (wrong !== undefined) return `the limit ${wrong[0]} is not a positive whole number`
  return wallMs > LONGEST_TIMER_MS ? 'the limit wallMs is longer than a timer can be' : null
}

const LONGEST_TIMER_MS = 2 ** 31 - 1

const hasNul = (text: string): boolean => text.includes('\0')

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
