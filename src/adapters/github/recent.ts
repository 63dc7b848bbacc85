/** Keeps what was used last, up to a total weight. */
export type Recent<T> = { get(key: string): T | undefined; set(key: string, value: T): void }

export function recent<T>(options: { readonly limit: number; readonly weight: (value: T) => number }): Recent<T> {
  const kept = new Map<string, T>()
  let total = 0
  const drop = (key: string) => {
    const value = kept.get(key)
    if (value === undefined) return
    kept.delete(key)
    total -= options.weight(value)
  }
  return {
    get: (key) => {
      const value = kept.get(key)
      if (value === undefined) return undefined
      kept.delete(key)
      kept.set(key, value)
      return value
    },
    set: (key, value) => {
      drop(key)
      if (options.weight(value) > options.limit) return
      kept.set(key, value)
      total += options.weight(value)
      for (const oldest of kept.keys()) {
        if (total <= options.limit) return
        drop(oldest)
      }
    },
  }
}
