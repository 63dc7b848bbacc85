import { tokenize } from '../control/tokenize.ts'
import { EnvironmentName, INSTALLED, isWrapper, PlainValue } from '../control/words.ts'
import { unwrap } from '../control/wrappers.ts'
import { packageJsonIn } from '../targets/package-json.ts'
import { type Checkout, resolveIn } from '../targets/target.ts'
import type { Seen } from './collect.ts'

/** A command of literal words, with the variables that stand before it. */
export type Plain = {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly seen: Seen
}

/**
 * Why a command is not taken. `shape`: it is more than literal words. `absent`: it names a folder or a program of its own
 * that the repository does not have. `builtin`: it is the shell's own. The others are
 * commands that no step of a change should be: they install, publish, reach the network, need rights, or are code.
 */
export type NotTaken = {
  readonly seen: Seen
  readonly kind:
    | 'shape'
    | 'absent'
    | 'builtin'
    | 'installs'
    | 'publishes'
    | 'network'
    | 'privileged'
    | 'code'
    | 'outside'
  readonly because: string
}

/** Reads a command through the strict tokenizer and tells whether an allowlist is the place for it. */
export function toPlain(seen: Seen, checkout: Checkout): Plain | NotTaken {
  const { env, rest } = assignments(seen.text)
  const words = tokenize(rest)
  if (!words.ok) return { seen, kind: 'shape', because: words.refusal }
  const [program = ''] = words.value
  if (seen.cwd === 'unknown') return { seen, kind: 'shape', because: 'nobody knows in which folder it runs' }
  if (BUILTINS.has(program)) return { seen, kind: 'builtin', because: `${program} is the shell's own` }
  const absent = absence(program, seen.cwd, checkout)
  const bad = Object.entries(env).find(([name, value]) => !isPlainVariable(name, value))
  const refused = refusedKind(words.value, seen, checkout)
  if (refused !== undefined) return { seen, ...refused }
  if (absent !== undefined) return { seen, kind: 'absent', because: absent }
  if (bad !== undefined) return { seen, kind: 'shape', because: `it sets ${bad[0]}, which no rule may set` }
  return { argv: words.value, env, seen }
}

function absence(program: string, cwd: string, checkout: Checkout): string | undefined {
  if (cwd !== '.' && checkout.kind(cwd) !== 'directory') return `there is no folder ${cwd}`
  if (!program.includes('/') || INSTALLED.test(program)) return undefined
  const path = resolveIn(cwd === '.' ? '' : cwd, program)
  return path !== undefined && checkout.kind(path) === 'file' ? undefined : `the repository has no ${program}`
}

export function isPlain(one: Plain | NotTaken): one is Plain {
  return 'argv' in one
}

function assignments(text: string): { readonly env: Record<string, string>; readonly rest: string } {
  const env: Record<string, string> = {}
  let rest = text
  for (let found = ASSIGNED.exec(rest); found !== null; found = ASSIGNED.exec(rest)) {
    const [all, name = '', value = ''] = found
    env[name] = value
    rest = rest.slice(all.length)
  }
  return { env, rest }
}

const ASSIGNED = /^([A-Za-z_][A-Za-z0-9_]*)=([\w.,+@/:-]*)\s+(?=\S)/

function isPlainVariable(name: string, value: string): boolean {
  return EnvironmentName.safeParse(name).success && PlainValue.safeParse(value).success
}

const BUILTINS = new Set(
  'cd export set source . exit return trap ulimit unset alias shift read eval exec test [ : wait shopt pushd popd command type hash umask local declare break continue true false then else fi done do { }'.split(
    ' ',
  ),
)

type Refused = Pick<NotTaken, 'kind' | 'because'>

const PRIVILEGED =
  /^(?:sudo|su|doas|apt|apt-get|dnf|yum|brew|choco|apk|snap|systemctl|service|docker|docker-compose|podman|kubectl|helm|vagrant|dpkg|pacman|useradd|chown|mount|modprobe|sysctl|launchctl)$/
const NETWORK =
  /^(?:curl|wget|ssh|scp|sftp|rsync|aws|gcloud|az|nc|ftp|gh|hub|heroku|netlify|vercel|terraform|codecov|coveralls|goveralls|twine|goreleaser|semantic-release|np|release-it|surge|firebase|codecov-action|bash-uploader)$/
const INSTALLS =
  /^(?:(?:npm|pnpm) (?:-\S+ )*(?:install|i|ci|add|update|upgrade|link|uninstall|rebuild|install-\S+|dedupe)\b|(?:npm|pnpm|yarn) (?:config|cache|set)\b|yarn(?: install| add| upgrade| global| up\b|$| --\S+$)|yarn --(?:frozen-lockfile|immutable)\b|bun (?:install|add|i)\b|(?:\S*python[\d.]* -m )?(?:pip[\d.]*|uv pip|pipx) |python[\d.]* -m (?:venv|virtualenv|ensurepip|build)\b|uv (?:sync|add|tool|lock|venv|python|build)\b|uvx |poetry (?:install|add|update|lock|self|config)\b|pdm (?:install|sync|add)\b|gem (?:install|update|sources)\b|bundle (?:install|update|config|lock)\b|bundle$|composer (?:install|update|require|remove|global|self-update|config|create-project|validate-install)\b|composer --\S+ (?:install|update)|cargo (?:\+\S+ )?(?:install|fetch|update|add|binstall)\b|rustup |go (?:install|get|mod (?:download|tidy|edit|init))\b|go env -w|nvm |pyenv |rbenv |corepack |conda |mamba |luarocks |opam |cpan |cpanm |git (?:clone|fetch|pull|submodule|checkout|switch|remote)\b|playwright install|husky(?: install)?$|pre-commit (?:install|autoupdate)\b|lerna bootstrap|gradle wrapper|mvn (?:\S+ )*dependency:|simple-git-hooks$|virtualenv )/
