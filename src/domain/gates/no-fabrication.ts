import { fixedPart } from '../control/glob.ts'
import type { Policy } from '../control/policy.ts'
import { hashOf, type Sha256 } from '../hash.ts'
import { judgeRecorded } from '../packs/command-facts.ts'
import type { FabricationFacts } from '../packs/fabrication-facts.ts'
import { differenceOf, type PathFact } from '../packs/path-facts.ts'
import type { Draft } from '../packs/plan.ts'
import type { SettledAnswer } from '../packs/settled-answers.ts'
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
    readonly answers: readonly SettledAnswer[]
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
      faultInOutputs(question) ??
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
  const rests = draft.answers.map(({ steps: _steps, ...answer }) => answer)
  if (hashOf(rests) !== hashOf(expected.answers))
    return blocked('the draft does not rest on the answers that were given')
  const steps = new Set(draft.steps.map(({ id }) => id))
  const loose = draft.answers.find((answer) => !answer.steps.every((id) => steps.has(id)))
  return loose === undefined ? undefined : blocked(`answer ${loose.id} is said to justify a step that there is not`)
}

function faultInPaths({ draft, facts }: FabricationQuestion): Verdict | undefined {
  const known = new Map(facts.paths.flatMap((fact) => (fact.claims === 'may-exist' ? [] : [[fact.path, fact]])))
  for (const edit of draft.steps.flatMap((step) => (step.is === 'edit' ? step.edits : []))) {
    const fault = faultInEdit(edit, known.get(edit.path))
    if (fault !== undefined) return blocked(`${edit.path}: ${fault}`)
  }
  return undefined
}

const UNSEEN = 'nobody looked whether it exists at the base'

function faultInEdit(edit: Edit, fact: PathFact | undefined): string | undefined {
  if (fact === undefined) return UNSEEN
  const behind = faultInFolders(fact)
  if (behind !== undefined) return behind
  if (edit.before === null) return faultInCreation(fact)
  if (fact.found === null) return absence(fact)
  if (!sameState(edit.before, fact.found)) return 'it has another mode or content at the base than the draft says'
  return undefined
}

const KINDS = { '100644': 'file', '100755': 'file', '120000': 'symbolic link', '160000': 'submodule' } as const

function faultInFolders({ through }: PathFact): string | undefined {
  return through === null
    ? undefined
    : `it lies behind ${through.path}, which is a ${KINDS[through.mode]} and no folder`
}

function faultInCreation(fact: PathFact): string | undefined {
  if (fact.isFolder) return 'it is to be created and exists at the base already, as a folder'
  if (fact.found !== null) return `it is to be created and exists at the base already, as a ${KINDS[fact.found.mode]}`
  return likeness(fact)
}

function likeness({ path, alike: [other] }: PathFact): string | undefined {
  if (other === undefined) return undefined
  const part = path.split('/').slice(0, other.split('/').length).join('/')
  return `${part === path ? 'it' : part} differs from ${other} only in ${differenceOf(part, other)}`
}

/** Why nothing is at a path, as far as it can be told; each way to be absent has its own words. */
function absence(fact: PathFact): string {
  if (fact.isFolder) return 'it is a folder at the base, and a file is meant'
  const gone = 'it does not exist at the base'
  const like = likeness(fact)
  if (like !== undefined) return `${gone}; ${like}`
  const moved = fact.near.filter((path) => baseName(path) === baseName(fact.path))
  if (moved.length > 0) return `${gone}; a file of that name stands at ${moved.join(' and ')}`
  return fact.near.length > 0 ? `${gone}; did you mean ${fact.near.join(' or ')}?` : gone
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function faultInReads({ draft, facts }: FabricationQuestion): Verdict | undefined {
  const known = new Map(facts.paths.flatMap((fact) => (fact.claims === 'may-exist' ? [] : [[fact.path, fact]])))
  for (const path of draft.reads) {
    const fact = known.get(path)
    const fault = fact === undefined ? UNSEEN : (faultInFolders(fact) ?? faultInReading(fact))
    if (fault !== undefined) return blocked(`${path}: the draft says that it reads it, and ${fault}`)
  }
  return undefined
}

function faultInReading(fact: PathFact): string | undefined {
  if (fact.found?.mode === '160000') return 'it is a submodule, whose files the base does not hold'
  return fact.found === null && !fact.isFolder ? absence(fact) : undefined
}

/** An output may be new or be there; the fixed part of its pattern must fit the folders of the base. */
function faultInOutputs({ draft, facts }: FabricationQuestion): Verdict | undefined {
  const known = new Map(facts.paths.flatMap((fact) => (fact.claims === 'may-exist' ? [[fact.path, fact]] : [])))
  for (const output of draft.steps.flatMap((step) => (step.is === 'run' ? step.outputs : []))) {
    const path = fixedPart(output)
    if (path === '') continue
    const fact = known.get(path)
    const fault = fact === undefined ? UNSEEN : (faultInFolders(fact) ?? faultInOutput(fact, path === output))
    if (fault !== undefined) return blocked(`the output ${output}: ${fault}`)
  }
  return undefined
}

function faultInOutput(fact: PathFact, isFile: boolean): string | undefined {
  if (isFile && fact.isFolder) return `it is a folder at the base: write ${fact.path}/** for all files below it`
  if (fact.found !== null && (!isFile || !fact.found.mode.startsWith('100'))) {
    return `${fact.path} is a ${KINDS[fact.found.mode]} at the base`
  }
  return likeness(fact)
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
  const known = new Map(facts.evidence.map((fact) => [fact.ref, fact]))
  for (const ref of draft.evidence) {
    const fact = known.get(ref)
    if (fact?.fault === null) continue
    const because = fact === undefined ? 'nobody looked it up' : fact.fault
    const near = fact === undefined || fact.near.length === 0 ? '' : `; did you mean ${fact.near.join(' or ')}?`
    return blocked(`the evidence ${ref} leads to nothing at the base: ${because}${near}`)
  }
  return undefined
}
