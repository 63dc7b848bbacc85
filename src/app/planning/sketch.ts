import { blobId } from '../../domain/git-objects.ts'
import type { NewBlob } from '../../domain/packs/documents.ts'
import type { Ask } from '../../domain/packs/draft-questions.ts'
import type { PathClaim } from '../../domain/packs/fabrication-facts.ts'
import type { ModelUse } from '../../domain/packs/model-use.ts'
import type { Drafter } from '../../domain/packs/plan.ts'
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
  readonly verify: readonly { readonly argv: readonly string[]; readonly criteria: readonly string[] }[]
  readonly noVerify: string | null
  readonly reads: readonly string[]
  readonly evidence: readonly string[]
  readonly model: ModelUse | null
  readonly blobs: readonly NewBlob[]
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

/** What became of planning: a draft, questions to people, or a no with its reason and what to do next. */
export type Outcome = Sketch | Asking | Refused

export function refused(rule: string, because: string, next: string): Refused {
  return { is: 'refused', rule, because, next, blobs: [] }
}

export function asking(questions: readonly Ask[]): Asking {
  return { is: 'questions', questions, blobs: [] }
}
