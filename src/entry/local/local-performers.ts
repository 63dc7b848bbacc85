import { setTimeout as delay } from 'node:timers/promises'
import { readShippedPack } from '../../adapters/control/shipped-pack.ts'
import { GitFailed } from '../../adapters/git/git-process.ts'
import { inflate } from '../../adapters/git/inflate.ts'
import { renderDiff } from '../../adapters/rendering/diff-text.ts'
import { discreetModel } from '../../app/outbound/discreet-model.ts'
import { askModelPerformer } from '../../app/planning/ask-model.ts'
import { memoryPerformer } from '../../app/planning/collect-memory.ts'
import { draftPerformer } from '../../app/planning/draft-performer.ts'
import { promptsIn } from '../../app/planning/prompts.ts'
import { type Performer, type Performers, TryLater, WillNotWork } from '../../app/ports.ts'
import { CheckoutFailed } from '../../app/runner/ports.ts'
import type { EffectKind } from '../../domain/effects.ts'
import { faultInModel, openaiFromEnv } from '../model-from-env.ts'
import { modules } from '../modules.ts'
import { localCommit } from './local-commit.ts'
import { type LocalJobs, localDispatch } from './local-job.ts'

/** What performing on a clone needs; `broke` is told of a failure that nobody expected. */
export type LocalParts = LocalJobs & { readonly broke: (error: unknown) => void }

/** A clone knows five effects; the others write to people, of whom it has none. */
export async function localPerformers(parts: LocalParts): Promise<Performers> {
  const readerFor = () => parts.repository
  const prompts = promptsIn(await readShippedPack())
  const { filter } = parts
  const named = faultInModel(process.env) === undefined ? openaiFromEnv(process.env) : null
  const model = named === null ? null : discreetModel(named, filter)
  return {
    ...toNobody(),
    'collect-memory': once(parts, memoryPerformer({ readerFor, recall: () => Promise.resolve([]) })),
    draft: once(parts, draftPerformer({ readerFor, inflate, render: renderDiff, filter, model, prompts, modules })),
    'ask-model': once(parts, askModelPerformer({ model, wait: (ms) => delay(ms) })),
    dispatch: once(parts, localDispatch(parts)),
    commit: once(parts, localCommit(parts.repository, parts.clocks.record)),
  }
}

function toNobody(): Omit<Performers, 'collect-memory' | 'draft' | 'ask-model' | 'dispatch' | 'commit'> {
  return {
    react: nobody,
    card: nobody,
    comment: nobody,
    check: nobody,
    label: nobody,
    'open-pull-request': nobody,
    'request-review': nobody,
    observe: nobody,
    'look-at-source': nobody,
    'cancel-job': nobody,
    ready: nobody,
    close: nobody,
    'keep-evidence': nobody,
    'mark-rolled-back': nobody,
  }
}

function nobody(): Promise<never> {
  return Promise.reject(new WillNotWork('a plain clone has nobody to tell'))
}

/** On a clone nothing is tried again later: what did not work ends the run, and what nobody expected is told as the bug it is. */
function once<K extends EffectKind>({ broke }: LocalParts, performer: Performer<K>): Performer<K> {
  return async (intended) => {
    try {
      return await performer(intended)
    } catch (error) {
      if (error instanceof WillNotWork) throw error
      if (isExpected(error)) throw new WillNotWork(error.message, { cause: error })
      broke(error)
      throw new WillNotWork('it broke in a way that nobody expected', { cause: error })
    }
  }
}

function isExpected(error: unknown): error is Error {
  return error instanceof TryLater || error instanceof GitFailed || error instanceof CheckoutFailed
}
