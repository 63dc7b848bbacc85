import type { Question } from '../../src/domain/packs/question-pack.ts'

/** A blocker that anyone with the right may answer in words, but for what is said otherwise. */
export function aQuestion(parts: Partial<Question> = {}): Question {
  return {
    id: 'q1',
    type: 'blocker',
    about: 'p',
    text: 'Which?',
    impact: '',
    answer: 'text',
    choices: [],
    suggestions: [],
    path: null,
    default: null,
    evidence: [],
    who: 'anyone-with-role',
    ...parts,
  }
}
