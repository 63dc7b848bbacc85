/** The name that a misspelt word was meant to be: at most two slips away, and not mostly slips. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  if (word.length > 30) return undefined
  const ranked = names
    .map((name) => ({ name, slips: slipsBetween(word.toLowerCase(), name) }))
    .filter(({ name, slips }) => slips <= 2 && slips * 2 <= name.length)
    .sort((a, b) => a.slips - b.slips)
  return ranked[0]?.name
}

/** Insertions, deletions and replacements that lead from one word to the other. */
function slipsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? a.length
}
