import type { ParseYaml } from '../control/load-manifest.ts'
import { declaredIn, type TargetKind } from '../targets/index.ts'
import { isObject, packageJsonIn, parseJson } from '../targets/package-json.ts'
import type { Checkout } from '../targets/target.ts'
import { readToml } from '../targets/toml-lines.ts'
import { splitScript } from './split-script.ts'

/** A script or a single command as a file of the repository has it. */
type Script = { readonly where: string; readonly script: string; readonly cwd: string }

/** One command that a repository uses, where it was seen, and the folder in which it runs. */
export type Seen = { readonly text: string; readonly where: string; readonly cwd: string }

const MOST_SEEN = 2000

/** Every command of a repository's own scripts and CI files, each once. */
export function collectCommands(checkout: Checkout, parseYaml: ParseYaml): readonly Seen[] {
  const files = checkout.below('')
  const scripts = [
    ...files.filter((path) => CI.test(path)).flatMap((path) => fromYaml(checkout, path, parseYaml)),
    ...fromPackage(checkout),
    ...fromTargets(checkout),
    ...['tox.ini', 'setup.cfg'].flatMap((path) => fromTox(checkout, path)),
    ...fromNox(checkout),
    ...fromToml(checkout),
    ...fromRakefile(checkout),
    ...fromMakefile(checkout),
    ...fromComposer(checkout),
  ]
  const seen = new Map<string, Seen>()
  for (const one of scripts.flatMap(commandsIn)) {
    const key = `${one.cwd}\n${one.text}`
    if (!seen.has(key)) seen.set(key, one)
  }
  return [...seen.values()].slice(0, MOST_SEEN)
}

const CI =
  /^(?:\.github\/(?:workflows|actions)\/.+\.ya?ml|\.travis\.yml|\.gitlab-ci\.yml|\.circleci\/config\.yml|azure-pipelines[\w.-]*\.ya?ml)$/

/** `cd` moves what follows it in the same script; where it goes nowhere plain, the rest has no known folder. */
function commandsIn({ where, script, cwd }: Script): readonly Seen[] {
  const seen: Seen[] = []
  let at: string | undefined = cwd
  for (const { text, line } of splitScript(script)) {
    const folder = /^cd\s+(\S+)$/.exec(text)?.[1]
    if (folder !== undefined) at = at === undefined ? undefined : into(at, folder)
    seen.push({ text, where: `${where}${line > 1 ? ` line ${line}` : ''}`, cwd: at ?? 'unknown' })
  }
  return seen
}

