import { matchesGlob } from '../control/glob.ts'
import { type Checkout, type Declared, pathIn, plainNames, resolveIn, type TargetReader, unreadable } from './target.ts'
import { readToml, type TomlEntry } from './toml-lines.ts'

const MAX_MEMBERS = 300
const MAX_PATTERNS = 500

type Package = { readonly folder: string; readonly name: string | null; readonly toml: readonly TomlEntry[] }
type Workspace = { readonly packages: readonly Package[]; readonly unsure: string | null }

/** The packages of the Cargo workspace of a folder. */
export const cargoPackages: TargetReader = {
  ...plainNames,
  noun: 'Cargo package',
  read: (checkout, folder) => ofWorkspace(checkout, folder, ({ name }) => (name === null ? [] : [name])),
}

export const cargoTests = autoTarget('test', 'tests')
export const cargoExamples = autoTarget('example', 'examples')

/** A package's programs: its own name where there is `src/main.rs`, those of `src/bin`, and those it lists. */
export const cargoBinaries: TargetReader = {
  ...plainNames,
  noun: 'Cargo binary',
  read: (checkout, folder) =>
    ofWorkspace(checkout, folder, (one) => {
      const isProgram = checkout.kind(pathIn(one.folder, 'src/main.rs')) === 'file'
      const own = isProgram && one.name !== null ? [one.name] : []
      return [...own, ...listed(one, 'bin'), ...discovered(checkout, one, 'src/bin')]
    }),
}

export const cargoFeatures: TargetReader = {
  ...plainNames,
  noun: 'Cargo feature',
  separator: ',',
  read: (checkout, folder) =>
    ofWorkspace(checkout, folder, ({ name, toml }) => {
      const declared = toml.filter(({ table }) => table === 'features').map(({ key }) => key)
      const optional = toml.filter(({ table, text }) => isDependencies(table) && /\boptional\s*=\s*true/.test(text))
      const own = [...declared, ...optional.map(({ key }) => key), ...(declared.includes('default') ? [] : ['default'])]
      return [...own, ...own.map((feature) => `${name ?? ''}/${feature}`)]
    }),
}

/** The aliases of `.cargo/config.toml`: subcommands that the repository makes up itself. */
export const cargoAliases: TargetReader = {
  ...plainNames,
  noun: 'Cargo alias',
  joint: '-',
  read(checkout, folder) {
    const path = ['.cargo/config.toml', '.cargo/config']
      .map((name) => pathIn(folder, name))
      .find((one) => checkout.kind(one) === 'file')
    if (path === undefined) return null
    const text = checkout.text(path)
    if (text === undefined) return unreadable(path)
    const aliases = readToml(text).filter(({ table }) => table === 'alias')
    return { names: aliases.map(({ key }) => key), unsure: null }
  },
}

function autoTarget(kind: string, folderName: string): TargetReader {
  return {
    ...plainNames,
    noun: `Cargo ${kind}`,
    read: (checkout, folder) =>
      ofWorkspace(checkout, folder, (one) => [...listed(one, kind), ...discovered(checkout, one, folderName)]),
  }
}

function ofWorkspace(
  checkout: Checkout,
  folder: string,
  namesOf: (one: Package) => readonly string[],
): Declared | null {
  const workspace = workspaceOf(checkout, folder)
  if (workspace === null) return null
  const names = workspace.packages.flatMap(namesOf)
  return { names: [...new Set(names)].slice(0, 1000), unsure: workspace.unsure }
}

