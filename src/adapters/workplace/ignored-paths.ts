import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { IgnoreRules } from '../../app/runner/ports.ts'
import { git } from './git-process.ts'

/** Asks git itself, in a new repository that holds these `.gitignore` files and nothing that a command wrote. */
export const ignoredPaths: IgnoreRules = async (files, paths) => {
  const folder = mkdtempSync(join(tmpdir(), 'agentos-ignore-'))
  try {
    await git({ folder, args: ['init', '--quiet', '--template='] })
    for (const { path, bytes } of files) {
      const target = join(folder, path)
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, bytes, { flag: 'wx' })
    }
    const args = ['-c', 'core.bare=false', '--work-tree=.', 'check-ignore', '--stdin', '-z', '--no-index']
    const printed = await git({ folder, args, input: paths.map((path) => `${path}\0`).join(''), answers: [1] })
    return new Set(printed.toString('utf8').split('\0').slice(0, -1))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
