import { kindsAllowed, type Policy } from '../control/policy.ts'
import { parseResult } from '../effects.ts'
import type { Sha256 } from '../hash.ts'
import { unrecordedFor } from '../packs/command-facts.ts'
import { type Documents, readDocument } from '../packs/documents.ts'
import { Examined } from '../packs/examined.ts'
import { FabricationFacts } from '../packs/fabrication-facts.ts'
import { Draft } from '../packs/plan.ts'
import type { RunInput } from '../run/events.ts'
import type { RunState } from '../run/state.ts'

/** What a gate was asked on: the run that has taken in the input, and the rules then and now. */
export type AskedOn = {
  readonly state: RunState
  readonly input: RunInput
  readonly documents: Documents
  readonly was: Policy
  readonly now: Policy
}

/** What these rules ask for and the record does not hold, so that nobody can say what the gate would have said; else null. */
export function unrecorded(gate: string, on: AskedOn): string | null {
  return askedFor.get(gate)?.(on) ?? null
}

// Gates that are not listed are judged by what stands in the run's own events and documents, whatever the rules.
const askedFor: ReadonlyMap<string, (on: AskedOn) => string | null> = new Map([
  ['no-fabrication', commandFacts],
  ['secrets', searchForSecrets],
  ['hygiene', kindsOfFiles],
  ['light-text', linesShown],
  ['light-size', linesShown],
])

function commandFacts({ state, input, documents, now }: AskedOn): string | null {
  const made = draftIn(input)
  const [draft, facts] = made === null ? [state.draft, state.draftFacts] : [made.draft, made.facts]
  if (draft === null || facts === null) return 'no draft is on record'
  const known = readDocument(documents, facts, FabricationFacts)
  const commands = readDocument(documents, draft, Draft).steps.flatMap((step) => (step.is === 'edit' ? [] : [step]))
  const missing = commands.flatMap(({ id, argv }) => unrecordedFor(argv, now, { facts: known, step: id }))
  return missing[0] === undefined ? null : `nobody recorded ${missing[0]}`
}

function searchForSecrets(on: AskedOn): string | null {
  return examinedIn(on)?.secrets === undefined ? 'the change was not searched for secrets' : null
}

function linesShown(on: AskedOn): string | null {
  return examinedIn(on)?.unread === undefined ? 'nobody recorded which bytes of the change are text' : null
}

/** Links and submodules were examined by the rules of that time; a change without any of them is the same by all rules. */
function kindsOfFiles(on: AskedOn): string | null {
  const [was, now] = [kindsAllowed(on.was), kindsAllowed(on.now)]
  if (was.symlinks === now.symlinks && was.submodules === now.submodules) return null
  const examined = examinedIn(on)
  const isPlain = examined !== null && !SPECIAL.test(examined.diff) && !examined.faults.some(isOfKind)
  return isPlain ? null : 'links and submodules were examined by other rules'
}

const SPECIAL = /^(?:(?:new|old|new file|deleted file) mode|index \S+) 1[26]0000$/m

function isOfKind({ rule }: Examined['faults'][number]): boolean {
  return /symlink|submodule|mode/.test(rule)
}

function examinedIn({ input, documents }: AskedOn): Examined | null {
  const named = input.type === 'RunnerDelivered' ? input.data.examined : (draftIn(input)?.examined ?? null)
  return named === null ? null : readDocument(documents, named, Examined)
}

type Made = { readonly draft: Sha256; readonly facts: Sha256; readonly examined: Sha256 }

function draftIn(input: RunInput): Made | null {
  if (input.type !== 'EffectSettled' || input.data.effect !== 'draft') return null
  const { outcome } = input.data
  if (outcome.is !== 'performed') return null
  const result = parseResult('draft', outcome.result)
  return result.is === 'draft' ? result : null
}
