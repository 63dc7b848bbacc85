import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Place } from './machine.ts'
import { findProgram, machinePath } from './toolchain.ts'

const answers = new Map<string, Promise<string | null>>()

/** Where this machine's user gets packages; null where nobody can say. What a checkout says of it is not heard. */
export function registryOf({ path, home, registry }: Place): Promise<string | null> {
  const npm = findProgram('npm', machinePath(path))
  if (registry !== null || npm === null) return Promise.resolve(registry)
  const about = JSON.stringify([npm, path, home])
  const answer = answers.get(about) ?? askNpm(npm, { PATH: path, HOME: home })
  answers.set(about, answer)
  return answer
}

async function askNpm(npm: string, env: Readonly<Record<string, string>>): Promise<string | null> {
  const asking = promisify(execFile)(npm, ['config', 'get', 'registry'], { env, cwd: '/' })
  return asking.then(
    ({ stdout }) => stdout.trim(),
    () => null,
  )
}
