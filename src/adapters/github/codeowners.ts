import type { RepositoryReader } from '../../app/ports.ts'
import { matchesGlob } from '../../domain/control/glob.ts'
import type { ObjectId } from '../../domain/hash.ts'

/** Where GitHub looks for the file, in this order. */
const PLACES = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const

type Rule = { readonly globs: readonly string[]; readonly owners: readonly string[] }

/** The owners of the paths as the file at a commit names them: logins, and teams as `organisation/team`. */
export async function ownersAt(
  reader: RepositoryReader,
  commit: ObjectId,
  paths: readonly string[],
): Promise<readonly string[]> {
  const entries = await reader.entries(commit)
  const file = PLACES.map((place) => entries.find(({ path }) => path === place)).find((entry) => entry !== undefined)
  if (file === undefined) return []
  const bytes = (await reader.blobs([file.blob])).get(file.blob)
  return bytes === undefined ? [] : ownersOf(new TextDecoder().decode(bytes), paths)
}

/** For each path the last rule that matches counts; a rule may name nobody. */
export function ownersOf(text: string, paths: readonly string[]): readonly string[] {
  const rules = text.split(/\r?\n/).flatMap(parseRule)
  const owners = paths.flatMap((path) => rules.findLast((rule) => covers(rule, path))?.owners ?? [])
  return [...new Set(owners)]
}

function covers({ globs }: Rule, path: string): boolean {
  return globs.some((glob) => matchesGlob(glob, path))
}

/** E-mail addresses name nobody whom the App could ask. Negation and character ranges are no part of this syntax. */
function parseRule(line: string): Rule[] {
  const words = line.replace(/(^|\s)#.*$/, '').match(/(?:\\.|\S)+/g) ?? []
  const [pattern, ...owners] = words
  if (pattern === undefined || /^!|[[\]]/.test(pattern)) return []
  const named = owners.filter((owner) => /^@[A-Za-z0-9][\w.-]*(\/[\w.-]+)?$/.test(owner)).map((owner) => owner.slice(1))
  return [{ globs: toGlobs(pattern.replaceAll(/\\(.)/g, '$1')), owners: named }]
}

/** A slash at the start or within anchors a pattern; one that names a folder covers all below it; `docs/*` does not. */
function toGlobs(pattern: string): readonly string[] {
  const bare = pattern.replace(/^\//, '').replace(/\/$/, '')
  const anchored = pattern.startsWith('/') || bare.includes('/')
  const glob = anchored ? bare : `**/${bare}`
  if (pattern.endsWith('/')) return [`${glob}/**`]
  return bare.endsWith('*') ? [glob] : [glob, `${glob}/**`]
}
