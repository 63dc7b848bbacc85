import type { Positions } from './changes.ts'

/** What one worker tries at a time: every `step`th change of one kind of one bundle. */
export type Share = Positions & { readonly tampering: string; readonly bundle: number; readonly other: number }
