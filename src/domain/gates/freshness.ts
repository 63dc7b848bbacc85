import { blocked, defineGate, passed } from './gate.ts'

export const freshnessGate = defineGate<{
  readonly head: string | null
  readonly expectedHead: string
  readonly pullRequest: 'open' | 'closed'
  readonly baseRef: string
  readonly planBaseRef: string
  readonly manifest: string
  readonly planManifest: string
}>({
  name: 'freshness',
  redLine: null,
  title: 'What was approved is still what stands there: head, base branch and control plane',
  judge(facts) {
    if (facts.pullRequest !== 'open') return blocked('the pull request is closed')
    if (facts.head !== facts.expectedHead)
      return blocked(
        `the branch is at ${facts.head?.slice(0, 10) ?? 'nothing'}, approved was ${facts.expectedHead.slice(0, 10)}`,
      )
    if (facts.baseRef !== facts.planBaseRef)
      return blocked(
        `the pull request asks for a merge into ${facts.baseRef}, the plan was made for ${facts.planBaseRef}`,
      )
    if (facts.manifest !== facts.planManifest) return blocked('the control plane changed since the plan was made')
    return passed('head, base branch and control plane are as approved')
  },
})
