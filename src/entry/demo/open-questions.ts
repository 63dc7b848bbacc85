import { Evidence } from '../../domain/evidence.ts'
import { Sha256 } from '../../domain/hash.ts'
import { readDocument } from '../../domain/packs/documents.ts'
import { QuestionPack } from '../../domain/packs/question-pack.ts'
import { questionsText } from '../../domain/text/questions.ts'
import type { RunSeen } from './api.ts'

export type OpenQuestions = {
  readonly text: string
  readonly questions: readonly {
    readonly id: string
    readonly about: string
    readonly text: string
    readonly suggestion: string | null
  }[]
}

/** The newest questions of a run, read from its evidence. */
export function openQuestions(bundle: unknown): OpenQuestions {
  const evidence = Evidence.parse(bundle)
  const blobs = new Map(evidence.blobs.map(({ sha256, base64 }) => [sha256, Buffer.from(base64, 'base64')]))
  const asked = evidence.events.findLast((event) => event.type === 'QuestionsAsked')
  const pack = readDocument((sha256) => blobs.get(sha256), Sha256.parse(asked?.data['pack']), QuestionPack)
  const questions = pack.questions.map(({ id, about, text, default: suggestion, choices }) => ({
    id,
    about,
    text,
    suggestion: suggestion ?? choices[0] ?? null,
  }))
  return { text: questionsText(pack, null), questions }
}

/** Whether an effect that is not a timer is still to be performed. */
export function effectsOpen(run: RunSeen): boolean {
  return run.effects.some(({ kind, status }) => kind !== 'timer' && (status === 'due' || status === 'attempted'))
}
