import type { Questions } from '../packs/question-pack.ts'
import { blocked, defineGate, passed } from './gate.ts'

export const questionEvidenceGate = defineGate<{
  readonly asked: Questions
  /** The comments of this run that anything may be cited from. */
  readonly comments: readonly string[]
}>({
  name: 'question-evidence',
  redLine: null,
  title: 'What a question says was seen really stands at the base commit or in a comment of the run',
  judge({ asked, comments }) {
    for (const { id, evidence } of asked.questions) {
      const loose = evidence.find((ref) => !resolves(ref, asked, comments))
      if (loose !== undefined) return blocked(`${id} cites ${loose}, which leads to nothing`)
    }
    return passed(`${asked.evidence.length} references hold`)
  },
})

function resolves(ref: string, asked: Questions, comments: readonly string[]): boolean {
  const comment = /^comment:([0-9]{1,32})$/.exec(ref)?.[1]
  if (comment !== undefined) return comments.includes(comment)
  return asked.evidence.find((one) => one.ref === ref)?.fault === null
}
