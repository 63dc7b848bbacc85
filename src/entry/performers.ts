import { setTimeout as delay } from 'node:timers/promises'
import { inflate } from '../adapters/git/inflate.ts'
import type { GithubAccess } from '../adapters/github/access.ts'
import { githubPerformers } from '../adapters/github/performers/github-performers.ts'
import type { OpenLedger } from '../adapters/ledger/open.ts'
import { renderDiff } from '../adapters/rendering/diff-text.ts'
import { signedNow } from '../app/checkpoints.ts'
import { type ControlSource, controlPlaneAt, refusalText } from '../app/control-plane.ts'
import { type KeepsakeSource, keepsakes } from '../app/evidence/kept-evidence.ts'
import { discreetModel } from '../app/outbound/discreet-model.ts'
import { askModelPerformer } from '../app/planning/ask-model.ts'
import { memoryPerformer } from '../app/planning/collect-memory.ts'
import { draftPerformer } from '../app/planning/draft-performer.ts'
import { promptsIn } from '../app/planning/prompts.ts'
import { type GithubDesk, type Performers, WillNotWork } from '../app/ports.ts'
import type { Journal } from '../app/recording.ts'
import { recallFrom } from '../app/remember.ts'
import { markRolledBackPerformer } from '../app/rollback/mark-rolled-back.ts'
import { signGrantWith } from '../app/sign-grant.ts'
import type { ObjectId } from '../domain/hash.ts'
import type { SecretFilter } from '../domain/secrets/secret-filter.ts'
import { openaiFromEnv } from './model-from-env.ts'
import { modules } from './modules.ts'

/** What effects are performed with. */
export type PerformerParts = {
  readonly process: Readonly<Record<string, string | undefined>>
  readonly store: OpenLedger
  readonly runs: Journal
  readonly github: GithubDesk
  readonly control: ControlSource
  readonly filter: SecretFilter
  readonly evidence: KeepsakeSource
}

/** One performer for each kind of effect: on GitHub, by a model, and in this process. */
export function performersFor(parts: PerformerParts, access: GithubAccess): Performers {
  const { store, runs, github, control, filter, evidence } = parts
  const { clock, signer } = evidence
  const readerFor = github.reader
  const named = openaiFromEnv(parts.process)
  const model = named === null ? null : discreetModel(named, filter)
  const prompts = promptsIn(control.shipped)
  const signing = {
    signGrant: signGrantWith(signer),
    keepsakeOf: keepsakes(evidence),
    signedNow: signedNow(evidence),
  }
  return {
    ...githubPerformers({ access, desk: github, currentManifest: currentManifestOf(parts), ...signing }),
    'collect-memory': memoryPerformer({ readerFor, recall: recallFrom(store) }),
    draft: draftPerformer({ readerFor, inflate, render: renderDiff, filter, model, prompts, modules }),
    'ask-model': askModelPerformer({ model, wait: (ms) => delay(ms) }),
    'mark-rolled-back': markRolledBackPerformer({ journal: runs, clock }),
  }
}

function currentManifestOf({ github, control }: PerformerParts) {
  return async (repository: Parameters<GithubDesk['reader']>[0], commit: ObjectId) => {
    const loaded = await controlPlaneAt(control, github.reader(repository), commit)
    if (loaded.ok) return loaded.value.hash
    throw new WillNotWork(`the control plane on the default branch does not hold: ${refusalText(loaded.refusal)}`)
  }
}
