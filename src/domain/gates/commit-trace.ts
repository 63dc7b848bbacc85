import { blocked, defineGate, passed } from './gate.ts'

type Trailer = { readonly name: string; readonly value: string }

/** Names that must stand in the message with exactly these values, and names that must be there at all. */
export const commitTraceGate = defineGate<{
  readonly found: readonly Trailer[]
  readonly expected: readonly Trailer[]
  readonly present: readonly string[]
  readonly chain: {
    readonly plan: string | null
    readonly approvals: number
    readonly request: string | null
    readonly needsApproval: boolean
  }
}>({
  name: 'commit-trace',
  redLine: 7,
  title: 'Every commit leads to its plan, approval and request, and back',
  judge({ found, expected, present, chain }) {
    if (chain.request === null) return blocked('no request leads to this commit')
    if (chain.plan === null) return blocked('no plan leads to this commit')
    if (chain.needsApproval && chain.approvals === 0) return blocked('no approval leads to this commit')
    for (const { name, value } of expected) {
      if (!found.some((one) => one.name === name && one.value === value))
        return blocked(`the trailer ${name} is missing or wrong`)
    }
    const absent = present.find((name) => !found.some((one) => one.name === name))
    if (absent !== undefined) return blocked(`the trailer ${absent} is missing`)
    return passed(`${found.length} trailers lead to plan, approval and request`)
  },
})
