import { createInterface } from 'node:readline/promises'
import { filterFor } from '../process-secrets.ts'

/** Where the story is told, without the secrets of this process: people read it on stdout, or on stderr where stdout belongs to `--json`. */
export type Teller = {
  heading(text: string): void
  line(text: string): void
  /** Who said what, indented. */
  quote(who: string, text: string): void
  block(text: string): void
  /** What is under way; never part of the transcript that `--json` callers read. */
  progress(text: string): void
  /** Asks the person at the terminal; null where nobody is to be asked. */
  ask(question: string, suggestion: string): Promise<string | null>
}

export function teller({ json, alone }: { readonly json: boolean; readonly alone: boolean }): Teller {
  const out = json ? process.stderr : process.stdout
  const isBright = out.isTTY && process.env['NO_COLOR'] === undefined
  const bold = (text: string) => (isBright ? `\u001b[1m${text}\u001b[0m` : text)
  const dim = (text: string) => (isBright ? `\u001b[2m${text}\u001b[0m` : text)
  const filter = filterFor(process.env)
  const write = (text: string) => out.write(`${filter.text(text)}\n`)
  return {
    heading: (text) => write(`\n${bold(text)}`),
    line: (text) => write(text),
    quote: (who, text) => write(indented(`${who}: ${text}`, '  ')),
    block: (text) => write(dim(indented(text.trimEnd(), '    '))),
    progress: (text) => process.stderr.write(`${dim(`… ${filter.text(text)}`)}\n`),
    ask: async (question, suggestion) => {
      if (alone) return null
      const prompt = createInterface({ input: process.stdin, output: process.stderr })
      const given = await prompt.question(`${question} [${suggestion}] `)
      prompt.close()
      return given.trim() === '' ? suggestion : given.trim()
    },
  }
}

function indented(text: string, by: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `${by}${line}`))
    .join('\n')
}