function into(cwd: string, folder: string): string | undefined {
  if (!/^[\w./-]+$/.test(folder) || folder.startsWith('/')) return undefined
  const parts = cwd === '.' ? [] : cwd.split('/')
  for (const part of folder.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/') || '.'
}

/** Any CI system's file: the keys under which a script stands, wherever they are. */
function fromYaml(checkout: Checkout, path: string, parseYaml: ParseYaml): readonly Script[] {
  const parsed = parseYaml(checkout.text(path) ?? '')
  return parsed.ok ? walk(parsed.value, { path, cwd: '.', depth: 0 }) : []
}

type Walk = { readonly path: string; readonly cwd: string; readonly depth: number }

/** Below `script` GitHub's own workflows hold JavaScript for an action. */
const GITHUB_KEYS: ReadonlySet<string> = new Set(['run'])
const OTHER_KEYS: ReadonlySet<string> = new Set(['run', 'script', 'before_script', 'after_script', 'bash', 'command'])

function walk(value: unknown, at: Walk): readonly Script[] {
  if (at.depth > 20) return []
  const deeper = { ...at, depth: at.depth + 1 }
  if (Array.isArray(value)) return value.flatMap((item) => walk(item, deeper))
  if (!isObject(value) || isOtherShell(value)) return []
  const folder = value['working-directory']
  const keys = at.path.startsWith('.github/') ? GITHUB_KEYS : OTHER_KEYS
  const inside = typeof folder === 'string' ? { ...deeper, cwd: into('.', folder) ?? 'unknown' } : deeper
  return Object.entries(value).flatMap(([key, item]) => {
    const texts = keys.has(key) ? textsOf(item) : []
    return texts.length === 0
      ? walk(item, inside)
      : texts.map((script) => ({ where: at.path, script, cwd: inside.cwd }))
  })
}

function isOtherShell(step: Readonly<Record<string, unknown>>): boolean {
  return typeof step['shell'] === 'string' && !/^(?:ba|da)?sh\b/.test(step['shell'])
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

const PACKAGE_MANAGERS = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
] as const

function fromPackage(checkout: Checkout): readonly Script[] {
  const found = packageJsonIn(checkout, '')
  const manager = PACKAGE_MANAGERS.find(([lock]) => checkout.kind(lock) === 'file')?.[1] ?? 'npm'
  const short = manager === 'pnpm' || manager === 'yarn' ? [manager] : []
  return (found?.scripts ?? []).flatMap(({ name, command }) =>
    [...[`${manager} run`, ...short].map((call) => `${call} ${name}`), command].map((script) => ({
      where: `package.json scripts.${name}`,
      script,
      cwd: '.',
    })),
  )
}

const INVOKED: readonly (readonly [TargetKind, string, string])[] = [
  ['make', 'make', 'Makefile'],
  ['just', 'just', 'justfile'],
  ['deno-task', 'deno task', 'deno.json'],
  ['composer-script', 'composer run-script', 'composer.json scripts'],
  ['composer-script', 'composer', 'composer.json scripts'],
  ['rake-task', 'bundle exec rake', 'Rakefile'],
  ['cargo-alias', 'cargo', '.cargo/config.toml'],
]

/** What the repository declares by name, as people call it. A target that is a file or a pattern is not called by name. */
function fromTargets(checkout: Checkout): readonly Script[] {
  return INVOKED.flatMap(([kind, command, file]) =>
    (declaredIn(checkout, kind, '')?.names ?? [])
      .filter((name) => /^[A-Za-z][\w:-]*$/.test(name))
      .map((name) => ({ where: file, script: `${command} ${name}`, cwd: '.' })),
  )
}

/** `commands =` of tox: the lines that are indented below it. */
function fromTox(checkout: Checkout, path: string): readonly Script[] {
  const lines = (checkout.text(path) ?? '').split('\n')
  let isInside = false
  return lines.flatMap((line) => {
    const first = /^commands(?:_pre|_post)?\s*=\s*(.*)$/.exec(line)?.[1]
    if (first !== undefined) isInside = true
    else if (/^\S/.test(line)) isInside = false
    const script = (first ?? (isInside ? line : '')).trim().replace(/^-\s*/, '')
    return script === '' ? [] : [{ where: path, script, cwd: '.' }]
  })
}

/** `session.run('pytest', '-q')` with nothing but literal strings. */
function fromNox(checkout: Checkout): readonly Script[] {
  const text = checkout.text('noxfile.py') ?? ''
  return [...text.matchAll(/session\.run\(\s*((?:["'][^"'\n\\]*["']\s*,?\s*)+)\)/g)].map(([, args = '']) => ({
    where: 'noxfile.py',
    script: [...args.matchAll(/["']([^"'\n\\]*)["']/g)].map(([, word = '']) => shown(word)).join(' '),
    cwd: '.',
  }))
}

function shown(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word}'`
}

/** Tasks of Python tools: hatch's scripts, poe's and pdm's tasks. */
function fromToml(checkout: Checkout): readonly Script[] {
  const tables = /^tool\.(?:hatch\.envs\.[\w-]+\.scripts|poe\.tasks|pdm\.scripts|taskipy\.tasks|pixi\.tasks)$/
  return readToml(checkout.text('pyproject.toml') ?? '')
    .filter(({ table }) => tables.test(table))
    .flatMap(({ strings }) => strings.map((script) => ({ where: 'pyproject.toml', script, cwd: '.' })))
}

function fromRakefile(checkout: Checkout): readonly Script[] {
  const text = checkout.text('Rakefile') ?? ''
  return [...text.matchAll(/^\s*sh\(?\s*(["'])((?:(?!\1)[^\n\\#])+)\1\s*\)?\s*$/gm)].map(([, , script = '']) => ({
    where: 'Rakefile',
    script,
    cwd: '.',
  }))
}

/** The lines of recipes; make joins continued ones and takes `@` and `-` before them for itself. */
function fromMakefile(checkout: Checkout): readonly Script[] {
  const text = (checkout.text('Makefile') ?? '').replace(/\\\n\s*/g, ' ')
  return text
    .split('\n')
    .filter((line) => line.startsWith('\t'))
    .map((line) => ({ where: 'Makefile', script: line.trim().replace(/^[@+-]+\s*/, ''), cwd: '.' }))
}

function fromComposer(checkout: Checkout): readonly Script[] {
  const text = checkout.text('composer.json')
  const value = text === undefined ? undefined : parseJson(text)
  const declared = isObject(value) && isObject(value['scripts']) ? value['scripts'] : {}
  return Object.entries(declared).flatMap(([name, item]) =>
    textsOf(item)
      .filter((script) => !/^@|::/.test(script))
      .map((script) => ({ where: `composer.json scripts.${name}`, script, cwd: '.' })),
  )
}
