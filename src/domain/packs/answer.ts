import type { Question } from './question-pack.ts'

/** What is wrong with a value given for a question, or null. `default` takes the question's default where it has one. */
export function faultInAnswer(question: Question, value: string): string | null {
  const given = value.trim()
  if (given === '') return 'the answer is empty'
  if (given.toLowerCase() === 'default') return question.default === null ? 'this question has no default' : null
  return faultBy[question.answer](given, question)
}

const faultBy: { readonly [A in Question['answer']]: (given: string, question: Question) => string | null } = {
  text: () => null,
  boolean: (given) => (/^(yes|no|true|false)$/i.test(given) ? null : 'answer yes or no'),
  number: (given) => (/^-?[0-9]{1,15}$/.test(given) ? null : 'answer with a whole number'),
  choice: (given, { choices }) => (choices.includes(given) ? null : `answer with one of: ${choices.join(', ')}`),
  path: (given) => (isPlainPath(given) ? null : 'answer with a path inside the repository'),
}

/** The value that an accepted answer stands for. */
export function valueOf(question: Question, value: string): string {
  const given = value.trim()
  return given.toLowerCase() === 'default' && question.default !== null ? question.default : given
}

function isPlainPath(text: string): boolean {
  return text.length <= 4096 && text.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
