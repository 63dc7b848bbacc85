import type { SignedNow } from '../../../app/checkpoints.ts'
import type { KeepsakeOf } from '../../../app/evidence/kept-evidence.ts'
import type { GithubDesk, Performers } from '../../../app/ports.ts'
import type { GithubAccess } from '../access.ts'
import { cancelJobPerformer } from './cancel-job.ts'
import { cardPerformer } from './card.ts'
import { checkPerformer } from './check.ts'
import { closePerformer } from './close.ts'
import { commentPerformer } from './comment.ts'
import { commitPerformer } from './commit.ts'
import { dispatchPerformer, type SignGrant } from './dispatch.ts'
import { keepEvidencePerformer } from './keep-evidence.ts'
import { labelPerformer } from './label.ts'
import { lookAtSourcePerformer } from './look-at-source.ts'
import { type CurrentManifest, observePerformer } from './observe.ts'
import { openPullRequestPerformer } from './open-pull-request.ts'
import { reactPerformer } from './react.ts'
import { readyPerformer } from './ready.ts'
import { requestReviewPerformer } from './request-review.ts'

export type GithubParts = {
  readonly access: GithubAccess
  readonly desk: GithubDesk
  readonly signGrant: SignGrant
  readonly currentManifest: CurrentManifest
  readonly keepsakeOf: KeepsakeOf
  readonly signedNow: SignedNow
}

/** The effects that GitHub carries out; collecting memory, drafting and asking a model are the planner's. */
export function githubPerformers(
  parts: GithubParts,
): Omit<Performers, 'collect-memory' | 'draft' | 'ask-model' | 'mark-rolled-back'> {
  const { access, desk } = parts
  return {
    react: reactPerformer(access),
    card: cardPerformer(access),
    comment: commentPerformer(access),
    check: checkPerformer(access, parts.signedNow),
    label: labelPerformer(access),
    'open-pull-request': openPullRequestPerformer(access),
    commit: commitPerformer(access, desk),
    'request-review': requestReviewPerformer(access, desk),
    'look-at-source': lookAtSourcePerformer(access),
    observe: observePerformer(parts),
    dispatch: dispatchPerformer(access, parts.signGrant),
    'cancel-job': cancelJobPerformer(access),
    ready: readyPerformer(access),
    close: closePerformer(access),
    'keep-evidence': keepEvidencePerformer(access, parts.keepsakeOf),
  }
}
