import type { Verdicts } from '../packs/verdicts.ts'

type Is = Verdicts['asked'][number]['is']

/** A place in a run's record: the event that tells the verdict, or else the input; `input` is the input's type. */
export type At = { readonly stream: string; readonly seq: number; readonly input: string }

/** A gate that says something else under other rules. `was` is null where it was not asked; `at` is the moment of asking. */
export type Flip = At & {
  readonly at: string
  readonly gate: string
  readonly was: Is | null
  readonly now: Is
  readonly because: { readonly was: string; readonly now: string }
}

/** What nobody can say, because a rule asks for a fact that was not recorded. */
export type Unknown = At & {
  readonly at: string
  readonly gate: string
  readonly was: Is | null
  readonly because: string
}

/** Other decisions than those on record. */
export type Turn = At & { readonly was: readonly string[]; readonly now: readonly string[] }

/** One run under other rules: the number of recorded verdicts, and what is not the same. */
export type RunShadow = {
  readonly verdicts: number
  readonly flips: readonly Flip[]
  readonly unknown: readonly Unknown[]
  readonly turns: readonly Turn[]
}
