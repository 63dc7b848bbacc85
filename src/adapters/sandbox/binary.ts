import { createHash } from 'node:crypto'
import { createReadStream, realpathSync, statSync } from 'node:fs'
import { isAbsolute, join, normalize, posix, sep } from 'node:path'
import type { SandboxBinary, SandboxRequest } from '../../app/sandbox.ts'
import { findProgram, isExecutable, type Mount, type PathEntry } from './toolchain.ts'

/** The program a request names: what to start inside, and what it is, measured from outside. */
export type Program = { readonly start: string; readonly binary: SandboxBinary }

export type ProgramSearch = {
  readonly path: readonly PathEntry[]
  /** What the command will see, so that a link out of it counts as absent. */
  readonly mounts: readonly Mount[]
}

/** Resolves `argv[0]`, or says why it cannot; there is no second guess. */
export async function resolveProgram(request: SandboxRequest, search: ProgramSearch): Promise<Program | string> {
  const name = request.argv[0] ?? ''
  if (name === '') return 'the command is empty'
  return name.includes('/') ? inCheckout(name, request) : onPath(name, search)
}

async function onPath(name: string, search: ProgramSearch): Promise<Program | string> {
  for (const entry of search.path) {
    const file = findProgram(name, [entry.host])
    const real = file === null ? null : seenInside(realpathSync(file), search.mounts)
    if (real === null) continue
    return { start: join(entry.inside, name), binary: { path: real.inside, sha256: await hashOf(real.host) } }
  }
  return `no program named ${JSON.stringify(name)} is on the sandbox's PATH; .agentos/policy.yml may name its folder under \`toolchain\``
}

function seenInside(file: string, mounts: readonly Mount[]): Mount | null {
  const mount = mounts.find(({ host }) => file.startsWith(`${host}${sep}`))
  return mount === undefined ? null : { host: file, inside: join(mount.inside, file.slice(mount.host.length)) }
}

async function inCheckout(name: string, request: SandboxRequest): Promise<Program | string> {
  const inside = normalize(posix.join(request.cwd, name))
  if (isAbsolute(name) || inside.startsWith('..')) return `the program ${JSON.stringify(name)} is outside the checkout`
  const root = realpathSync(request.checkout)
  const file = join(root, inside)
  if (!isExecutable(file)) return `the checkout has no executable file ${JSON.stringify(inside)}`
  const real = realpathSync(file)
  if (!real.startsWith(`${root}${sep}`)) return `the program ${JSON.stringify(name)} is a link out of the checkout`
  const path = posix.join('/work', real.slice(root.length))
  return { start: posix.join('/work', inside), binary: { path, sha256: await sha256Of(real) } }
}

const known = new Map<string, string>()

/** System files are hashed once a process: the key changes when the file does. */
async function hashOf(file: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true })
  const key = [file, dev, ino, size, mtimeNs, ctimeNs].join(' ')
  const hash = known.get(key) ?? (await sha256Of(file))
  known.set(key, hash)
  return hash
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}
