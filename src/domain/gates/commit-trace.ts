import { blocked, defineGate, passed } from './gate.ts'

type Trailer = { readonly name: string; readonly value: string }

/** GitHub itself credits further authors in a squash. */
const CREDIT = 'co-authored-by'

/** Whether a trailer speaks under a name of the run, which git reads in any case, and says what the run did not. */
export function saysMore({ name, value }: Trailer, expected: readonly Trailer[]): boolean {
  const key = name.toLowerCase()
  const own = expected.filter((one) => one.name.toLowerCase() === key)
  return key !== CREDIT && own.length > 0 && !own.some((one) => one.value === value)
}

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
    const wrong = expected.find(({ name, value }) => !found.some((one) => one.name === name && one.value === value))
    if (wrong !== undefined) return blocked(`the trailer ${wrong.name} is missing or wrong`)
    const added = found.find((one) => saysMore(one, expected))
    if (added !== undefined) return blocked(`the trailer ${added.name} is there with another value too`)
    const absent = present.find((name) => !found.some((one) => one.name === name))
    if (absent !== undefined) return blocked(`the trailer ${absent} is missing`)
    return passed(`${found.length} trailers lead to plan, approval and request`)
  },
})
