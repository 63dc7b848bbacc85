import { blobId } from '../../domain/git-objects.ts'
import type { Sha256 } from '../../domain/hash.ts'
import type { NewBlob } from '../../domain/packs/documents.ts'
import type { Ask } from '../../domain/packs/draft-questions.ts'
import type { ModelUse } from '../../domain/packs/model-use.ts'
import type { PathClaim } from '../../domain/packs/path-facts.ts'
import type { Assumption, Drafter, Step } from '../../domain/packs/plan.ts'
import type { FileMode, FileState } from '../../domain/patch/edit.ts'

/** What stands at a path after the edits, null where nothing does; `bytes` is null for a submodule. */
export type Written = { readonly state: FileState; readonly bytes: Uint8Array | null } | null

export function toWritten(mode: FileMode, bytes: Uint8Array): NonNullable<Written> {
  return { state: { mode, blob: blobId(bytes) }, bytes }
}

/** A draft before it is bound to its run: the files as they shall be, and the commands. */
export type Sketch = {
  readonly is: 'sketch'
  readonly drafter: Drafter
  readonly written: ReadonlyMap<string, Written>
  /** What the drafter takes for granted at each path it changes. */
  readonly claims: readonly PathClaim[]
  readonly runs: readonly { readonly argv: readonly string[]; readonly outputs: readonly string[] }[]
  readonly verify: readonly {
    readonly argv: readonly string[]
    readonly criteria: readonly string[]
    /** Why the plan has it, where that is known from before. */
    readonly because?: string
  }[]
  /** Whether the repository's own checks are added to `verify`; else `noVerify` says why there is none at all. */
  readonly checks: 'with-repository' | 'as-given'
  readonly noVerify: string | null
  readonly reads: readonly string[]
  readonly evidence: readonly string[]
  readonly model: ModelUse | null
  readonly blobs: readonly NewBlob[]
  /** What was taken for granted; nothing where it is left out. */
  readonly assumptions?: readonly Assumption[]
  /** Whether a step rests on the answer to a topic. Left out, every edit and run rests on every answer. */
  readonly restsOn?: (step: Step, about: string) => boolean
}

export type Refused = {
  readonly is: 'refused'
  readonly rule: string
  readonly because: string
  readonly next: string
  readonly blobs: readonly NewBlob[]
}

export type Asking = {
  readonly is: 'questions'
  readonly questions: readonly Ask[]
  readonly blobs: readonly NewBlob[]
}

/** Planning cannot go on before a model has answered this request. */
export type NeedsModel = {
  readonly is: 'needs-model'
  readonly request: Sha256
  readonly turn: number
  readonly host: string
  readonly model: string
  readonly blobs: readonly NewBlob[]
}

/** What became of planning: a draft, questions to people, a no with its reason and what to do next, or more to ask a model. */
export type Outcome = Sketch | Asking | Refused | NeedsModel

/** A change that somebody brings whole: nothing is run for it but the checks that the repository declares. */
export function broughtWhole(change: Pick<Sketch, 'drafter' | 'written' | 'claims'>): Sketch {
  return {
    is: 'sketch',
    ...change,
    runs: [],
    verify: [],
    checks: 'with-repository',
    noVerify: null,
    evidence: [],
    reads: [],
    model: null,
    blobs: [],
  }
}

export function refused(rule: string, because: string, next: string): Refused {
  return { is: 'refused', rule, because, next, blobs: [] }
}

export function asking(questions: readonly Ask[]): Asking {
  return { is: 'questions', questions, blobs: [] }
}
