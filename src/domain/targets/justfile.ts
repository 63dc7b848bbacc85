import { type Checkout, type Declared, pathIn, plainNames, resolveIn, type TargetReader } from './target.ts'

const MAX_FILES = 50
const NAME = '[A-Za-z_][A-Za-z0-9_-]*'
const RECIPE = new RegExp(`^@?(${NAME})(?:\\s[^:]*)?:(?!=)`)
const ALIAS = new RegExp(`^alias\\s+(${NAME})\\s*:=`)
const IMPORT = /^import\??\s+(?:'([^']+)'|"([^"]+)")/
const MODULE = new RegExp(`^mod\\??\\s+(${NAME})`)
const SETTING = /^(?:set|export|unexport|alias|import|mod)\b/

/** The recipes and aliases of the justfile of a folder and of what it imports. */
export const justRecipes: TargetReader = {
  ...plainNames,
  noun: 'just recipe',
  joint: '-',
  read(checkout, folder) {
    const path = justfileIn(checkout, folder)
    return path === undefined ? null : readJustfile(checkout, path)
  },
}

/** just takes `justfile` in any case, and `.justfile`. */
function justfileIn(checkout: Checkout, folder: string): string | undefined {
  const start = pathIn(folder, '').length
  return checkout
    .below(folder)
    .find((path) => /^\.?justfile$/i.test(path.slice(start)) && checkout.kind(path) === 'file')
}

function readJustfile(checkout: Checkout, first: string): Declared {
  const names = new Set<string>()
  const queue = [first]
  let unsure: string | null = null
  for (let i = 0; i < queue.length && i < MAX_FILES; i += 1) {
    const path = queue[i] ?? ''
    const text = checkout.text(path)
    if (text === undefined) unsure = `${path} is not there, too large or not UTF-8 text`
    const read = readLines(text ?? '')
    for (const name of read.names) names.add(name)
    if (read.hasModules) unsure = `${path} loads modules`
    if (queue.length > MAX_FILES) continue
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    const imports = read.imports.flatMap((name) => resolveIn(folder, name) ?? [])
    queue.push(...imports.filter((one) => !queue.includes(one)).slice(0, MAX_FILES))
  }
  return { names: [...names].slice(0, 1000), unsure: queue.length > MAX_FILES ? 'too many files are imported' : unsure }
}

type Lines = { readonly names: readonly string[]; readonly imports: readonly string[]; readonly hasModules: boolean }

/** Indented lines are bodies of recipes. */
function readLines(text: string): Lines {
  const lines = text.split(/\r?\n/).filter((line) => /^[^\s#]/.test(line) && line.length <= 2000)
  return {
    names: lines.flatMap((line) => ALIAS.exec(line)?.[1] ?? (SETTING.test(line) ? [] : (RECIPE.exec(line)?.[1] ?? []))),
    imports: lines.flatMap((line) => {
      const found = IMPORT.exec(line)
      return found?.[1] ?? found?.[2] ?? []
    }),
    hasModules: lines.some((line) => MODULE.test(line)),
  }
}
