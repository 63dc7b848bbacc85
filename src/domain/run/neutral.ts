/** Ends that say nothing about the request or the repository: neither a no nor a fault, so nothing shows red. */
const NEUTRAL: ReadonlySet<string> = new Set(['model-quota'])

export function isNeutral(rule: string | null): boolean {
  return rule !== null && NEUTRAL.has(rule)
}
