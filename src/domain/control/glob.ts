/**
 * Whether a pattern covers a path: `*` and `?` stay within a segment, `**` spans any number of segments, also none.
 * Both sides are compared in one case and Unicode form, so that no other spelling of a covered path escapes.
 */
export function matchesGlob(glob: string, path: string): boolean {
  return matchParts(fold(glob).split('/'), fold(path).split('/'), {
    isAny: (part) => part === '**',
    fits: (part, segment) => matchesSegment(part, segment),
  })
}

/** The folders, or the whole path, that a pattern names before its first wildcard. */
export function fixedPart(glob: string): string {
  const parts = glob.split('/')
  const wild = parts.findIndex((part) => /[*?]/.test(part))
  return (wild < 0 ? parts : parts.slice(0, wild)).join('/')
}

export function matchesAny(globs: readonly string[], path: string): boolean {
  return globs.some((glob) => matchesGlob(glob, path))
}

/** Whether some path may be covered by both patterns; a path is a pattern too. It never says no where there is one. */
export function mayBothCover(one: string, other: string): boolean {
  return mayMeet(fold(one).split('/'), fold(other).split('/'), {
    isAny: (part) => part === '**',
    fits: (part, segment) =>
      mayMeet(Array.from(part), Array.from(segment), {
        isAny: (character) => character === '*',
        fits: (character, again) => character === '?' || again === '?' || character === again,
      }),
  })
}

/** Walks both patterns from their ends: `row[j]` says that what is left of `one` may meet what is left of `other` from `j`. */
function mayMeet(one: readonly string[], other: readonly string[], { isAny, fits }: Rules): boolean {
  let row = [...other, null].map((_part, j) => other.slice(j).every(isAny))
  for (const part of one.toReversed()) {
    const after = row
    row = after.map(() => false)
    for (let j = other.length; j >= 0; j -= 1) {
      const again = other[j]
      const isOpen = isAny(part) || (again !== undefined && isAny(again))
      row[j] = isOpen
        ? after[j] === true || row[j + 1] === true
        : again !== undefined && after[j + 1] === true && fits(part, again)
    }
  }
  return row[0] === true
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase()
}

function matchesSegment(part: string, segment: string): boolean {
  return matchParts(Array.from(part), Array.from(segment), {
    isAny: (character) => character === '*',
    fits: (character, other) => character === '?' || character === other,
  })
}

type Rules = {
  readonly isAny: (part: string) => boolean
  readonly fits: (part: string, item: string) => boolean
}

/** Wildcard matching that only ever goes back to the last `any`: at worst pattern length times item count. */
function matchParts(parts: readonly string[], items: readonly string[], rules: Rules): boolean {
  let part = 0
  let item = 0
  let retry: { part: number; item: number } | undefined
  while (item < items.length) {
    const expected = parts[part]
    if (expected !== undefined && rules.isAny(expected)) {
      part += 1
      retry = { part, item }
    } else if (expected !== undefined && rules.fits(expected, items[item] ?? '')) {
      part += 1
      item += 1
    } else if (retry !== undefined) {
      retry = { part: retry.part, item: retry.item + 1 }
      part = retry.part
      item = retry.item
    } else return false
  }
  return parts.slice(part).every((rest) => rules.isAny(rest))
}
