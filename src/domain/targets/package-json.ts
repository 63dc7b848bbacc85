import { cutText } from '../packs/cut-text.ts'
import { type Checkout, type Declared, pathIn, plainNames, type TargetReader, unreadable } from './target.ts'

/** What a `package.json` says, as far as it can be read; `fault` says why it cannot. */
export type PackageJson = {
  readonly name: string | null
  readonly packageManager: string | null
  readonly scripts: readonly { readonly name: string; readonly command: string }[]
  readonly workspaces: readonly string[]
  readonly fault: string | null
}

const MAX_SCRIPTS = 1000

/** Reads the text of a `package.json` of unknown origin: broken content is a fault on record, never an exception. */
export function readPackageJson(text: string | undefined): PackageJson {
  if (text === undefined) return faulty('is too large or not UTF-8 text')
  const value = parseJson(text)
  if (!isObject(value)) return faulty('is not a JSON object')
  const { name, packageManager, scripts } = value
  return {
    name: typeof name === 'string' && name.length <= 214 ? name.toWellFormed() : null,
    packageManager: typeof packageManager === 'string' ? packageManager.toWellFormed() : null,
    scripts: isObject(scripts) ? toScripts(scripts) : [],
    workspaces: toWorkspaces(value['workspaces']),
    fault: scripts === undefined || isObject(scripts) ? null : '`scripts` is not an object',
  }
}

function faulty(fault: string): PackageJson {
  return { name: null, packageManager: null, scripts: [], workspaces: [], fault }
}

/** JSON of unknown origin; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A name too long to be asked for exactly is left out, because a cut name would be another script. */
function toScripts(scripts: Readonly<Record<string, unknown>>): PackageJson['scripts'] {
  return Object.entries(scripts)
    .flatMap(([name, command]) =>
      typeof command === 'string' && name.length <= 200 && name.isWellFormed()
        ? [{ name, command: cutText(command.toWellFormed(), 16_384) }]
        : [],
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, MAX_SCRIPTS)
}

function toWorkspaces(value: unknown): readonly string[] {
  const globs: unknown = isObject(value) ? value['packages'] : value
  return Array.isArray(globs) ? globs.filter((glob) => typeof glob === 'string' && glob.length <= 300) : []
}

/** The scripts of the `package.json` of a folder. */
export const scripts: TargetReader = {
  ...plainNames,
  noun: 'script',
  joint: ':',
  read(checkout, folder): Declared | null {
    const path = pathIn(folder, 'package.json')
    if (checkout.kind(path) !== 'file') return null
    const text = checkout.text(path)
    if (text === undefined) return unreadable(path)
    const { scripts: declared, fault } = readPackageJson(text)
    return { names: declared.map(({ name }) => name), unsure: fault === null ? null : `${path} ${fault}` }
  },
}

export function packageJsonIn(checkout: Checkout, folder: string): PackageJson | null {
  const path = pathIn(folder, 'package.json')
  return checkout.kind(path) === 'file' ? readPackageJson(checkout.text(path)) : null
}
