import { cutText } from './cut-text.ts'

/** What a `package.json` says, as far as it can be read; `fault` says why it cannot. */
export type PackageJson = {
  readonly packageManager: string | null
  readonly scripts: readonly { readonly name: string; readonly command: string }[]
  readonly fault: string | null
}

const MAX_SCRIPTS = 1000

/** Reads the text of a `package.json` of unknown origin: broken content is a fault on record, never an exception. */
export function readPackageJson(text: string | undefined): PackageJson {
  if (text === undefined) return faulty('is too large or not UTF-8 text')
  const value = parseJson(text.replace(/^\uFEFF/, ''))
  if (!isObject(value)) return faulty('is not a JSON object')
  const { packageManager } = value
  const scripts = isObject(value['scripts']) ? toScripts(value['scripts']) : []
  return {
    packageManager: typeof packageManager === 'string' ? packageManager.toWellFormed() : null,
    scripts,
    fault: value['scripts'] === undefined || isObject(value['scripts']) ? null : '`scripts` is not an object',
  }
}

function faulty(fault: string): PackageJson {
  return { packageManager: null, scripts: [], fault }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
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

const RULE = /^([A-Za-z0-9_][A-Za-z0-9_./ -]*?)\s*:(?![:=])/

/** The targets that a makefile names itself: no patterns, variables or special targets. */
export function makeTargetsOf(text: string): readonly string[] {
  const names = text.split('\n').flatMap((line) => {
    const named = line.length > 2000 ? undefined : RULE.exec(line)?.[1]
    return named === undefined ? [] : named.split(/\s+/)
  })
  return [...new Set(names)].filter((name) => name.length <= 200).slice(0, MAX_SCRIPTS)
}
