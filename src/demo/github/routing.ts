import type { Route } from './exchange.ts'

export type Matched<C> = { readonly route: Route<C>; readonly params: Readonly<Record<string, string>> }

/** Finds the first route for a method and a path; `:name` is one segment, `*name` the rest. */
export function router<C>(routes: readonly Route<C>[]): (method: string, path: string) => Matched<C> | undefined {
  const compiled = routes.map((route) => ({ route, ...compile(route.path) }))
  return (method, path) => {
    for (const { route, pattern, names } of compiled) {
      const found = route.method === method ? pattern.exec(path) : null
      if (found === null) continue
      const params = Object.fromEntries(names.map((name, index) => [name, decode(found[index + 1] ?? '')]))
      return { route, params }
    }
    return undefined
  }
}

function compile(path: string): { pattern: RegExp; names: readonly string[] } {
  const names: string[] = []
  const source = path
    .split('/')
    .map((segment) => {
      if (!segment.startsWith(':') && !segment.startsWith('*')) return segment.replaceAll('.', '\\.')
      names.push(segment.slice(1))
      return segment.startsWith(':') ? '([^/]+)' : '(.+)'
    })
    .join('/')
  return { pattern: new RegExp(`^${source}$`), names }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
