/** Lines by number: equal bytes, line feed included, have the same number. */
export type NumberedLines = readonly number[]

/** One character a byte, and no two bytes the same: enough to compare lines. */
const bytewise = new TextDecoder('latin1')

/** The lines of these bytes under the numbers that `ids` has given so far; new lines get new ones. */
export function numberLines(bytes: Uint8Array, ids: Map<string, number>): NumberedLines {
  const pieces = bytewise.decode(bytes).split('\n')
  const last = pieces.pop() ?? ''
  const lines = pieces.map((piece) => `${piece}\n`).concat(last === '' ? [] : [last])
  return lines.map((line) => {
    const id = ids.get(line) ?? ids.size
    ids.set(line, id)
    return id
  })
}
