import type { EffectBody } from '../../src/domain/effects.ts'
import type { ModelFault } from '../../src/domain/packs/model-call.ts'
import { quoting, type Scene, world } from './given.ts'

export const MODEL_HOST = 'models.example'
export const MODEL = 'm-1'

/** The planner asks a model as many times as `turns` says, before it settles as it would have without one. */
export function asksModel(turns = 1): Scene {
  return (play) => {
    play.world.results.draft = ({ transcript }: EffectBody<'draft'>) => {
      const turn = transcript.length + 1
      if (turn > turns) return undefined
      const request = quoting(play, { v: 1, is: 'test', turn, text: 'x'.repeat(300) })
      return { is: 'needs-model', request, turn, host: MODEL_HOST, model: MODEL }
    }
  }
}

/** The model gives no answer from now on. */
export function modelFails(fault: ModelFault, afterMs = 0): Scene {
  return world((it) => {
    it.results['ask-model'] = () => ({ is: 'failed', fault, because: `it was ${fault}`, next: 'wait', afterMs })
  })
}

/** The model answers again. */
export const modelAnswers: Scene = world((it) => void delete it.results['ask-model'])
