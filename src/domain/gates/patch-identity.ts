import type { Edit } from '../patch/edit.ts'
import { diffSha256 } from '../patch/raw-diff.ts'
import { blocked, defineGate, passed } from './gate.ts'

export const patchIdentityGate = defineGate<{
  readonly intent: string | null
  readonly edits: readonly Edit[]
  readonly declared: readonly string[]
  readonly statedDiff: string
  readonly observedDiff: string | null
  readonly predictedTree: string
  readonly observedTree: string | null
}>({
  name: 'patch-identity',
  redLine: 6,
  title: 'What lands is byte for byte what was approved',
  judge(facts) {
    if (facts.intent === null) return blocked('the change has no intent')
    const computed = diffSha256(facts.edits)
    if (computed !== facts.statedDiff) return blocked(`the diff hash is ${computed}, the plan says ${facts.statedDiff}`)
    if (facts.observedDiff !== null && facts.observedDiff !== computed)
      return blocked('the real change has another diff hash')
    const stray = facts.edits.find((edit) => !facts.declared.includes(edit.path))
    if (stray !== undefined) return blocked(`${stray.path} is not declared`)
    if (facts.observedTree !== facts.predictedTree)
      return blocked(`the tree is ${facts.observedTree ?? 'unknown'}, approved was ${facts.predictedTree}`)
    return passed(`tree ${facts.predictedTree.slice(0, 10)}, diff ${computed.slice(0, 10)}`)
  },
})
