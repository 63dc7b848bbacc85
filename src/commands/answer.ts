import { ok, type Result, refuse } from '../domain/result.ts'
import { faultInValue } from './parse-text.ts'
import type { Answer, Call, Command, SlashCommand } from './slash-command.ts'

export const answer: SlashCommand = {
  name: 'answer',
  usage: '/agentos answer\nq1: your answer\nq2: default',
  role: 'answer',
  summary: 'Answer open questions, one line each; a question that is left out stays open.',
  parse: parseAnswer,
}

type Written = { readonly id: string; readonly lines: string[] }

/** The reply line by line: a line may begin an answer, go on with it where it is indented or in a code block, or be empty. */
function parseAnswer({ rest, below }: Call): Result<Command, string> {
  const written: Written[] = []
  let fence: 'none' | 'whole' | 'answer' = 'none'
  for (const line of [rest, ...below]) {
    const last = written.at(-1)
    if (FENCE.test(line)) {
      const isAnswer: boolean = fence === 'none' && last !== undefined && last.lines.join('') === ''
      fence = fence !== 'none' ? 'none' : isAnswer ? 'answer' : 'whole'
    } else if (fence === 'answer' && last !== undefined) last.lines.push(line)
    else {
      const fault = takeLine(written, line)
      if (fault !== undefined) return refuse(fault)
    }
  }
  return toCommand(written)
}

/** People may put their answers, or one long answer, into a code block. */
const FENCE = /^[ \t]*```(?:[a-z]*)\s*$/
const START = /^[ \t]*q([1-9][0-9]?)[ \t]*:(.*)$/i

function takeLine(written: Written[], line: string): string | undefined {
  const start = START.exec(line)
  const last = written.at(-1)
  if (start !== null) {
    const id = `q${start[1] ?? ''}`
    if (written.some((one) => one.id === id)) return `${id} is answered twice`
    written.push({ id, lines: [(start[2] ?? '').trim()] })
    return undefined
  }
  if (line.trim() === '') last?.lines.push('')
  else if (last !== undefined && /^(?: {2}|\t)/.test(line)) last.lines.push(line.trim())
  else
    return 'every line is an answer and begins with its question, like `q1: yes`; indent the further lines of a long one'
  return undefined
}

function toCommand(written: readonly Written[]): Result<Command, string> {
  const answers = written.map(({ id, lines }): Answer => {
    const text = lines.join('\n').trim()
    return { id, value: text.toLowerCase() === 'default' ? { is: 'default' } : { is: 'text', text } }
  })
  const empty = answers.find(({ value }) => value.is === 'text' && value.text === '')
  if (empty !== undefined)
    return refuse(`${empty.id} has no answer after the colon; leave the line out to keep it open`)
  const faults = answers.flatMap(({ id, value }) => (value.is === 'text' ? (faultInValue(id, value.text) ?? []) : []))
  const [fault] = faults
  if (fault !== undefined) return refuse(fault)
  return answers.length === 0
    ? refuse('there is no answer; write one line for each, like `q1: yes`')
    : ok({ name: 'answer', answers })
}