const PUBLISHES =
  /\b(?:publish|release:perform|release:prepare|deploy|unpublish|dist-tag)\b|^(?:npm|yarn|pnpm) version\b|^git (?:push|tag|commit|config|add|rm|mv|reset|clean|stash|merge|rebase|restore)\b|^gem push\b|^cargo (?:release|login|owner|yank)\b|^(?:bundle exec )?rake (?:\S+:)?release|^(?:npm|pnpm|yarn|bun) (?:run )?(?:\S+:)?(?:release|version|postversion|preversion|publish|deploy)|^make (?:\S+-)?(?:publish|deploy|upload)|^make (?!(?:bench|build|check|clippy|lint|test)-)(?:\S+-)?release|^changeset|^(?:yarn|pnpm) changeset|^standard-version|^lerna (?:publish|version)|^composer run-script (?:post|pre)-/
const CODE =
  /^(?:node|python[\d.]*|ruby|php|perl|deno|bun|lua|Rscript|ghc|julia) (?:-[a-z]*[cerEp](?: |$)|--(?:eval|print)\b|eval )/
const LIFECYCLE =
  /^(?:npm|pnpm|yarn|bun) run (?:pre|post)?(?:install|prepare|publish|pack|prepublishOnly|uninstall|version)(?:Only)?$/

function refusedKind(argv: readonly string[], seen: Seen, checkout: Checkout): Refused | undefined {
  const [program = ''] = argv
  const line = [program.slice(program.lastIndexOf('/') + 1), ...argv.slice(1)].join(' ')
  return (
    machineKind(program) ??
    lineKind(line) ??
    (publishesInside(argv, checkout) ? PUBLISHING : undefined) ??
    wrapperKind(argv, checkout) ??
    outsideKind(argv, seen)
  )
}

const PUBLISHING: Refused = { kind: 'publishes', because: 'it publishes, or changes the history' }

function machineKind(program: string): Refused | undefined {
  if (PRIVILEGED.test(program)) return { kind: 'privileged', because: `${program} changes the machine` }
  return NETWORK.test(program) ? { kind: 'network', because: `${program} reaches the network` } : undefined
}

function lineKind(line: string): Refused | undefined {
  if (INSTALLS.test(line) || LIFECYCLE.test(line))
    return { kind: 'installs', because: 'it installs; `prepare` is for that' }
  if (PUBLISHES.test(line)) return PUBLISHING
  return CODE.test(line) ? { kind: 'code', because: 'it is code on a command line: put it into a script' } : undefined
}

/** A script of the repository is what its text does. */
function publishesInside([program = '', ...words]: readonly string[], checkout: Checkout): boolean {
  if (!/^(?:npm|pnpm|yarn|bun)$/.test(program)) return false
  const name = words.find((word) => word !== 'run' && !word.startsWith('-'))
  const body = packageJsonIn(checkout, '')?.scripts.find((script) => script.name === name)?.command ?? ''
  return /\bpublish\b|\bgit (?:push|commit|tag)\b|\bdeploy\b|\brelease\b|\bcurl\b|\bwget\b/.test(body)
}

function wrapperKind(argv: readonly string[], checkout: Checkout): Refused | undefined {
  const [program = ''] = argv
  if (!isWrapper(program)) return undefined
  const inner = unwrap(argv)
  if (inner === undefined) return { kind: 'code', because: `${program} runs what its arguments say` }
  if (inner.through !== 'npx' || isDependency(inner.argv[0] ?? '', checkout)) return undefined
  return { kind: 'installs', because: `npx would download ${inner.argv[0] ?? ''}, which is no dependency` }
}

/** A package brings a program of its own name; `typescript` and the like bring others. */
const BRINGS: ReadonlyMap<string, string> = new Map([
  ['tsc', 'typescript'],
  ['playwright', '@playwright/test'],
  ['biome', '@biomejs/biome'],
  ['attw', '@arethetypeswrong/cli'],
])

function isDependency(program: string, checkout: Checkout): boolean {
  const text = checkout.text('package.json') ?? ''
  return [program, BRINGS.get(program)].some((name) => name !== undefined && text.includes(`"${name}":`))
}

function outsideKind(argv: readonly string[], { cwd }: Seen): Refused | undefined {
  const start = cwd === '.' ? '' : cwd
  const odd = argv.find((word) => /^~|^(?:-[A-Za-z-]+=?)?\/(?!$)/.test(word) || leaves(start, word))
  return odd === undefined
    ? undefined
    : { kind: 'outside', because: `${odd.slice(0, 60)} lies outside of the checkout` }
}

function leaves(folder: string, word: string): boolean {
  const path = word.replace(/^-{1,2}[A-Za-z][\w-]*=/, '')
  return path.split('/').includes('..') && resolveIn(folder, path) === undefined
}