/** The members are the root, what `members` covers, and what a member depends on by a path. */
function workspaceOf(checkout: Checkout, folder: string): Workspace | null {
  const root = packageIn(checkout, folder)
  if (root === null) return null
  const excluded = stringsOf(root, 'workspace', 'exclude').flatMap((path) => resolveIn(folder, path) ?? [])
  const queue = [root.folder, ...memberFolders(checkout, root)]
  const packages: Package[] = []
  for (let i = 0; i < queue.length && i < MAX_MEMBERS; i += 1) {
    const one = packageIn(checkout, queue[i] ?? '')
    if (one === null) continue
    packages.push(one)
    if (queue.length > MAX_MEMBERS) continue
    const further = pathDependencies(one).filter((path) => !queue.includes(path) && !excluded.includes(path))
    queue.push(...further.slice(0, MAX_MEMBERS))
  }
  const isWhole = checkout.text(pathIn(folder, 'Cargo.toml')) !== undefined
  if (!isWhole) return { packages, unsure: `${pathIn(folder, 'Cargo.toml')} is too large or not UTF-8 text` }
  if (stringsOf(root, 'workspace', 'members').length > MAX_PATTERNS)
    return { packages, unsure: `there are more than ${MAX_PATTERNS} patterns of members` }
  return { packages, unsure: queue.length > MAX_MEMBERS ? `there are more than ${MAX_MEMBERS} packages` : null }
}

function packageIn(checkout: Checkout, folder: string): Package | null {
  const path = pathIn(folder, 'Cargo.toml')
  if (checkout.kind(path) !== 'file') return null
  const toml = readToml(checkout.text(path) ?? '')
  const name = toml.find((entry) => entry.table === 'package' && entry.key === 'name')?.strings[0] ?? null
  return { folder, name, toml }
}

function memberFolders(checkout: Checkout, root: Package): readonly string[] {
  const globs = stringsOf(root, 'workspace', 'members').flatMap((path) => resolveIn(root.folder, path) ?? [])
  const excluded = stringsOf(root, 'workspace', 'exclude').flatMap((path) => resolveIn(root.folder, path) ?? [])
  if (globs.length === 0) return []
  return checkout
    .below(root.folder)
    .filter((path) => path.endsWith('/Cargo.toml'))
    .map((path) => path.slice(0, -'/Cargo.toml'.length))
    .filter((path) => path !== root.folder && globs.some((glob) => matchesGlob(glob, path)))
    .filter((path) => !excluded.some((other) => path === other || path.startsWith(`${other}/`)))
}

function stringsOf({ toml }: Package, table: string, key: string): readonly string[] {
  const strings = toml.find((entry) => entry.table === table && entry.key === key)?.strings ?? []
  return strings.slice(0, MAX_PATTERNS + 1)
}

function isDependencies(table: string): boolean {
  return /(?:^|\.)(?:dev-|build-)?dependencies$/.test(table)
}

/** `x = { path = "…" }`, `x.path = "…"` and `[dependencies.x]` with `path`. */
function pathDependencies({ folder, toml }: Package): readonly string[] {
  return toml.flatMap(({ table, key, text, strings }) => {
    const inline = isDependencies(table) ? /\bpath\s*=\s*["']([^"']+)["']/.exec(text)?.[1] : undefined
    const isOwnLine =
      (isDependencies(table) && key.endsWith('.path')) || (/dependencies\.[^.]+$/.test(table) && key === 'path')
    const path = inline ?? (isOwnLine ? strings[0] : undefined)
    return path === undefined ? [] : (resolveIn(folder, path) ?? [])
  })
}

function listed({ toml }: Package, kind: string): readonly string[] {
  return toml.flatMap(({ table, key, strings }) => (table === kind && key === 'name' ? (strings[0] ?? []) : []))
}

/** `tests/name.rs` and `tests/name/main.rs` are targets by themselves. */
function discovered(checkout: Checkout, { folder, toml }: Package, folderName: string): readonly string[] {
  const auto = { tests: 'autotests', examples: 'autoexamples' }[folderName] ?? 'autobins'
  if (toml.some(({ table, key, text }) => table === 'package' && key === auto && /^false\b/.test(text))) return []
  const start = `${pathIn(folder, folderName)}/`
  return checkout
    .below(pathIn(folder, folderName))
    .flatMap((path) => /^([^/]+)(?:\.rs|\/main\.rs)$/.exec(path.slice(start.length))?.[1] ?? [])
}
