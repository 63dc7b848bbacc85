import { z } from 'zod'
import { ObjectId } from '../hash.ts'
import { RunId } from '../ids.ts'
import { Edit, FileState, TreePath } from '../patch/edit.ts'

/** What a run did outside the tree, which no commit takes back. */
export const Outside = z.enum(['history', 'comments', 'checks', 'labels', 'ci', 'downloads'])
export type Outside = z.infer<typeof Outside>

/**
 * What a run left on the branch: the exact difference between two commits, as it was read when its rollback was asked for.
 * `before` of each edit is the recorded former state that the path is to get back.
 */
export const Landed = z.strictObject({
  v: z.literal(1),
  run: RunId,
  /** Its pull request; null for a run on a plain clone. */
  number: z.int().min(1).nullable(),
  before: ObjectId,
  after: ObjectId,
  /** Whether it is exactly what was approved. */
  asApproved: z.boolean(),
  edits: z.array(Edit).min(1).max(10_000),
  outside: z.array(Outside).max(10),
})
export type Landed = z.infer<typeof Landed>

/** What stood at each touched path of a commit when somebody looked. */
export const Stands = z.strictObject({
  v: z.literal(1),
  commit: ObjectId,
  paths: z.array(z.strictObject({ path: TreePath, state: FileState.nullable() })).max(10_000),
})
export type Stands = z.infer<typeof Stands>

const paths = z.array(TreePath).max(10_000)

/** How the touched paths compare with their recorded former state after a rollback. */
export const Undone = z.strictObject({
  run: RunId,
  number: z.int().min(1).nullable(),
  before: ObjectId,
  after: ObjectId,
  asApproved: z.boolean(),
  /** `delivered`: the tree that the rollback delivered; `merged`: what was read at the merge commit. */
  seen: z.enum(['delivered', 'merged']),
  /** They equal their former state, mode and bytes. */
  restored: paths,
  /** They differ from it by what others changed later. */
  kept: paths,
  /** The rollback does not touch them: what the run had done there was gone already. */
  gone: paths,
  outside: z.array(Outside).max(10),
})
export type Undone = z.infer<typeof Undone>
