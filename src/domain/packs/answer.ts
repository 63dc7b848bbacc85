import type { Question } from './question-pack.ts'

export type PathFound = { readonly path: string; readonly kind: 'file' | 'folder' | 'link' | 'submodule' | null }

/**
 * What is wrong with a value given for a question, or null. `default` takes the question's default where it has one. `paths`
 * says what stands at the base; a path that nobody looked up is refused.
 */
export function faultInAnswer(question: Question, value: string, paths: readonly PathFound[]): string | null {
  const given = value.trim()
  if (given === '') return 'the answer is empty'
  if (given.toLowerCase() === 'default' && question.default === null) return 'this question has no default'
  return faultBy[question.answer](valueOf(question, given), question, paths)
}

type FaultIn = (given: string, question: Question, paths: readonly PathFound[]) => string | null

const faultBy: { readonly [A in Question['answer']]: FaultIn } = {
  text: () => null,
  boolean: (given) => (/^(yes|no|true|false)$/i.test(given) ? null : 'answer yes or no'),
  number: (given) => (/^-?[0-9]{1,15}$/.test(given) ? null : 'answer with a whole number'),
  choice: (given, { choices }) => (choices.includes(given) ? null : `answer with one of: ${choices.join(', ')}`),
  path: faultInPath,
}

/** The value that an accepted answer stands for. */
export function valueOf(question: Question, value: string): string {
  const given = value.trim()
  return given.toLowerCase() === 'default' && question.default !== null ? question.default : given
}

function faultInPath(given: string, { path: wanted }: Question, paths: readonly PathFound[]): string | null {
  if (!isPlainPath(given)) return 'answer with a path inside the repository'
  const found = paths.find((one) => one.path === given)
  if (found === undefined) return `nobody looked whether ${given} is there`
  if (found.kind === 'link' || found.kind === 'submodule') return `${given} is a ${found.kind}, which no plan follows`
  if (wanted === 'existing' && found.kind === null) return `${given} does not exist at the base commit`
  if (wanted === 'new' && found.kind !== null) return `${given} exists at the base commit already`
  return null
}

export function isPlainPath(text: string): boolean {
  return text.length <= 4096 && text.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
