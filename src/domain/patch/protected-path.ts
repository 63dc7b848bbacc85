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
  const folded = parts.map(foldPart)
  const known = globs.get(patterns) ?? Map.groupBy(patterns.map(toGlob), nameIn)
  globs.set(patterns, known)
  const [first] = [undefined, ...folded]
    .flatMap((name) => known.get(name)?.filter((glob) => isMatch(folded, glob)) ?? [])
    .sort((one, other) => one.index - other.index)
  return patterns[first?.index ?? -1] ?? null
}

// The lists of a policy are asked about every path of every change.
const globs = new WeakMap<readonly string[], ReadonlyMap<string | undefined, readonly Glob[]>>()

/** A part that every path has which the pattern matches; undefined where wildcards leave all of them open. */
function nameIn({ parts }: Glob): string | undefined {
  return parts.find((part) => typeof part === 'string')
}

function isClean(part: string): boolean {
  return !/^[. ]*$/.test(part) && !/[\\\0]/.test(part)
}

/** A part with wildcards is in characters, one without is text; `null` stands for `**`. */
type GlobPart = string | readonly string[] | null
type Glob = { readonly index: number; readonly parts: readonly GlobPart[]; readonly isFolder: boolean }

function toGlob(pattern: string, index: number): Glob {
  const isFolder = pattern.endsWith('/')
  const body = pattern.replace(/\/+$/, '')
  const isAnchored = body.includes('/')
  const written = body.replace(/^\/+/, '').split('/').map(foldPart)
  const parts = written.map(toPart)
  return { index, parts: isAnchored ? parts : [null, ...parts], isFolder }
}

function toPart(written: string): GlobPart {
  if (written === '**') return null
  return /[*?]/.test(written) ? Array.from(written) : written
}

/**
 * Walks the path part by part with every place of the pattern that it may have reached: linear in both, whatever the
 * pattern. The pattern may end early, at a folder above the path.
 */
function isMatch(path: readonly string[], { parts, isFolder }: Glob): boolean {
  if (parts.every((part) => part === '')) return false
  let places = reach(new Set([0]), parts)
  for (const [i, part] of path.entries()) {
    places = reach(placesAfter(part, places, parts), parts)
    if (places.size === 0) return false
    const isBelow = i < path.length - 1
    if (places.has(parts.length) && (isBelow || !isFolder)) return true
  }
  return false
}

function placesAfter(part: string, places: ReadonlySet<number>, parts: Glob['parts']): Set<number> {
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

function isPartMatch(part: string, glob: string | readonly string[]): boolean {
  return typeof glob === 'string' ? part === glob : isWildMatch(Array.from(part), glob)
}

/** Greedy, with one place to return to: never more than the product of both lengths. */
function isWildMatch(part: readonly string[], glob: readonly string[]): boolean {
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
