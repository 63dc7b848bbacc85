/** Maps over items with at most `width` calls under way at once; the order of the answers is that of the items. */
export async function inTurn<T, R>(
  items: readonly T[],
  width: number,
  each: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const answers = new Map<number, R>()
  const waiting = items.entries()
  const lane = async () => {
    for (const [index, item] of waiting) answers.set(index, await each(item))
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane))
  return [...answers].sort(([a], [b]) => a - b).map(([, answer]) => answer)
}
