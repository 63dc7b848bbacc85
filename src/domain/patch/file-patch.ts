import type { FileMode } from './edit.ts'

/** What a patch says of one file, before anyone looked at the base. */
export type FilePatch = {
  /** Line of the patch on which this file begins. */
  readonly line: number
  readonly change: Change
  /** Blob ids of the `index` line as written, often abbreviated; null where there is none. */
  readonly blobs: { readonly before: string; readonly after: string } | null
  readonly body: PatchBody
}

export type Change =
  | { readonly is: 'create'; readonly path: string; readonly mode: FileMode }
  | { readonly is: 'delete'; readonly path: string; readonly mode: FileMode | null }
  | { readonly is: 'modify'; readonly path: string; readonly modes: Modes }
  | { readonly is: 'rename' | 'copy'; readonly from: string; readonly path: string; readonly modes: Modes }

/** Null where the patch does not say: any mode fits before, and the mode stays. */
export type Modes = { readonly before: FileMode | null; readonly after: FileMode | null }

export type PatchBody =
  | { readonly is: 'none' }
  | { readonly is: 'text'; readonly hunks: readonly Hunk[] }
  | { readonly is: 'literal'; readonly bytes: Uint8Array }
  | { readonly is: 'delta'; readonly delta: Uint8Array }

/** Positions count lines from zero. */
export type Hunk = {
  readonly line: number
  readonly oldStart: number
  readonly oldCount: number
  readonly newStart: number
  readonly newCount: number
  readonly lines: readonly HunkLine[]
}

/** The bytes of a line with its line feed; without it where the patch says that there is none. */
export type HunkLine = { readonly sign: ' ' | '-' | '+'; readonly bytes: Uint8Array }

/** Why a text is no patch that can be followed exactly. */
export type PatchRefusal = { readonly line: number; readonly because: string }

/** GitHub refuses larger blobs, so no patch may build one. */
export const MAX_FILE_BYTES = 100 * 1024 * 1024
