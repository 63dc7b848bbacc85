import { ok, type Result, refuse } from '../domain/result.ts'
import type { Answer, Call, Command, SlashCommand } from './slash-command.ts'

export const answer: SlashCommand = {
  name: 'answer',
  usage: '/agentos answer\nq1: your answer\nq2: default',
  role: 'answer',
  summary: 'Answer open questions, one line each; a question that is left out stays open.',
  parse: parseAnswer,
}

function parseAnswer({ rest, below }: Call): Result<Command, string> {
  const answers: Answer[] = []
  for (const line of [rest, ...below]) {
    if (line.trim() === '' || FENCE.test(line)) continue
    const read = readAnswer(line)
    if (!read.ok) return read
    if (answers.some(({ id }) => id === read.value.id)) return refuse(`${read.value.id} is answered twice`)
    answers.push(read.value)
  }
  return answers.length === 0
    ? refuse('there is no answer; write one line for each, like `q1: yes`')
    : ok({ name: 'answer', answers })
}

/** People may put their answers into a code block. */
const FENCE = /^```(?:[a-z]*)\s*$/

function readAnswer(line: string): Result<Answer, string> {
  const match = /^[ \t]*q([1-9][0-9]?)[ \t]*:(.*)$/i.exec(line)
  if (match === null) return refuse('every line is an answer and begins with its question, like `q1: yes`')
  const id = `q${match[1] ?? ''}`
  const text = (match[2] ?? '').trim()
  if (text === '') return refuse(`${id} has no answer after the colon; leave the line out to keep it open`)
  return ok({ id, value: text.toLowerCase() === 'default' ? { is: 'default' } : { is: 'text', text } })
}
