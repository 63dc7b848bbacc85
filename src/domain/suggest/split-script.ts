/** One command of a script, as it stands there. */
export type Piece = { readonly text: string; readonly line: number }

/**
 * Splits a script for a POSIX shell where one command ends and the next begins: at a line end, `;`, `&&` and `||`. It reads
 * quotes, comments and continued lines, and leaves the body of a here-document out; what else is in a piece is for the
 * tokenizer to refuse.
 */
export function splitScript(script: string): readonly Piece[] {
  const text = script.replace(/\r\n/g, '\n').slice(0, MOST)
  const reading: Reading = { text, at: 0, line: 1, piece: '', start: 1, quote: '', ends: [], pieces: [] }
  while (reading.at < text.length) step(reading)
  close(reading)
  return reading.pieces
}

const MOST = 200_000

type Reading = {
  readonly text: string
  at: number
  line: number
  piece: string
  start: number
  quote: string
  /** The words that end the here-documents of this line. */
  ends: string[]
  pieces: Piece[]
}

function step(reading: Reading): void {
  const { text, at, quote } = reading
  const character = text.charAt(at)
  if (character === '\n') newLine(reading)
  else if (character === '\\' && quote !== "'") take(reading, text.slice(at, at + 2))
  else if (quote !== '') inQuotes(reading, character)
  else if (character === "'" || character === '"') openQuote(reading, character)
  else if (character === '#' && /^$|\s$/.test(reading.piece)) reading.at = endOfLine(text, at)
  else between(reading, character)
}

function take(reading: Reading, characters: string): void {
  if (characters === '\\\n') {
    reading.line += 1
    reading.at += 2
    return
  }
  if (reading.piece.trim() === '') reading.start = reading.line
  reading.piece += characters
  reading.at += characters.length
}

function openQuote(reading: Reading, character: string): void {
  reading.quote = character
  take(reading, character)
}

function inQuotes(reading: Reading, character: string): void {
  if (character === reading.quote) reading.quote = ''
  take(reading, character)
}

function between(reading: Reading, character: string): void {
  const rest = reading.text.slice(reading.at, reading.at + 200)
  const operator = /^(?:&&|\|\||;)/.exec(rest)?.[0]
  const here = /^<<-?\s*(['"]?)(\w+)\1/.exec(rest)
  if (operator !== undefined) {
    close(reading)
    reading.at += operator.length
    return
  }
  if (here?.[2] !== undefined) reading.ends.push(here[2])
  take(reading, here?.[0] ?? character)
}

function newLine(reading: Reading): void {
  if (reading.quote !== '') {
    take(reading, '\n')
    reading.line += 1
    return
  }
  close(reading)
  reading.at += 1
  reading.line += 1
  for (const end of reading.ends) skipDocument(reading, end)
  reading.ends = []
}

function skipDocument(reading: Reading, end: string): void {
  while (reading.at < reading.text.length) {
    const stop = endOfLine(reading.text, reading.at)
    const line = reading.text.slice(reading.at, stop).trim()
    reading.at = stop + 1
    reading.line += 1
    if (line === end) return
  }
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

function close(reading: Reading): void {
  const text = reading.piece.trim()
  if (text !== '') reading.pieces.push({ text, line: reading.start })
  reading.piece = ''
}
