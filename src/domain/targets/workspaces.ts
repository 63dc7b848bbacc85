import { matchesGlob } from '../control/glob.ts'
import { packageJsonIn } from './package-json.ts'
import { type Checkout, plainNames, type TargetReader } from './target.ts'

const MAX_MEMBERS = 500
const MAX_PATTERNS = 500

type Member = { readonly name: string | null; readonly folder: string }
type Members = { readonly members: readonly Member[]; readonly unsure: string | null }

/** The packages of the root's workspaces, by name. */
export const workspaces: TargetReader = {
  ...plainNames,
  noun: 'workspace',
  read(checkout) {
    const found = membersOf(checkout)
    return found === null
      ? null
      : { names: found.members.flatMap(({ name, folder }) => name ?? folder), unsure: found.unsure }
  },
}

/** The folder of the workspace that is asked for by name or by folder. */
export const workspaceFolders: TargetReader = {
  ...plainNames,
  noun: 'workspace folder',
  read(checkout, asked) {
    const found = membersOf(checkout)
    if (found === null) return null
    const folder = asked.replace(/^\.\//, '').replace(/\/+$/, '')
    const named = found.members.filter((member) => member.name === asked || member.folder === folder)
    return { names: named.map((member) => member.folder), unsure: found.unsure }
  },
}

function membersOf(checkout: Checkout): Members | null {
  const all = globsOf(checkout)
  if (all === null) return null
  const globs = all.slice(0, MAX_PATTERNS)
  const wanted = globs.filter((glob) => !glob.startsWith('!')).map(plain)
  const unwanted = globs.filter((glob) => glob.startsWith('!')).map((glob) => plain(glob.slice(1)))
  const folders = checkout
    .below('')
    .filter((path) => path.endsWith('/package.json') && !path.split('/').includes('node_modules'))
    .map((path) => path.slice(0, -'/package.json'.length))
    .filter((folder) => wanted.some((glob) => matchesGlob(glob, folder)))
    .filter((folder) => !unwanted.some((glob) => matchesGlob(glob, folder)))
  const members = folders
    .slice(0, MAX_MEMBERS)
    .map((folder) => ({ folder, name: packageJsonIn(checkout, folder)?.name ?? null }))
  const odd = wanted.find((glob) => /[{}[\]()]/.test(glob))
  if (all.length > MAX_PATTERNS) return { members, unsure: `there are more than ${MAX_PATTERNS} workspace patterns` }
  return { members, unsure: unsureOf(folders.length, odd) }
}

function unsureOf(count: number, odd: string | undefined): string | null {
  if (count > MAX_MEMBERS) return `there are more than ${MAX_MEMBERS} workspaces`
  return odd === undefined ? null : 'a workspace pattern uses more than *, ** and ?'
}

function plain(glob: string): string {
  return glob.replace(/^\.\//, '').replace(/\/+$/, '')
}

/** `workspaces` of package.json, or the `packages` of pnpm-workspace.yaml: a block list of plain or quoted words. */
function globsOf(checkout: Checkout): readonly string[] | null {
  const yaml = checkout.text('pnpm-workspace.yaml')
  if (yaml !== undefined) return packagesIn(yaml)
  const globs = packageJsonIn(checkout, '')?.workspaces ?? []
  return globs.length === 0 ? null : globs
}

function packagesIn(yaml: string): readonly string[] {
  const lines = yaml.split('\n')
  const start = lines.findIndex((line) => /^packages:\s*(?:#.*)?$/.test(line))
  if (start < 0) return []
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => /^[^\s#-]/.test(line))
  return (end < 0 ? rest : rest.slice(0, end)).flatMap((line) => {
    const found = /^\s*-\s+(?:'([^']+)'|"([^"]+)"|([^\s'"#][^\s#]*))\s*(?:#.*)?$/.exec(line)
    return found?.[1] ?? found?.[2] ?? found?.[3] ?? []
  })
}
