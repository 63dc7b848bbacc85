import type { Policy } from '../control/policy.ts'
import type { Sha256 } from '../hash.ts'
import { type FabricationFacts, judgeRecorded, type PathFact } from '../packs/fabrication-facts.ts'
import type { Draft } from '../packs/plan.ts'
import type { Edit } from '../patch/edit.ts'
import { sameState } from '../patch/edit.ts'
import { blocked, defineGate, passed, type Verdict } from './gate.ts'

type FabricationQuestion = {
  readonly draft: Draft
  readonly facts: FabricationFacts
  readonly policy: Policy
  readonly expected: {
    readonly intent: Sha256
    readonly memory: Sha256
    readonly manifest: Sha256
    readonly base: string
    readonly answers: readonly Sha256[]
  }
}

export const noFabricationGate = defineGate<FabricationQuestion>({
  name: 'no-fabrication',
  redLine: 3,
  title: 'A draft speaks only of paths, commands and evidence that the base commit really has',
  judge(question) {
    return (
      faultInOrigin(question) ??
      faultInPaths(question) ??
      faultInReads(question) ??
      faultInCommands(question) ??
      faultInEvidence(question) ??
      passed(
        `${question.facts.paths.length} paths, ${commandsOf(question.draft).length} commands, ${question.draft.evidence.length} references hold`,
      )
    )
  },
})

function faultInOrigin({ draft, facts, expected }: FabricationQuestion): Verdict | undefined {
  if (draft.base.sha !== expected.base || facts.base !== expected.base)
    return blocked('the draft was made for another commit')
  if (draft.intent !== expected.intent) return blocked('the draft was made for another intent')
  if (draft.memory !== expected.memory) return blocked('the draft was made from another MemoryPack')
  if (draft.manifest !== expected.manifest) return blocked('the draft was made under another control plane')
  if (draft.answers.join() !== expected.answers.join())
    return blocked('the draft does not rest on the answers that were given')
  return undefined
}

function faultInPaths({ draft, facts }: FabricationQuestion): Verdict | undefined {
  const edits = draft.steps.flatMap((step) => (step.is === 'edit' ? step.edits : []))
  for (const edit of edits) {
    const fault = faultInEdit(
      edit,
      facts.paths.find((one) => one.path === edit.path),
    )
    if (fault !== undefined) return blocked(`${edit.path}: ${fault}`)
  }
  return undefined
}

function faultInEdit(edit: Edit, fact: PathFact | undefined): string | undefined {
  if (fact === undefined) return 'nobody looked whether it exists at the base'
  if (fact.through !== null) return `it lies behind ${fact.through.path}, which is no folder`
  if (edit.before === null) return faultInCreation(fact)
  if (fact.found === null)
    return `it does not exist at the base${fact.near.length > 0 ? `; did you mean ${fact.near.join(' or ')}?` : ''}`
  if (!sameState(edit.before, fact.found)) return 'it has another mode or content at the base than the draft says'
  return undefined
}

function faultInCreation(fact: PathFact): string | undefined {
  if (fact.found !== null || fact.isFolder) return 'it is to be created and exists at the base already'
  return fact.alike[0] === undefined ? undefined : `it differs from ${fact.alike[0]} only in case or Unicode form`
}

function faultInReads({ draft, facts }: FabricationQuestion): Verdict | undefined {
  const missing = draft.reads.find((path) => {
    const fact = facts.paths.find((one) => one.path === path)
    return fact === undefined || (fact.found === null && !fact.isFolder)
  })
  return missing === undefined
    ? undefined
    : blocked(`${missing}: the draft says that it reads it, and the base does not have it`)
}

function faultInCommands({ draft, facts, policy }: FabricationQuestion): Verdict | undefined {
  for (const { id, argv } of commandsOf(draft)) {
    const verdict = judgeRecorded(argv, policy, { facts, step: id })
    if (verdict.decision === 'deny')
      return blocked(`${argv.join(' ').slice(0, 200)}: ${verdict.reasons.join('; ')} [${verdict.rule}]`)
  }
  return undefined
}

function commandsOf(draft: Draft): readonly { readonly id: string; readonly argv: readonly string[] }[] {
  return draft.steps.flatMap((step) => (step.is === 'edit' ? [] : [{ id: step.id, argv: step.argv }]))
}

function faultInEvidence({ draft, facts }: FabricationQuestion): Verdict | undefined {
  const loose = draft.evidence.find((ref) => facts.evidence.find((one) => one.ref === ref)?.resolves !== true)
  return loose === undefined ? undefined : blocked(`the evidence ${loose} leads to nothing at the base`)
}
