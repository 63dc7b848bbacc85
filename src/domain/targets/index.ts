import { z } from 'zod'
import { cargoAliases, cargoBinaries, cargoExamples, cargoFeatures, cargoPackages, cargoTests } from './cargo.ts'
import { composerScripts } from './composer-scripts.ts'
import { denoTasks } from './deno-tasks.ts'
import { goPackages } from './go-packages.ts'
import { justRecipes } from './justfile.ts'
import { makeTargets } from './makefile.ts'
import { scripts } from './package-json.ts'
import { pythonTests } from './python-tests.ts'
import { rakeTasks } from './rake-tasks.ts'
import type { Checkout, Declared, TargetReader } from './target.ts'
import { workspaceFolders, workspaces } from './workspaces.ts'

/** Everything by name that a command may ask a repository for, each with the reader that knows where it is declared. */
const TARGETS = {
  script: scripts,
  workspace: workspaces,
  'workspace-folder': workspaceFolders,
  make: makeTargets,
  just: justRecipes,
  'cargo-package': cargoPackages,
  'cargo-test': cargoTests,
  'cargo-binary': cargoBinaries,
  'cargo-example': cargoExamples,
  'cargo-feature': cargoFeatures,
  'cargo-alias': cargoAliases,
  'go-package': goPackages,
  'python-test': pythonTests,
  'deno-task': denoTasks,
  'composer-script': composerScripts,
  'rake-task': rakeTasks,
} satisfies Readonly<Record<string, TargetReader>>

export type TargetKind = keyof typeof TARGETS

const isTargetKind = (kind: string): kind is TargetKind => Object.hasOwn(TARGETS, kind)

export const TargetKind = z.enum(Object.keys(TARGETS).filter(isTargetKind))

export function targetReader(kind: TargetKind): TargetReader {
  return TARGETS[kind]
}

const MAX_NAMES = 1000
const MAX_NAME = 200

/** What a place declares, within the bounds of a record: names that were left out leave it unsure. */
export function declaredIn(checkout: Checkout, kind: TargetKind, at: string): Declared | null {
  const read = TARGETS[kind].read(checkout, at)
  if (read === null) return null
  const names = read.names.filter((name) => name !== '' && name.length <= MAX_NAME && name.isWellFormed())
  const unsure = names.length > MAX_NAMES ? `there are more than ${MAX_NAMES}` : read.unsure
  return { names: names.slice(0, MAX_NAMES), unsure: unsure === null ? null : unsure.slice(0, 300).toWellFormed() }
}

/** Whether a word is one of the declared names. */
export function hasTarget(kind: TargetKind, { names }: Declared, word: string): boolean {
  return names.includes(word) || (TARGETS[kind].isPattern && names.some((name) => fitsPattern(name, word)))
}

/** A word with `=` would set a variable of make's, and a climbing one would make a file elsewhere. */
function fitsPattern(pattern: string, word: string): boolean {
  const [start = '', end, ...more] = pattern.split('%')
  if (end === undefined || more.length > 0) return false
  if (word.includes('=') || word.startsWith('/') || word.split('/').includes('..')) return false
  return word.length > start.length + end.length && word.startsWith(start) && word.endsWith(end)
}
