import { foldPart } from './fold-path.ts'

/**
 * The first pattern that protects a path, or null. Patterns read as in .gitignore: `*` and `?` stay within a part, `**`
 * spans parts, a pattern without a slash holds at any depth, a leading slash anchors, a trailing one means a folder, and
 * whatever lies below a match is protected too. Everything else is literal, `[id]` as well. Case, Unicode form and
 * invisible characters make no difference. A path that is not clean matches nothing: `judgePath` refuses it.
 */
export function protectedBy(path: string, patterns: readonly string[]): string | null {
  const parts = path.split('/')
  if (!parts.every(isClean)) return null
  const folded = parts.map((part) => Array.from(foldPart(part)))
  const known = globs.get(patterns) ?? patterns.map(toGlob)
  globs.set(patterns, known)
  const index = known.findIndex((glob) => isMatch(folded, glob))
  return patterns[index] ?? null
}

// The lists of a policy are asked about every path of every change.
const globs = new WeakMap<readonly string[], readonly Glob[]>()

function isClean(part: string): boolean {
  return !/^[. ]*$/.test(part) && !/[\\\0]/.test(part)
}

/** The parts in characters; `null` stands for `**`. */
type Glob = { readonly parts: readonly (readonly string[] | null)[]; readonly isFolder: boolean }

function toGlob(pattern: string): Glob {
  const isFolder = pattern.endsWith('/')
  const body = pattern.replace(/\/+$/, '')
  const isAnchored = body.includes('/')
  const written = body.replace(/^\/+/, '').split('/').map(foldPart)
  const parts = written.map((part) => (part === '**' ? null : Array.from(part)))
  return { parts: isAnchored ? parts : [null, ...parts], isFolder }
}

/**
 * Walks the path part by part with every place of the pattern that it may have reached: linear in both, whatever the
 * pattern. The pattern may end early, at a folder above the path.
 */
function isMatch(path: readonly (readonly string[])[], { parts, isFolder }: Glob): boolean {
  if (parts.every((part) => part?.length === 0)) return false
  let places = reach(new Set([0]), parts)
  for (const [i, part] of path.entries()) {
    places = reach(placesAfter(part, places, parts), parts)
    if (places.size === 0) return false
    const isBelow = i < path.length - 1
    if (places.has(parts.length) && (isBelow || !isFolder)) return true
  }
  return false
}

function placesAfter(part: readonly string[], places: ReadonlySet<number>, parts: Glob['parts']): Set<number> {
  const next = new Set<number>()
  for (const place of places) {
    const glob = parts[place]
    if (glob === null) next.add(place).add(place + 1)
    else if (glob !== undefined && isPartMatch(part, glob)) next.add(place + 1)
  }
  return next
}

/** `**` may stand for no part at all; at the end of a pattern it needs at least one. */
function reach(places: Set<number>, parts: Glob['parts']): ReadonlySet<number> {
  for (const place of places) if (parts[place] === null && place < parts.length - 1) places.add(place + 1)
  return places
}

/** Greedy, with one place to return to: never more than the product of both lengths. */
function isPartMatch(part: readonly string[], glob: readonly string[]): boolean {
  let [at, place, star, retry] = [0, 0, -1, 0]
  while (at < part.length) {
    const char = glob[place]
    if (char === '*') {
      star = place
      retry = at
      place += 1
    } else if (char === '?' || char === part[at]) {
      at += 1
      place += 1
    } else if (star >= 0) {
      retry += 1
      at = retry
      place = star + 1
    } else return false
  }
  return glob.slice(place).every((char) => char === '*')
}
